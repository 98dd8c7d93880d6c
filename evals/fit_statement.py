"""The gate's numbers for documents with questions, fitted on the dev half of the cases."""

from typing import Any

import numpy as np

from assistant import gate, rewrite
from assistant.settings import Settings
from evals.cases import Case, load_cases
from evals.logistic import Bools, balanced_accuracy, fit_logistic
from index.build import Progress, build, encoder_for
from index.search import EvidenceRetriever
from index.store import open_store

REGULARISATION = 1.0  # three features and hundreds of cases: hardly any is needed
THRESHOLDS = {"lenient": 0.3, "balanced": 0.5, "strict": 0.7}
_FOLDS = 10


def with_questions(settings: Settings, progress: Progress) -> tuple[dict[str, Any], float]:
    """The part of gate.json, and the balanced accuracy at the balanced threshold by cross-validation within dev."""
    build(settings.sources, settings.index, settings.embedding_model, settings.max_source_bytes, progress, settings.chroma)
    encoder = encoder_for(settings.index, settings.embedding_model)
    retriever = EvidenceRetriever.over(open_store(settings.index, encoder, settings.chroma), encoder)
    cases = [case for case in load_cases() if case.split == "dev"]
    rows = [_features(retriever, case) for case in cases]
    answerable = np.array([case.answerable for case in cases])
    fitted = fit_logistic(rows, answerable, REGULARISATION)
    part = {"intercept": fitted.intercept, "coefficients": fitted.coefficients, "thresholds": THRESHOLDS}
    return part, _cross_validated(rows, answerable)


def _features(retriever: EvidenceRetriever, case: Case) -> dict[str, float]:
    standalone = retriever.spelling.correct(rewrite.standalone(case.question, case.history))
    return gate.features(standalone, retriever.find(standalone))[1]


def _cross_validated(rows: list[dict[str, float]], answerable: Bools) -> float:
    fold = np.arange(len(rows)) % _FOLDS
    probabilities = np.zeros(len(rows))
    for left_out in range(_FOLDS):
        kept = fold != left_out
        fitted = fit_logistic([row for row, keep in zip(rows, kept, strict=True) if keep], answerable[kept], REGULARISATION)
        probabilities[~kept] = fitted.probabilities([row for row, keep in zip(rows, kept, strict=True) if not keep])
    return balanced_accuracy(probabilities >= THRESHOLDS["balanced"], answerable)
