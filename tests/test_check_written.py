import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from evals.check_written import COUNT, MOST_BY_HAND, Said, main, read_written, said_in, sample, share, stands
from evals.texts import Text, read_texts
from index.errors import CaseError

ARTICLE = "putin-inf-treaty-statement.txt"


@pytest.fixture(scope="module")
def texts(sources: Path) -> dict[str, Text]:
    return read_texts(sources)


def reply(answer: str, *spans: tuple[int, int], answerer: str = "local:x") -> dict[str, object]:
    citations = [{"number": number, "document": ARTICLE, "start": start, "end": end} for number, (start, end) in enumerate(spans, start=1)]
    return {"answer": answer, "answerer": answerer, "citations": citations}


def spans_of(texts: dict[str, Text], *numbers: int) -> list[tuple[int, int]]:
    return [(texts[ARTICLE].sentences[n].start, texts[ARTICLE].sentences[n].end) for n in numbers]


def test_what_is_just_quoted_is_not_what_the_model_wrote(texts: dict[str, Text]) -> None:
    quoted = texts[ARTICLE].sentences[12].read
    began, left = spans_of(texts, 11, 12)
    found = said_in("a", reply(f"The treaty was signed in 1987. [1] {quoted} [2]", began, left), texts)
    assert found == [Said("a", ARTICLE, "The treaty was signed in 1987.", (began,))]


def test_the_check_is_made_again_on_what_is_kept(texts: dict[str, Text]) -> None:
    (began,) = spans_of(texts, 11)
    assert stands(Said("a", ARTICLE, "The treaty was signed in 1987.", (began,)), texts)
    assert not stands(Said("a", ARTICLE, "The treaty was signed in 1986.", (began,)), texts)


def test_answers_are_counted_not_sentences() -> None:
    one, two, three = Said("a", "t", "x", ()), Said("a", "t", "y", ()), Said("b", "t", "z", ())
    assert share([one, two, three], {one: True, two: True, three: False}) == 0.5


def test_a_sample_is_spread_over_the_written_answers(texts: dict[str, Text], tmp_path: Path) -> None:
    (began,) = spans_of(texts, 11)
    rows = [{"id": str(n), "reply": reply("Signed in 1987. [1]", began)} for n in range(6)]
    rows.insert(0, {"id": "q", "reply": reply("Signed in 1987. [1]", began, answerer="quotes")})
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"cases": rows}))
    assert [one.case for one in sample(report, texts, 3)] == ["0", "2", "4"]
    with pytest.raises(CaseError, match="6 written answers, and 7 are wanted"):
        sample(report, texts, 7)


def test_the_labels_kept_are_within_their_bounds() -> None:
    kept = read_written()
    assert len({one.case for one in kept}) == COUNT
    assert share(kept, {one: one.supported is not True for one in kept}) <= MOST_BY_HAND
    done = CliRunner().invoke(main, [])
    assert done.exit_code == 0, done.output


def test_a_report_that_is_none_is_one_line(tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, ["--sample", str(tmp_path / "none.json")])
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
