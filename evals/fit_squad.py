"""The gate's numbers for documents without questions, fitted and cross-validated on articles in SQuAD 2.0 form.

Each article is indexed by itself and asked its own questions. Everything is fitted anew for every article left
out: the weights that order the best sentences, the gate's coefficients and its threshold.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant.gate_features import features
from evals.logistic import Bools, Floats, Logistic, balanced_accuracy, best_threshold, fit_choice, fit_logistic
from evals.squad import Squad
from index.build import Progress, build, encoder_for
from index.rank import Signs
from index.search import Evidence, EvidenceRetriever
from index.store import open_store

_MAX_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question put to its own article: the evidence, best first, and which of it holds the answer."""

    article: str
    question: str
    answerable: bool
    evidence: tuple[Evidence, ...]
    right: tuple[bool, ...]

    @property
    def reranked(self) -> int:
        """How many of the evidence, from the first on, the second stage ordered."""
        return sum(found.signs is not None for found in self.evidence)

    def ordered(self, weights: Signs) -> "Asked":
        """With the second stage's order by other weights."""
        few = self.reranked
        order = sorted(range(few), key=lambda n: -_signs(self.evidence[n]).score(weights)) + list(range(few, len(self.evidence)))
        return replace(self, evidence=tuple(self.evidence[n] for n in order), right=tuple(self.right[n] for n in order))


@dataclass(frozen=True, slots=True)
class Held:
    """How an article that nothing was fitted on did; `baseline` is the best sentence's cosine with a threshold."""

    article: str
    questions: int
    hit_rate: float
    baseline: float
    ours: float
    kept: float
    refused: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """What all articles give: the gate, and the second stage's weights."""

    gate: Logistic
    weights: Signs


def ask_all(squad: Squad, model: str, encoder: Path | None, progress: Progress) -> list[Asked]:
    """Index each article by itself and ask it its questions; `encoder` is a ready export of the model, if there is one."""
    asked: list[Asked] = []
    with tempfile.TemporaryDirectory(prefix="fit-") as folder:
        shared = Path(folder, "encoder") if encoder is None else encoder.resolve()
        shared.mkdir(exist_ok=True)
        for name, text in squad.documents.items():
            sources, index = Path(folder, name, "sources"), Path(folder, name, "index")
            sources.mkdir(parents=True)
            index.mkdir()
            (index / "encoder").symlink_to(shared)
            (sources / name).write_bytes(text.encode())
            build(sources, index, model, _MAX_BYTES, progress)
            asked += _ask(squad, name, index, model, len(asked), progress)
    return asked


def _ask(squad: Squad, name: str, index: Path, model: str, before: int, progress: Progress) -> list[Asked]:
    encoder = encoder_for(index, model)
    retriever = EvidenceRetriever.over(open_store(index, encoder), encoder)
    asked: list[Asked] = []
    for case in squad.cases:
        if squad.about[case.id] == name:
            progress("asking", before + len(asked), len(squad.cases))
            spans = [span for fact in case.facts for span in squad.facts[fact].spans]
            found = tuple(sorted(retriever.find(case.question), key=lambda e: e.signs is None))
            right = tuple(any(e.start <= start < e.end for start, _ in spans) for e in found)
            asked.append(Asked(name, case.question, case.answerable, found, right))
    return asked


def fit(asked: Sequence[Asked]) -> Fitted:
    """Fit the second stage's weights, then the gate on what they put first."""
    weights = _weights(asked)
    ordered = [one.ordered(weights) for one in asked]
    return Fitted(fit_logistic(_rows(ordered), _answerable(ordered)), weights)


def leave_one_out(asked: Sequence[Asked]) -> tuple[list[Held], Floats]:
    """For each article, what the others' numbers do on it; and the probability of each question so made, in order."""
    held = []
    probabilities = np.zeros(len(asked))
    for article in dict.fromkeys(one.article for one in asked):
        out = np.array([one.article == article for one in asked])
        others, own = [[one for one, is_out in zip(asked, out, strict=True) if is_out == which] for which in (False, True)]
        fitted = fit(others)
        others, own = [[one.ordered(fitted.weights) for one in some] for some in (others, own)]
        probabilities[out] = fitted.gate.probabilities(_rows(own))
        threshold = best_threshold(fitted.gate.probabilities(_rows(others)), _answerable(others))
        answered, answerable = probabilities[out] >= threshold, _answerable(own)
        likeness = _cosines(own) >= best_threshold(_cosines(others), _answerable(others))
        held.append(
            Held(
                article,
                len(own),
                hit_rate=float(np.mean([one.right[0] for one in own if one.answerable])),
                baseline=balanced_accuracy(likeness, answerable),
                ours=balanced_accuracy(answered, answerable),
                kept=float(answered[answerable].mean()),
                refused=float((~answered[~answerable]).mean()),
            )
        )
    return held, probabilities


def _weights(asked: Sequence[Asked]) -> Signs:
    taught = [one for one in asked if one.answerable]
    signs = [np.array([_signs(found) for found in one.evidence[: one.reranked]], dtype=np.float64) for one in taught]
    return Signs(*fit_choice(signs, [np.array(one.right[: one.reranked]) for one in taught]).tolist())


def _signs(found: Evidence) -> Signs:
    assert found.signs is not None
    return found.signs


def _rows(asked: Sequence[Asked]) -> list[dict[str, float]]:
    return [features(one.question, list(one.evidence)) for one in asked]


def _answerable(asked: Sequence[Asked]) -> Bools:
    return np.array([one.answerable for one in asked])


def _cosines(asked: Sequence[Asked]) -> Floats:
    return np.array([max(found.dense for found in one.evidence) for one in asked])
