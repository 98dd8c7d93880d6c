"""Is the question answered by this evidence? A calibrated probability. Pure but for reading its numbers once."""

import functools
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import gate_features
from index.search import Evidence

NUMBERS = Path(__file__).with_name("gate.json")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`probability` that the evidence answers the question, 0 to 1, and whether that is enough."""

    probability: float
    answerable: bool


@functools.cache
def numbers() -> dict[str, Any]:
    """The fitted coefficients and thresholds, made by `python -m evals.fit`."""
    loaded: dict[str, Any] = json.loads(NUMBERS.read_text(encoding="utf-8"))
    return loaded


def judge(question: str, evidence: list[Evidence], strictness: str) -> Verdict:
    """Judge the best evidence, best first in `evidence`, against the threshold of `strictness`."""
    if not evidence:
        return Verdict(0.0, False)
    kind, found = features(question, evidence)
    fitted = numbers()[kind]
    score = fitted["intercept"] + sum(fitted["coefficients"][name] * value for name, value in found.items())
    probability = 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))
    return Verdict(probability, probability >= fitted["thresholds"][strictness])


def features(question: str, evidence: list[Evidence]) -> tuple[str, dict[str, float]]:
    """Which model applies to the best evidence, and its features by name."""
    best = evidence[0]
    if best.recognised is not None and best.asked is not None:
        known = best.recognised
        return "with_questions", {
            "answered": known.answered,
            "best_sentence": best.asked,
            "nearer_answered": known.nearest_answered - known.nearest_unanswered,
        }
    return "without_questions", gate_features.features(question, evidence)
