"""Fitting the gate: logistic regression, conditional logit, thresholds, balanced accuracy. Pure.

`answerable` is a vector of booleans throughout, `probabilities` the vector beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

REGULARISATION = 0.01  # C of scikit-learn, on standardised features
LENIENT_KEEPS = 0.90  # of the answerable questions
STRICT_REFUSES = 0.80  # of the unanswerable ones
_RIDGE = 0.003  # of the conditional logit


@dataclass(frozen=True, slots=True)
class Logistic:
    """Coefficients per unit of each feature as it is measured, by name."""

    intercept: float
    coefficients: dict[str, float]

    def probabilities(self, rows: Sequence[dict[str, float]]) -> Floats:
        """That each row is answerable, shape (len(rows),)."""
        scores = [self.intercept + sum(weight * row[name] for name, weight in self.coefficients.items()) for row in rows]
        return np.asarray(1 / (1 + np.exp(-np.array(scores))))


def fit_logistic(rows: Sequence[dict[str, float]], answerable: Bools, regularisation: float = REGULARISATION) -> Logistic:
    """Fit on features standardised by their mean and deviation; a feature that never varies gets 0."""
    from sklearn.linear_model import LogisticRegression

    names = list(rows[0])
    raw = np.array([[row[name] for name in names] for row in rows])
    mean, deviation = raw.mean(axis=0), raw.std(axis=0)
    deviation[deviation < 1e-12] = 1.0
    fitted = LogisticRegression(C=regularisation, max_iter=1_000).fit((raw - mean) / deviation, answerable)
    weights = fitted.coef_[0] / deviation
    return Logistic(float(fitted.intercept_[0] - weights @ mean), dict(zip(names, weights.tolist(), strict=True)))


def fit_choice(candidates: Sequence[Floats], right: Sequence[Bools]) -> Floats:
    """Weights (d,) under which the right candidates of each question, (k, d) signs and (k,), score above the others.

    A conditional logit (McFadden 1974) with a little ridge; questions without a right candidate teach nothing.
    """
    from scipy.optimize import minimize

    deviation = np.concatenate(candidates).std(axis=0) + 1e-9
    taught = [(rows / deviation, chosen) for rows, chosen in zip(candidates, right, strict=True) if chosen.any()]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, gradient = _RIDGE * float(weights @ weights) / 2, _RIDGE * weights
        for rows, chosen in taught:
            scores = np.exp(rows @ weights - (rows @ weights).max())
            shares = scores / scores.sum()
            within = float(shares[chosen].sum())
            total -= np.log(within) / len(taught)
            gradient = gradient + ((shares - np.where(chosen, shares / within, 0)) @ rows) / len(taught)
        return total, gradient

    return np.asarray(minimize(loss, np.zeros(len(deviation)), jac=True, method="L-BFGS-B").x / deviation)


def balanced_accuracy(answered: Bools, answerable: Bools) -> float:
    """The mean of two shares: of the answerable that were answered, and of the unanswerable that were not."""
    return float((answered[answerable].mean() + (~answered[~answerable]).mean()) / 2)


def best_threshold(scores: Floats, answerable: Bools) -> float:
    """Where answering from it on has the highest balanced accuracy: halfway between two scores."""
    order = np.argsort(scores)
    ranked, right = scores[order], answerable[order]
    refused = np.concatenate([[0], np.cumsum(~right)]) / (~answerable).sum()
    lost = np.concatenate([[0], np.cumsum(right)]) / answerable.sum()
    cuts = np.concatenate([[ranked[0]], (ranked[1:] + ranked[:-1]) / 2, [np.nextafter(ranked[-1], np.inf)]])
    gain = np.where(np.concatenate([[True], ranked[1:] > ranked[:-1], [True]]), refused - lost, -1)
    return float(cuts[int(np.argmax(gain))])


def thresholds(probabilities: Floats, answerable: Bools) -> dict[str, float]:
    """For each strictness: lenient keeps LENIENT_KEEPS of the answerable, strict refuses STRICT_REFUSES of the rest."""
    balanced = best_threshold(probabilities, answerable)
    lenient = float(np.quantile(probabilities[answerable], 1 - LENIENT_KEEPS))
    strict = float(np.quantile(probabilities[~answerable], STRICT_REFUSES))
    return {"lenient": min(lenient, balanced), "balanced": balanced, "strict": max(strict, balanced)}
