import json
import math
from pathlib import Path

import numpy as np
import pytest

from evals.fit import write_part
from evals.logistic import Logistic, balanced_accuracy, best_threshold, fit_choice, fit_logistic, thresholds

SCORES = np.array([0.1, 0.4, 0.3, 0.8, 0.9])
ANSWERABLE = np.array([False, False, True, True, True])


def test_balanced_accuracy_by_hand() -> None:
    assert balanced_accuracy(SCORES >= 0.35, ANSWERABLE) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert balanced_accuracy(ANSWERABLE, ANSWERABLE) == 1
    assert balanced_accuracy(~ANSWERABLE, ANSWERABLE) == 0


def test_the_best_threshold_by_hand() -> None:
    # from 0.2 on: refused 1/2, lost 0, balanced 0.75; from 0.6 on: refused 1, lost 1/3, balanced 0.83
    assert best_threshold(SCORES, ANSWERABLE) == pytest.approx(0.6)
    assert balanced_accuracy(SCORES >= 0.6, ANSWERABLE) == pytest.approx((2 / 3 + 1) / 2)


def test_equal_scores_are_not_torn_apart() -> None:
    scores = np.array([0.5, 0.5, 0.9])
    assert best_threshold(scores, np.array([False, True, True])) == pytest.approx(0.7)


def test_the_three_thresholds_by_hand() -> None:
    found = thresholds(SCORES, ANSWERABLE)
    # lenient: the 10 % quantile of 0.3, 0.8, 0.9; strict: the 80 % quantile of 0.1 and 0.4 is 0.34, under balanced
    assert found == {"lenient": pytest.approx(0.3 + 0.2 * 0.5), "balanced": pytest.approx(0.6), "strict": pytest.approx(0.6)}


def test_a_probability_by_hand() -> None:
    model = Logistic(-1.0, {"dense": 2.0, "negated": -3.0})
    assert model.probabilities([{"dense": 0.5, "negated": 0.0}, {"dense": 0.5, "negated": 1.0}]).tolist() == pytest.approx([0.5, 1 / (1 + math.exp(3))])


def test_what_separates_gets_weight_and_what_never_varies_none() -> None:
    rows = [{"dense": n / 10, "same": 1.0} for n in range(10)]
    fitted = fit_logistic(rows, np.arange(10) >= 5, regularisation=1.0)
    assert fitted.coefficients["dense"] > 0
    assert fitted.coefficients["same"] == pytest.approx(0, abs=1e-6)
    assert ((fitted.probabilities(rows) >= 0.5) == (np.arange(10) >= 5)).all()


def test_the_choice_learns_which_sign_tells() -> None:
    rng = np.random.default_rng(7)
    candidates = [rng.random((5, 2)) for _ in range(40)]
    right = [rows[:, 1] == rows[:, 1].max() for rows in candidates]
    weights = fit_choice([*candidates, rng.random((5, 2))], [*right, np.zeros(5, dtype=bool)])
    assert weights[1] > 10 * abs(weights[0])


def test_a_part_is_written_and_the_other_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    kept = {"intercept": 1.5, "coefficients": {"dense": 2.0}, "thresholds": {"balanced": 0.5}}
    path.write_text(json.dumps({"with_questions": {"intercept": 9.0}, "without_questions": kept}))
    write_part("with_questions", {"intercept": -1.00004, "coefficients": {"answered": 2.12345}, "thresholds": {"balanced": 0.49996}}, path)
    assert json.loads(path.read_text()) == {
        "with_questions": {"intercept": -1.0, "coefficients": {"answered": 2.1235}, "thresholds": {"balanced": 0.5}},
        "without_questions": kept,
    }
