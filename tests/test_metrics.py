import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, brier_score_loss, f1_score, precision_score, recall_score

from evals.metrics import MEASURES, UNMEASURED, Number, by_kind, mean_number, numbers, quantile_number
from evals.run import Finished
from evals.score import score_all
from tests.made import FACTS, TEXTS, answered, case, places, refused


def measured(*finished: Finished) -> dict[str, Number]:
    return numbers(score_all(list(finished), FACTS, TEXTS))


def values(*finished: Finished) -> dict[str, float | None]:
    return {key: number.value for key, number in measured(*finished).items()}


def test_numbers_by_hand() -> None:
    found = values(
        answered(case("a", "tea"), 0, confidence=0.9, ranking=places(0, 1, 2), ms=10),
        answered(case("b", "tea"), 2, confidence=0.8, ranking=places(2, 0, 1), ms=20),
        refused(case("c", "milk"), confidence=0.4, ranking=places(1, 0, 2), ms=30),
        answered(case("d"), 0, confidence=0.7, ranking=places(0, 1, 2), ms=40),
        refused(case("e"), confidence=0.0, ms=50),
    )
    assert found["right"] == pytest.approx(1 / 3)
    assert found["wrongly_refused"] == pytest.approx(1 / 3)
    assert found["refused"] == 1 / 2
    assert found["refusal_precision"] == 1 / 2
    assert found["refusal_f1"] == 1 / 2
    assert found["balanced_accuracy"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert (found["citation_recall"], found["citation_precision"], found["verbatim"]) == (0.5, 0.5, 1.0)
    assert found["mrr"] == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert found["recall_at_1"] == pytest.approx(2 / 3)
    assert found["recall_at_3"] == 1.0
    assert found["brier"] == pytest.approx((0.1**2 + 0.2**2 + 0.6**2 + 0.7**2 + 0) / 5)
    assert found["median_ms"] == 30
    assert found["p95_ms"] == pytest.approx(48)


def test_refusals_are_counted_as_scikit_learn_counts_them() -> None:
    random = np.random.default_rng(7)
    finished = []
    for number in range(200):
        asked = case(f"c{number}", *(["tea"] if random.random() < 0.6 else []))
        finished.append((refused if random.random() < 0.5 else answered)(asked, confidence=float(random.random())))
    found = values(*finished)
    unanswerable = [not one.case.answerable for one in finished]
    was_refused = [one.reply.status == "not_stated" for one in finished]
    assert found["refusal_precision"] == pytest.approx(precision_score(unanswerable, was_refused))
    assert found["refused"] == pytest.approx(recall_score(unanswerable, was_refused))
    assert found["refusal_f1"] == pytest.approx(f1_score(unanswerable, was_refused))
    assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(unanswerable, was_refused))
    assert found["brier"] == pytest.approx(brier_score_loss([not u for u in unanswerable], [one.reply.confidence for one in finished]))


def test_what_cannot_be_measured_is_unmeasured_never_zero() -> None:
    only_refusals = values(refused(case("a")), refused(case("b")))
    for key in (
        "right",
        "wrongly_refused",
        "citation_recall",
        "citation_precision",
        "verbatim",
        "mrr",
        "recall_at_1",
        "balanced_accuracy",
        "calibration_error",
    ):
        assert only_refusals[key] is None, key
    assert only_refusals["refused"] == 1.0
    assert measured() == {measure.key: UNMEASURED for measure in MEASURES}
    nothing_refused = values(answered(case("a", "tea"), 0), answered(case("b"), 0))
    assert nothing_refused["refusal_precision"] is None
    assert nothing_refused["refusal_f1"] == 0.0


def test_an_interval_holds_the_value_and_narrows_with_more_cases() -> None:
    few = mean_number([0.0, 1.0] * 10)
    many = mean_number([0.0, 1.0] * 500)
    for number in (few, many):
        assert number.low is not None
        assert number.high is not None
        assert number.low < 0.5 < number.high
    assert (few.high or 0) - (few.low or 0) > 3 * ((many.high or 0) - (many.low or 0))
    # The standard error of a share of 0.5 among 1,000 is 0.0158, so the interval is 0.5 plus or minus 0.031.
    assert many.low == pytest.approx(0.469, abs=0.005)
    assert many.high == pytest.approx(0.531, abs=0.005)


def test_an_interval_needs_two_cases_and_is_the_same_every_time() -> None:
    assert mean_number([0.25]) == Number(0.25, None, None, 1)
    assert mean_number([]) == UNMEASURED
    assert quantile_number([1.0, 5.0, 2.0], 0.5) == quantile_number([1.0, 5.0, 2.0], 0.5)


def test_kinds_are_measured_one_by_one() -> None:
    finished = [answered(case("a", "tea", kind="x"), 0), answered(case("b", "tea", kind="y"), 2), refused(case("c", kind="z"))]
    found = by_kind(score_all(finished, FACTS, TEXTS))
    assert {kind: measures["right"].value for kind, measures in found.items()} == {"x": 1.0, "y": 0.0, "z": None}
    assert found["z"]["refused"].value == 1.0
