"""Confidence against outcome: the risk-coverage curve, and calibration in bins of equal mass. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The share answered (`coverage`, rising) and the share of those answered wrongly (`risk`), at each threshold.

    El-Yaniv and Wiener 2010, "On the Foundations of Noise-free Selective Classification".
    """

    coverage: tuple[float, ...]
    risk: tuple[float, ...]

    @property
    def area(self) -> float:
        """The area under the curve (trapezoids), 0 to 1, lower is better; level before its first point."""
        from sklearn.metrics import auc

        return float(auc([0.0, *self.coverage], [self.risk[0], *self.risk]))


def risk_coverage(confidence: Sequence[float] | np.ndarray, right: Sequence[bool] | np.ndarray) -> RiskCoverage:
    """One point for each distinct confidence, highest first: what is answered from that confidence on.

    `right` says whether the answer is right, were it given. At least one case is needed.
    """
    scores, outcomes = np.asarray(confidence, dtype=float), np.asarray(right, dtype=float)
    order = np.argsort(-scores, kind="stable")
    scores, wrong = scores[order], np.cumsum(1 - outcomes[order])
    last = np.flatnonzero(np.append(scores[1:] != scores[:-1], True))  # of each run of equal confidence
    answered = last + 1
    return RiskCoverage(tuple((answered / len(scores)).tolist()), tuple((wrong[last] / answered).tolist()))


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases of like confidence: how many, their mean confidence, and the share with the outcome."""

    count: int
    confidence: float
    outcome: float


def reliability(confidence: Sequence[float] | np.ndarray, outcome: Sequence[bool] | np.ndarray) -> tuple[Bin, ...]:
    """At most BINS bins with like numbers of cases, by rising confidence; equal confidences share a bin."""
    scores, outcomes = np.asarray(confidence, dtype=float), np.asarray(outcome, dtype=float)
    edges = np.unique(np.quantile(scores, np.linspace(0, 1, BINS + 1)))
    numbers = np.searchsorted(edges[1:-1], scores, side="left")
    members = [numbers == number for number in np.unique(numbers)]
    return tuple(Bin(int(m.sum()), float(scores[m].mean()), float(outcomes[m].mean())) for m in members)


def calibration_error(confidence: Sequence[float] | np.ndarray, outcome: Sequence[bool] | np.ndarray) -> float:
    """The expected calibration error over bins of equal mass (Nixon et al. 2019, "Measuring Calibration in Deep Learning")."""
    bins = reliability(confidence, outcome)
    return sum(b.count * abs(b.confidence - b.outcome) for b in bins) / sum(b.count for b in bins)
