"""Scored cases -> numbers, each with its 95 % bootstrap interval. What cannot be measured is None, never zero. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from evals.curves import calibration_error, risk_coverage
from evals.score import Scored

RESAMPLES = 1_000
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Number:
    """A measured value, its interval, and the number of cases that it was measured on."""

    value: float | None
    low: float | None
    high: float | None
    cases: int


UNMEASURED = Number(None, None, None, 0)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of the table: its key, its title and its unit ("share", "number" or "ms")."""

    key: str
    title: str
    unit: str


MEASURES = (
    Measure("recall_at_1", "evidence: recall@1", "share"),
    Measure("recall_at_3", "evidence: recall@3", "share"),
    Measure("recall_at_5", "evidence: recall@5", "share"),
    Measure("mrr", "evidence: MRR", "share"),
    Measure("right", "right answers", "share"),
    Measure("citation_recall", "citation recall", "share"),
    Measure("citation_precision", "citation precision", "share"),
    Measure("verbatim", "quotes verbatim", "share"),
    Measure("refused", "unanswerable refused", "share"),
    Measure("refusal_precision", "precision of refusals", "share"),
    Measure("refusal_f1", "F1 of refusals", "share"),
    Measure("wrongly_refused", "answerable refused", "share"),
    Measure("balanced_accuracy", "balanced accuracy", "share"),
    Measure("risk_coverage_area", "area of risk-coverage", "share"),
    Measure("calibration_error", "calibration error", "share"),
    Measure("brier", "Brier score", "share"),
    Measure("median_ms", "median milliseconds", "ms"),
    Measure("p95_ms", "95th percentile milliseconds", "ms"),
)

# Numbers over cases that each have a value; None leaves a case out.
_OF_EACH: dict[str, Callable[[Scored], float | None]] = {
    "recall_at_1": lambda s: s.recall_at.get(1),
    "recall_at_3": lambda s: s.recall_at.get(3),
    "recall_at_5": lambda s: s.recall_at.get(5),
    "mrr": lambda s: s.reciprocal_rank,
    "right": lambda s: float(s.verdict == "right") if s.case.answerable else None,
    "citation_recall": lambda s: s.recall,
    "citation_precision": lambda s: s.precision,
    "verbatim": lambda s: sum(s.verbatim) / len(s.verbatim) if s.verbatim else None,
    "refused": lambda s: None if s.case.answerable else float(s.refused),
    "wrongly_refused": lambda s: float(s.refused) if s.case.answerable else None,
    "brier": lambda s: (s.finished.reply.confidence - s.case.answerable) ** 2,
    "median_ms": lambda s: s.finished.milliseconds,
    "p95_ms": lambda s: s.finished.milliseconds,
}
_QUANTILES = {"median_ms": 0.5, "p95_ms": 0.95}


@dataclass(frozen=True)
class _Columns:
    """The cases as arrays, for numbers that need all of them at once, with and without an answer. All but `confidence` hold 0 or 1."""

    unanswerable: np.ndarray
    refused: np.ndarray
    confidence: np.ndarray
    right_if_answered: np.ndarray

    @property
    def mixed(self) -> bool:
        """Whether there are cases of both sorts."""
        return 0 < int(self.unanswerable.sum()) < len(self.unanswerable)

    def taken(self, rows: np.ndarray) -> "_Columns":
        """The cases of these row numbers."""
        return _Columns(self.unanswerable[rows], self.refused[rows], self.confidence[rows], self.right_if_answered[rows])


def _refusal_precision(c: _Columns) -> float | None:
    refused = float(c.refused.sum())
    return float((c.refused * c.unanswerable).sum()) / refused if refused else None


def _refusal_f1(c: _Columns) -> float:
    return 2 * float((c.refused * c.unanswerable).sum()) / float(c.refused.sum() + c.unanswerable.sum())


def _balanced_accuracy(c: _Columns) -> float:
    return float(c.refused[c.unanswerable == 1].mean() + 1 - c.refused[c.unanswerable == 0].mean()) / 2


# Numbers over all cases at once. The first three are scikit-learn's, in a form fast enough to resample.
_OF_ALL: dict[str, Callable[[_Columns], float | None]] = {
    "refusal_precision": _refusal_precision,
    "refusal_f1": _refusal_f1,
    "balanced_accuracy": _balanced_accuracy,
    "risk_coverage_area": lambda c: risk_coverage(c.confidence, c.right_if_answered).area,
    "calibration_error": lambda c: calibration_error(c.confidence, 1 - c.unanswerable),
}


def numbers(scored: Sequence[Scored]) -> dict[str, Number]:
    """Every measure of these cases, by key. Resampling is seeded, so that the same cases give the same intervals."""
    columns = _columns(scored)
    found = {}
    for key in (measure.key for measure in MEASURES):
        if key in _OF_EACH:
            values = [value for value in map(_OF_EACH[key], scored) if value is not None]
            found[key] = quantile_number(values, _QUANTILES[key]) if key in _QUANTILES else mean_number(values)
        else:
            found[key] = _of_all(columns, _OF_ALL[key])
    return found


def by_kind(scored: Sequence[Scored]) -> dict[str, dict[str, Number]]:
    """The numbers of each kind of question, in the order in which kinds first appear."""
    kinds = dict.fromkeys(one.case.kind for one in scored)
    return {kind: numbers([one for one in scored if one.case.kind == kind]) for kind in kinds}


def _columns(scored: Sequence[Scored]) -> _Columns:
    return _Columns(
        unanswerable=np.array([not s.case.answerable for s in scored], dtype=float),
        refused=np.array([s.refused for s in scored], dtype=float),
        confidence=np.array([s.finished.reply.confidence for s in scored], dtype=float),
        right_if_answered=np.array([s.right_if_answered for s in scored], dtype=float),
    )


def mean_number(values: Sequence[float]) -> Number:
    """The mean with its interval; a single value has none."""
    return _resampled(values, np.mean)


def quantile_number(values: Sequence[float], at: float) -> Number:
    """The quantile `at` (0 to 1) with its interval."""
    return _resampled(values, partial(np.quantile, q=at))


def _resampled(values: Sequence[float], statistic: Callable[..., Any]) -> Number:
    from scipy.stats import bootstrap

    if not values:
        return UNMEASURED
    value = float(statistic(values))
    if len(values) == 1:
        return Number(value, None, None, 1)
    random = np.random.default_rng(0)
    drawn = bootstrap((np.array(values),), statistic, n_resamples=RESAMPLES, confidence_level=_LEVEL, method="percentile", vectorized=True, rng=random)
    return Number(value, float(drawn.confidence_interval.low), float(drawn.confidence_interval.high), len(values))


def _of_all(columns: _Columns, measure: Callable[[_Columns], float | None]) -> Number:
    """By the percentile bootstrap over cases; resamples in which there is no value are left out of the interval."""
    value = measure(columns) if columns.mixed else None
    if value is None:
        return UNMEASURED
    random, cases = np.random.default_rng(0), len(columns.refused)
    drawn = [columns.taken(random.integers(0, cases, cases)) for _ in range(RESAMPLES)]
    known = [number for sample in drawn if sample.mixed and (number := measure(sample)) is not None]
    low, high = np.quantile(known, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Number(value, float(low), float(high), cases)
