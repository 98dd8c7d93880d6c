import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import QuestionFileError
from index.passages import split
from index.questions import MOST, IndexedQuestion, question_file, read_questions, write_questions
from index.source import Source, read_source

TEXT = "The treaty was signed in 1987. It ended in 2019."
SOURCE = Source("a.txt", TEXT, "5e1f")
SENTENCES = split(SOURCE)[1]
HEAD = {"source": "a.txt", "sha256": "5e1f"}
SIGNED = {"question": "When was it signed?", "spans": [[15, 29]]}
ENDED = {"question": "When did it end?", "spans": [[31, 47]]}


def file_of(folder: Path, *rows: object) -> Path:
    path = folder / "a.questions.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8")
    return path


def refused(path: Path) -> str:
    with pytest.raises(QuestionFileError) as caught:
        read_questions(path, SOURCE, SENTENCES)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_questions_of_the_article_fit_it(sources: Path) -> None:
    path = sources / "putin-inf-treaty-statement.txt"
    source = read_source(path, sources)
    questions = read_questions(question_file(path), source, split(source)[1])
    assert len(questions) > 1_000
    assert any(not question.spans for question in questions)
    assert 3 <= sum(question.example for question in questions) <= 10


def test_it_lies_beside_its_source() -> None:
    assert question_file(Path("docs/a.b.txt")) == Path("docs/a.b.questions.jsonl")


def test_questions_in_file_order(tmp_path: Path) -> None:
    follow_up = {"question": "And the end?", "spans": [[31, 47]], "after": ["When was it signed?"], "example": True}
    found = read_questions(file_of(tmp_path, HEAD, SIGNED, "", follow_up, {"question": "Where?", "spans": []}), SOURCE, SENTENCES)
    assert found == (
        IndexedQuestion("When was it signed?", ((15, 29),)),
        IndexedQuestion("And the end?", ((31, 47),), True, ("When was it signed?",)),
        IndexedQuestion("Where?", ()),
    )
    assert found[1].standalone.endswith("And the end?")
    assert found[1].standalone.startswith("When was it signed?")


def test_no_file_no_questions(tmp_path: Path) -> None:
    assert read_questions(tmp_path / "a.questions.jsonl", SOURCE, SENTENCES) == ()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("9" * 5_000, "not JSON"),
        ("[]", "object"),
        ({"spans": []}, "expected"),
        ({"question": " ", "spans": []}, "expected"),
        ({"question": 5, "spans": []}, "expected"),
        ({"question": "Half \ud800?", "spans": []}, "expected"),
        ({"question": "Why?"}, "expected"),
        ({"question": "Why?", "spans": [], "answer": "x"}, "expected"),
        ({"question": "Why?", "spans": [], "after": "x"}, "expected"),
        ({"question": "Why?", "spans": [], "after": [1]}, "expected"),
        ({"question": "Why?", "spans": [[0]]}, "span"),
        ({"question": "Why?", "spans": [[0, True]]}, "span"),
        ({"question": "Why?", "spans": [[0, 1.5]]}, "span"),
        ({"question": "Why?", "spans": [[5, 5]]}, "span"),
        ({"question": "Why?", "spans": [[-5, 5]]}, "span"),
        ({"question": "Why?", "spans": [[40, 4_000]]}, "span"),
        ({"question": "Why?", "spans": [[15, 35]]}, "span"),  # across two sentences
        ({"question": " when WAS it  signed?", "spans": []}, "twice"),
    ],
)
def test_a_line_that_does_not_fit_is_named(tmp_path: Path, row: object, reason: str) -> None:
    message = refused(file_of(tmp_path, HEAD, SIGNED, row))
    assert "line 3" in message
    assert reason in message


@pytest.mark.parametrize("rows", [(), ("not JSON",), ({"source": "a.txt"}, SIGNED), ({"source": "a.txt", "sha256": "0000"}, SIGNED)])
def test_a_file_of_another_version_of_the_source(tmp_path: Path, rows: tuple[object, ...]) -> None:
    assert "a.questions.jsonl" in refused(file_of(tmp_path, *rows))


def test_a_file_that_cannot_be_used_as_a_whole(tmp_path: Path) -> None:
    assert "no question that a.txt answers" in refused(file_of(tmp_path, HEAD, {"question": "Where?", "spans": []}))
    assert f"{MOST:,}" in refused(file_of(tmp_path, HEAD, SIGNED, *({"question": f"{n}?", "spans": []} for n in range(MOST))))
    (tmp_path / "a.questions.jsonl").write_bytes(b"\xff\xfe")
    assert "cannot read" in refused(tmp_path / "a.questions.jsonl")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(min_size=1).map(lambda text: f"What of {text}?"), max_size=5, unique_by=lambda text: " ".join(text.lower().split())))
def test_what_is_written_is_read(tmp_path: Path, texts: list[str]) -> None:
    questions = [IndexedQuestion("When was it signed?", ((15, 29), (31, 47)), True), *(IndexedQuestion(text, (), after=(text, "Why?")) for text in texts)]
    path = tmp_path / "b.questions.jsonl"
    write_questions(path, SOURCE, questions)
    assert read_questions(path, SOURCE, SENTENCES) == tuple(questions)
    assert [found.name for found in tmp_path.iterdir()] == ["b.questions.jsonl"]
