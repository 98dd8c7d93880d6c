"""Scored cases -> numbers, each with its 95 % bootstrap interval. What cannot be measured is None, never zero. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    """A number of the table: its key, its title, its unit ("share", "number" or "ms"), and whether more is better."""

    key: str
    title: str
    unit: str
    more_is_better: bool = True


MEASURES = (
    Measure("recall_at_1", "evidence: recall@1", "share"),
    Measure("recall_at_3", "evidence: recall@3", "share"),
    Measure("recall_at_5", "evidence: recall@5", "share"),
    Measure("mrr", "evidence: MRR", "share"),
    Measure("right", "right answers", "share"),
    Measure("citation_recall", "citation recall", "share"),
    Measure("citation_precision", "citation precision", "share"),
    Measure("verbatim", "quotes equal to the source", "share"),
    Measure("refused", "unanswerable refused (recall of refusals)", "share"),
    Measure("refusal_precision", "precision of refusals", "share"),
    Measure("refusal_f1", "F1 of refusals", "share"),
    Measure("wrongly_refused", "answerable refused", "share", more_is_better=False),
    Measure("balanced_accuracy", "balanced accuracy, answer or refuse", "share"),
    Measure("risk_coverage_area", "area under risk-coverage", "share", more_is_better=False),
    Measure("calibration_error", "calibration error of confidence", "share", more_is_better=False),
    Measure("brier", "Brier score of confidence", "share", more_is_better=False),
    Measure("median_ms", "median milliseconds a question", "ms", more_is_better=False),
    Measure("p95_ms", "95th percentile milliseconds", "ms", more_is_better=False),
)

# Numbers that are a mean over cases; None leaves a case out.
_MEANS: dict[str, Callable[[Scored], float | None]] = {
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
}


@dataclass(frozen=True)
class _Columns:
    """The cases as arrays, for numbers that need all of them at once. `unanswerable` and `refused` hold 0 or 1."""

    unanswerable: np.ndarray
    refused: np.ndarray
    confidence: np.ndarray
    right_if_answered: np.ndarray
    milliseconds: np.ndarray


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _refusal_precision(c: _Columns) -> float | None:
    return _share(float((c.refused * c.unanswerable).sum()), float(c.refused.sum()))


def _refusal_f1(c: _Columns) -> float | None:
    both = float((c.refused * c.unanswerable).sum())
    return _share(2 * both, float(c.refused.sum() + c.unanswerable.sum())) if c.unanswerable.any() else None


def _balanced_accuracy(c: _Columns) -> float | None:
    if len(np.unique(c.unanswerable)) < 2:
        return None
    return float((c.refused[c.unanswerable == 1].mean() + 1 - c.refused[c.unanswerable == 0].mean()) / 2)


_OF_ALL: dict[str, Callable[[_Columns], float | None]] = {
    "refusal_precision": _refusal_precision,
    "refusal_f1": _refusal_f1,
    "balanced_accuracy": _balanced_accuracy,
    "risk_coverage_area": lambda c: risk_coverage(c.confidence, c.right_if_answered).area,
    "calibration_error": lambda c: calibration_error(c.confidence, 1 - c.unanswerable),
    "median_ms": lambda c: float(np.quantile(c.milliseconds, 0.5)),
    "p95_ms": lambda c: float(np.quantile(c.milliseconds, 0.95)),
}


def numbers(scored: Sequence[Scored]) -> dict[str, Number]:
    """Every measure of these cases, by key. Resampling is seeded, so that the same cases give the same intervals."""
    found = {}
    for measure in MEASURES:
        mean = _MEANS.get(measure.key)
        if mean is not None:
            values = np.array([value for value in map(mean, scored) if value is not None], dtype=float)
            found[measure.key] = _mean(values)
        else:
            found[measure.key] = _of_all(_columns(scored), _OF_ALL[measure.key])
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
        milliseconds=np.array([s.finished.milliseconds for s in scored], dtype=float),
    )


def _mean(values: np.ndarray) -> Number:
    from scipy.stats import bootstrap

    if len(values) < 2:
        return Number(float(values[0]), None, None, 1) if len(values) else UNMEASURED
    drawn = bootstrap((values,), np.mean, n_resamples=RESAMPLES, confidence_level=_LEVEL, method="percentile", rng=np.random.default_rng(0))
    interval = drawn.confidence_interval
    return Number(float(values.mean()), float(interval.low), float(interval.high), len(values))


def _of_all(columns: _Columns, measure: Callable[[_Columns], float | None]) -> Number:
    """By the percentile bootstrap over cases; resamples in which the measure has no value are left out of the interval."""
    cases = len(columns.refused)
    value = measure(columns) if cases else None
    if value is None:
        return UNMEASURED
    random = np.random.default_rng(0)
    drawn = [measure(_taken(columns, random.integers(0, cases, cases))) for _ in range(RESAMPLES)]
    known = [number for number in drawn if number is not None]
    low, high = np.quantile(known, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Number(value, float(low), float(high), cases)


def _taken(columns: _Columns, rows: np.ndarray) -> _Columns:
    return _Columns(columns.unanswerable[rows], columns.refused[rows], columns.confidence[rows], columns.right_if_answered[rows], columns.milliseconds[rows])
