import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.curves import calibration_error, reliability, risk_coverage


def test_risk_coverage_by_hand() -> None:
    curve = risk_coverage([0.9, 0.8, 0.7, 0.6], [True, True, False, True])
    assert curve.coverage == (0.25, 0.5, 0.75, 1.0)
    assert curve.risk == pytest.approx((0, 0, 1 / 3, 1 / 4))
    assert curve.area == pytest.approx(0.25 * (0 + 1 / 6 + (1 / 3 + 1 / 4) / 2))


def test_equal_confidences_are_one_point_whatever_their_order() -> None:
    assert risk_coverage([0.5, 0.5, 0.9], [True, False, True]) == risk_coverage([0.5, 0.9, 0.5], [False, True, True])
    flat = risk_coverage([1.0] * 4, [True, False, False, False])
    assert (flat.coverage, flat.risk, flat.area) == ((1.0,), (0.75,), 0.75)


def test_calibration_by_hand() -> None:
    confidence = [0.1] * 10 + [0.8] * 10
    outcome = [False] * 10 + [True] * 6 + [False] * 4
    bins = reliability(confidence, outcome)
    assert [(found.count, found.outcome) for found in bins] == [(10, 0.0), (10, 0.6)]
    assert calibration_error(confidence, outcome) == pytest.approx(0.5 * 0.1 + 0.5 * 0.2)


def test_ten_bins_of_like_size() -> None:
    confidence = np.linspace(0, 1, 100)
    assert [found.count for found in reliability(confidence, confidence > 0.5)] == [10] * 10


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_every_case_is_in_one_bin_and_the_error_is_a_share(pairs: list[tuple[float, bool]]) -> None:
    confidence, outcome = [c for c, _ in pairs], [o for _, o in pairs]
    bins = reliability(confidence, outcome)
    assert sum(found.count for found in bins) == len(pairs)
    assert len(bins) <= 10
    assert 0 <= calibration_error(confidence, outcome) <= 1
    assert 0 <= risk_coverage(confidence, outcome).area <= 1
