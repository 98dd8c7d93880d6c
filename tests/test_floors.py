from pathlib import Path

import pytest
from langchain_core.runnables import RunnableLambda

from assistant.reply import Ask, Citation, Reply
from evals.cases import load_cases, load_facts
from evals.floors import Checked, check_floors, read_floors
from evals.run import Answerer, ask_cases
from evals.score import score_all
from evals.texts import Text, read_texts
from index.errors import CaseError


@pytest.fixture(scope="module")
def texts(sources: Path) -> dict[str, Text]:
    return read_texts(sources)


def citing(text: Text, *numbers: int) -> Answerer:
    """Answers every question with these sentences; with none, refuses every question."""
    sentences = [text.sentences[number] for number in numbers]
    citations = tuple(Citation(n, text.name, s.passage, s.start, s.end, s.text) for n, s in enumerate(sentences, start=1))
    answer = " ".join(sentence.read for sentence in sentences)

    def reply(ask: Ask) -> Reply:
        if not citations:
            return Reply(ask.question, ask.question, "not_stated", "The statement does not say.", 0.0, "broken")
        return Reply(ask.question, ask.question, "answered", answer, 1.0, "broken", citations)

    return Answerer("broken", RunnableLambda(reply))


def floors_missed(answerer: Answerer, texts: dict[str, Text]) -> dict[str, float | None]:
    cases = [case for case in load_cases() if case.split == "dev"]
    scored = score_all(ask_cases(answerer, cases), load_facts(), texts)
    return {f"{one.floor.measure} {one.floor.kind or ''}".strip(): one.value for one in check_floors(read_floors(), scored) if not one.holds}


def test_an_answerer_that_always_gives_the_first_sentence_is_caught(texts: dict[str, Text]) -> None:
    (text,) = texts.values()
    missed = floors_missed(citing(text, 0), texts)
    assert missed.keys() >= {"right", "refused", "citation_precision", "right follow_up", "calibration_error"}
    assert missed["refused"] == 0.0
    assert "verbatim" not in missed


def test_an_answerer_that_always_refuses_is_caught(texts: dict[str, Text]) -> None:
    (text,) = texts.values()
    missed = floors_missed(citing(text), texts)
    assert missed.keys() == {"right", "wrongly_refused", "citation_precision", "right follow_up", "verbatim", "calibration_error"}
    assert (missed["right"], missed["wrongly_refused"]) == (0.0, 1.0)
    assert missed["citation_precision"] is None


def test_an_answerer_that_cites_everything_is_caught(texts: dict[str, Text]) -> None:
    (text,) = texts.values()
    missed = floors_missed(citing(text, *range(len(text.sentences))), texts)
    assert missed.keys() == {"refused", "citation_precision", "calibration_error"}
    assert (missed["citation_precision"] or 0) < 0.5


def test_a_bound_is_met_at_its_very_value() -> None:
    floors = {floor.measure: floor for floor in read_floors() if floor.kind is None}
    assert floors["right"].holds(0.92)
    assert not floors["right"].holds(0.9199)
    assert floors["wrongly_refused"].holds(0.06)
    assert not floors["wrongly_refused"].holds(0.0601)
    assert not floors["right"].holds(None)
    assert not Checked(floors["verbatim"], None).holds
    assert str(floors["right"]) == "at least 0.92"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[floor", "cannot read"),
        ("", "no \\[\\[floor\\]\\]"),
        ('[[floor]]\nmeasure = "rihgt"\nat_least = 1', "no measure 'rihgt'"),
        ('[[floor]]\nmeasure = "right"', "at_least or at_most"),
        ('[[floor]]\nmeasure = "right"\nat_least = "1"', "at_least or at_most"),
        ('[[floor]]\nmeasure = "right"\nat_lest = 1', "no field 'at_lest'"),
    ],
)
def test_a_bad_floor_is_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "floors.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CaseError, match=said):
        read_floors(path)
