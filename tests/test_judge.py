import json
from pathlib import Path

import pytest
from langchain_core.language_models import FakeListChatModel

from assistant.models import LanguageModel
from evals.cases import SOURCES, load_cases, load_facts
from evals.judge import agreement, judge_run, judging, load_labels, read_verdict, to_judge
from evals.score import score_all
from evals.texts import read_texts
from index.errors import CaseError, ModelError
from tests.made import FACTS, TEXTS, answered, case, refused

CASES = load_cases()


def test_there_are_sixty_labelled_answers_of_both_sorts_to_questions_for_tuning() -> None:
    labels = load_labels(CASES)
    assert len(labels) >= 60
    assert min(sum(one.label == label for one in labels) for label in ("right", "wrong")) >= 25
    assert all(one.case.split == "dev" and one.case.answerable for one in labels)
    assert len({(one.case.id, one.answer) for one in labels}) == len(labels)


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [("RIGHT", "right"), ("Wrong.", "wrong"), (" **RIGHT** because", "right"), ("It is right", None), ("", None), ("maybe", None)],
)
def test_a_verdict_is_read_from_the_first_word(reply: str, verdict: str | None) -> None:
    assert read_verdict(reply) == verdict


def test_the_judge_is_shown_text_question_facts_and_answer() -> None:
    shown = []

    class Showing(FakeListChatModel):
        def _call(self, messages, *args, **kwargs):  # type: ignore[no-untyped-def]
            shown.append("\n".join(str(message.content) for message in messages))
            return super()._call(messages, *args, **kwargs)

    one = next(labelled for labelled in load_labels(CASES) if labelled.case.history)
    assert judging(Showing(responses=["RIGHT"]), load_facts(), read_texts(SOURCES)).invoke((one.case, one.answer)) == "right"
    (prompt,) = shown
    for part in (one.case.question, one.answer, one.case.history[0].content, load_facts()[one.case.facts[0]].text, "signed by the Soviet Union"):
        assert part in prompt


def test_kappa_by_hand() -> None:
    labels = load_labels(CASES)
    right = [one for one in labels if one.label == "right"][:5]
    wrong = [one for one in labels if one.label == "wrong"][:5]
    # 4 of 5 and 3 of 5 alike: observed 0.7; expected 0.5 * 0.6 + 0.5 * 0.4 = 0.5; kappa = 0.2 / 0.5.
    found = agreement([*right, *wrong], ["right"] * 4 + ["wrong"] + ["wrong"] * 3 + ["right"] * 2)
    assert (found.same, found.measured, found.labels) == (7, 10, 10)
    assert found.kappa == pytest.approx(0.4)


def test_a_reply_that_is_no_verdict_is_unmeasured() -> None:
    labels = load_labels(CASES)[:4]
    found = agreement(labels, [labels[0].label, None, None, labels[3].label])
    assert (found.same, found.measured, found.labels) == (2, 2, 4)
    assert agreement(labels, [None] * 4).kappa is None


def test_a_run_is_judged_where_it_answered_what_has_an_answer() -> None:
    finished = [answered(case("a", "tea"), 0), answered(case("b", "milk"), 1), refused(case("c", "tea")), answered(case("d"), 0)]
    scored = score_all(finished, FACTS, TEXTS)
    assert [one.case.id for one in to_judge(scored)] == ["a", "b"]
    model = LanguageModel("fake", FakeListChatModel(responses=["RIGHT", "WRONG"]), ())
    ticks: list[None] = []
    found = judge_run(model, scored, (), FACTS, TEXTS, lambda: ticks.append(None))
    assert found.verdicts == {"a": "right", "b": "wrong"}
    assert found.right.value == 0.5
    assert found.agreement.kappa is None
    assert len(ticks) == 2


def test_a_judge_that_fails_is_a_user_error() -> None:
    class Failing(FakeListChatModel):
        def _call(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            raise ConnectionError("no one there")

    scored = score_all([answered(case("a", "tea"), 0)], FACTS, TEXTS)
    with pytest.raises(ModelError, match="the judge fake failed"):
        judge_run(LanguageModel("fake", Failing(responses=["x"]), (OSError,)), scored, (), FACTS, TEXTS)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "not a JSON object"),
        ('{"case": "dev-001", "answer": "x"}', "expected"),
        ('{"case": "dev-001", "answer": "x", "label": "good"}', "expected"),
        ('{"case": "none", "answer": "x", "label": "right"}', "no case 'none'"),
    ],
)
def test_a_bad_label_is_refused_with_its_line(tmp_path: Path, row: str, said: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps({"case": "dev-001", "answer": "x", "label": "right"}) + f"\n{row}\n", encoding="utf-8")
    with pytest.raises(CaseError, match=f"line 2: .*{said}"):
        load_labels(CASES, path)
