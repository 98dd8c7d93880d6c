import json
from pathlib import Path

import pytest

from assistant.reply import Turn
from evals.cases import FACTS, SOURCES, STATEMENT, load_cases, load_facts
from evals.texts import read_texts
from index.errors import CaseError

FACT = {"id": "f", "fact": "A fact.", "document": "a.txt", "spans": [{"start": 0, "end": 4, "quote": "Some"}]}
CASE = {"id": "c", "split": "dev", "kind": "plain", "question": "What?", "facts": ["f"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("Some text.", encoding="utf-8")
    write(tmp_path / "facts.jsonl", FACT)
    return tmp_path


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_cases_of_the_statement_are_many_and_of_every_kind() -> None:
    cases = load_cases()
    assert len(cases) >= 400
    assert sum(case.answerable for case in cases) >= 250
    assert sum(not case.answerable for case in cases) >= 150
    for half in ("dev", "test"):
        kinds = {case.kind for case in cases if case.split == half}
        assert kinds >= {"plain", "casual", "telegraphic", "misspelt", "reworded", "yesno", "false_premise", "time", "two_sentences", "list", "broad"}
        assert kinds >= {"follow_up", "follow_up_none", "near", "other_topic", "off_topic", "takeover"}
    assert all(case.history for case in cases if case.kind == "follow_up")


def test_the_facts_cover_every_clause_of_the_article() -> None:
    facts = load_facts()
    assert len(facts) >= 50
    (text,) = read_texts(SOURCES).values()
    told = [False] * len(text.text)
    for fact in facts.values():
        for start, end in fact.spans:
            told[start:end] = [True] * (end - start)
    for sentence in text.sentences:
        words = [n for n in range(sentence.start, sentence.end) if text.text[n].isalnum()]
        assert sum(told[n] for n in words) >= 0.8 * len(words), sentence.text


def test_the_files_are_where_the_defaults_say() -> None:
    assert FACTS.is_file()
    assert STATEMENT.is_file()


def test_a_case_is_read_with_its_history(folder: Path) -> None:
    history = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ann."}]
    path = write(folder / "cases.jsonl", CASE | {"history": history, "short": ["x"]}, "", CASE | {"id": "d"})
    facts = load_facts(folder / "facts.jsonl", folder)
    first, second = load_cases(path, facts)
    assert first.history == (Turn("user", "Who?"), Turn("assistant", "Ann."))
    assert first.short == ("x",)
    assert second.history == ()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "not JSON"),
        ("[1]", "a JSON object is expected"),
        (CASE | {"facts": ["g"]}, "there is no fact 'g'"),
        (CASE | {"okay": ["g"]}, "there is no fact 'g'"),
        (CASE | {"answer": "x"}, "no field 'answer'"),
        (CASE | {"split": "train"}, "'train'"),
        (CASE | {"question": " "}, '"question"'),
        (CASE | {"facts": "f"}, '"facts"'),
        ({name: value for name, value in CASE.items() if name != "facts"}, '"facts"'),
        (CASE | {"facts": [], "short": ["x"]}, '"short"'),
        (CASE | {"history": [{"role": "system", "content": "x"}]}, '"role"'),
        (CASE | {"history": ["x"]}, '"history"'),
        (CASE | {"question": "Else?"}, "the id 'c' stands there twice"),
        (CASE | {"id": "d", "question": " What? "}, "asked by 'c' already"),
    ],
)
def test_a_bad_case_is_refused_with_file_and_line(folder: Path, row: object, said: str) -> None:
    path = write(folder / "cases.jsonl", CASE, row)
    with pytest.raises(CaseError) as error:
        load_cases(path, load_facts(folder / "facts.jsonl", folder))
    assert str(error.value).startswith(f"{path}, line 2: ")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (FACT, "the fact 'f' stands there twice"),
        (FACT | {"id": "g", "spans": []}, "expected"),
        (FACT | {"id": "g", "spans": [{"start": 0, "end": 4, "quote": "some"}]}, "a.txt says 'Some' at 0 to 4, not 'some'"),
        (FACT | {"id": "g", "spans": [{"start": 5, "end": 11, "quote": "text."}]}, "not inside a.txt, which is 10 characters long"),
        (FACT | {"id": "g", "spans": [{"start": "0", "end": 4, "quote": "Some"}]}, "a span is"),
        (FACT | {"id": "g", "document": "b.txt"}, "the document 'b.txt' cannot be used"),
    ],
)
def test_a_bad_fact_is_refused_with_file_and_line(folder: Path, row: object, said: str) -> None:
    path = write(folder / "facts.jsonl", FACT, row)
    with pytest.raises(CaseError) as error:
        load_facts(path, folder)
    assert str(error.value).startswith(f"{path}, line 2: ")
    assert said in str(error.value)


def test_a_file_that_is_missing_empty_or_not_utf8_is_refused(folder: Path) -> None:
    facts = load_facts(folder / "facts.jsonl", folder)
    with pytest.raises(CaseError, match="cannot read"):
        load_cases(folder / "none.jsonl", facts)
    with pytest.raises(CaseError, match="holds no case"):
        load_cases(write(folder / "empty.jsonl", ""), facts)
    (folder / "latin.jsonl").write_bytes(b"\xe9")
    with pytest.raises(CaseError, match="not UTF-8"):
        load_cases(folder / "latin.jsonl", facts)
