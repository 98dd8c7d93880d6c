"""Sentences of documents without a question model, scored for a question by vectors, words and what they offer. Pure.

Two stages: all candidates by cosine, BM25 and the BM25 of their passage (the sum of its sentences'); then the best
five by those, by how much of the question they hold and by whether they offer the kind of answer it asks for. The
weights of the second stage are a conditional logit (McFadden 1974) of the sentence that holds the answer against
the other four, on SQuAD 2.0 questions: `python -m evals.fit`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from index.answer_spans import answers_of_kind
from index.asked_kind import Kind, asked_for
from index.questions import last_question
from index.reading import Reading, closeness, read

RERANKED = 5
_BM25, _PASSAGE = 0.4, 0.3  # beside the cosine, in the first stage


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence's `text` and its scores: `dense` is a cosine, `bm25` and `passage` are shares of the best one's, 0 to 1."""

    text: str
    dense: float
    bm25: float
    passage: float

    @property
    def found(self) -> float:
        """The score of the first stage."""
        return self.dense + _BM25 * self.bm25 + _PASSAGE * self.passage


class Signs(NamedTuple):
    """What the second stage weighs: the scores of the first, `coverage` (0 to 1) and `lacks_answer` (0 or 1)."""

    dense: float
    bm25: float
    passage: float
    coverage: float
    lacks_answer: float

    def score(self, weights: "Signs") -> float:
        """Weighed, and scaled so that the best thinkable sentence has 1 and none is below 0."""
        best = weights.dense + weights.bm25 + weights.passage + weights.coverage
        return max(0.0, sum(weight * sign for weight, sign in zip(weights, self, strict=True)) / best)


WEIGHTS = Signs(dense=7.80, bm25=1.49, passage=0.43, coverage=6.19, lacks_answer=-1.94)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate's `score`, about 0 to 1, and for the best of the first stage what it comes from."""

    score: float
    signs: Signs | None = None


def rank(question: str, candidates: Sequence[Candidate], rarity: Callable[[str], float]) -> list[Ranked]:
    """The candidates, in their order, scored; `rarity` weighs a stem of the question."""
    order = sorted(range(len(candidates)), key=lambda n: -candidates[n].found)
    reranked = {n: _reranked(question, candidates[n], rarity) for n in order[:RERANKED]}
    least = min((ranked.score for ranked in reranked.values()), default=0.0)
    worst = candidates[order[:RERANKED][-1]].found if order else 0.0
    return [reranked.get(n) or Ranked(least * max(0.0, candidates[n].found / worst) if worst > 0 else 0.0) for n in range(len(candidates))]


def _reranked(question: str, candidate: Candidate, rarity: Callable[[str], float]) -> Ranked:
    covered, lacks = coverage(question, candidate.text, rarity), lacks_answer(question, candidate.text)
    signs = Signs(candidate.dense, candidate.bm25, candidate.passage, covered, lacks)
    return Ranked(signs.score(WEIGHTS), signs)


def coverage(question: str, sentence: str, rarity: Callable[[str], float]) -> float:
    """The share of the question's content, each stem weighed by `rarity`, that the sentence holds: 0 to 1."""
    asked, said = read(question).content, read(sentence).content
    total = sum(rarity(stem) for stem in asked)
    return sum(rarity(stem) * closeness(stem, said) for stem in asked) / total if total > 0 else 0.0


def lacks_answer(question: str, sentence: str) -> bool:
    """Whether the question asks for a person, time, place or number, and the sentence has none but those in the question."""
    asked = last_question(question)
    kind = asked_for(asked).kind
    if kind in ("reason", "other"):
        return False
    if kind == "person":
        return not new_names(read(asked), read(sentence))
    return not _offered(kind, asked, sentence)


def new_names(asked: Reading, said: Reading) -> int:
    """How many names of a sentence have a word that the question lacks; a capital at its beginning counts."""
    held = frozenset(asked.stems)
    return sum(not name <= held for name in said.names)


def _offered(kind: Kind, asked: str, sentence: str) -> bool:
    lower = asked.lower()
    return any(sentence[start:end].lower() not in lower for start, end in answers_of_kind(kind, sentence))
