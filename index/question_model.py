"""Which words of the text answer a question, learnt from the questions written beside it. No language model.

Kernel ridge regression (Saunders, Gammerman and Vovk 1998) over the indexed questions. The kernel of two
questions is a Gaussian of their unit vectors plus the cosine of their TF-IDF weighted stems and stem pairs;
the targets are, for every question, the sentences and spans that answer it and whether any does. A question
far from all others scores 0 everywhere: what is not known to be answered is not answered.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.passages import Sentence
from index.questions import IndexedQuestion, Span
from index.words import stems

WIDTH = 2.0  # of the Gaussian: exp(-WIDTH * squared distance / 1)
LEXICAL = 0.5  # weight of the words beside the vectors
RIDGE = 0.1

Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the question model says of one question; every score is near 0 (no) to near 1 (yes).

    `sentences` has a score a sentence, `spans` one a span of `QuestionModel.spans`; `answered` is for the
    question as a whole. `nearest_answered` and `nearest_unanswered` are cosines, -1 to 1.
    """

    answered: float
    sentences: Floats
    spans: Floats
    nearest_answered: float
    nearest_unanswered: float


@dataclass(frozen=True, slots=True)
class QuestionModel:
    """Arrays of n questions over m spans of s sentences.

    `vectors` (n, dimensions), unit length; `terms` maps a stem or a pair of stems to its row of the postings
    `offsets`, `rows`, `weights`; `idf` a term; `duals` (n, 1 + s + m); `spans` the m spans; `has_answer` (n,).
    """

    vectors: Floats
    terms: dict[str, int]
    idf: Floats
    offsets: "np.ndarray[Any, Any]"
    rows: "np.ndarray[Any, Any]"
    weights: Floats
    duals: Floats
    spans: tuple[Span, ...]
    sentences: int
    has_answer: "np.ndarray[Any, Any]"

    def recognise(self, question: str, vector: Floats) -> Recognised:
        """Score one question; `vector` is its unit vector, shape (dimensions,)."""
        cosines = self.vectors @ vector
        scores = (np.exp(2 * WIDTH * (cosines - 1)) + LEXICAL * self._lexical(question)) @ self.duals
        return Recognised(
            answered=float(scores[0]),
            sentences=scores[1 : 1 + self.sentences],
            spans=scores[1 + self.sentences :],
            nearest_answered=float(cosines[self.has_answer].max(initial=-1.0)),
            nearest_unanswered=float(cosines[~self.has_answer].max(initial=-1.0)),
        )

    def _lexical(self, question: str) -> Floats:
        total = np.zeros(len(self.vectors), dtype=np.float32)
        for term, weight in _weighted(_terms(question), self.terms, self.idf).items():
            row = slice(self.offsets[term], self.offsets[term + 1])
            total[self.rows[row]] += weight * self.weights[row]
        return total

    def save(self, path: Path) -> None:
        """Write the arrays to one .npz file, without pickling."""
        arrays = {name: getattr(self, name) for name in ("vectors", "idf", "offsets", "rows", "weights", "duals", "has_answer")}
        np.savez(path, terms=np.array(list(self.terms)), spans=np.array(self.spans), sentences=np.array(self.sentences), **arrays)

    @staticmethod
    def load(path: Path) -> "QuestionModel":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ("vectors", "idf", "offsets", "rows", "weights", "duals", "has_answer")}
            terms = {term: row for row, term in enumerate(file["terms"].tolist())}
            spans = tuple((start, end) for start, end in file["spans"].tolist())
            return QuestionModel(terms=terms, spans=spans, sentences=int(file["sentences"]), **arrays)


def targets(questions: tuple[IndexedQuestion, ...], sentences: tuple[Sentence, ...]) -> tuple[tuple[Span, ...], Floats]:
    """The distinct spans, and shape (n, 1 + sentences + spans): 1 where the question is answered (there)."""
    spans = tuple(sorted({span for question in questions for span in question.spans}))
    column = {span: 1 + len(sentences) + number for number, span in enumerate(spans)}
    wanted = np.zeros((len(questions), 1 + len(sentences) + len(spans)), dtype=np.float32)
    for row, question in enumerate(questions):
        for start, end in question.spans:
            wanted[row, 0] = wanted[row, column[start, end]] = 1
            wanted[row, [1 + s.number for s in sentences if s.start <= start and end <= s.end]] = 1
    return spans, wanted


def fit(questions: tuple[IndexedQuestion, ...], vectors: Floats, sentences: tuple[Sentence, ...]) -> QuestionModel:
    """Learn from `questions`, whose unit vectors are `vectors` (n, dimensions). Time grows with the cube of n."""
    from scipy.linalg import cho_factor, cho_solve

    spans, wanted = targets(questions, sentences)
    terms, idf, postings, lexical = _postings([question.standalone for question in questions])
    kernel = np.exp(2 * WIDTH * (vectors @ vectors.T - 1)) + LEXICAL * lexical
    kernel[np.diag_indices_from(kernel)] += RIDGE
    duals = cho_solve(cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False), wanted, check_finite=False)
    return QuestionModel(
        vectors=vectors,
        terms=terms,
        idf=idf,
        offsets=postings.indptr,
        rows=postings.indices,
        weights=postings.data,
        duals=np.ascontiguousarray(duals, dtype=np.float32),
        spans=spans,
        sentences=len(sentences),
        has_answer=wanted[:, 0] > 0,
    )


def _terms(text: str) -> Counter[str]:
    found = stems(text)
    return Counter(found + [f"{a} {b}" for a, b in zip(found, found[1:], strict=False)])


def _weighted(counts: Counter[str], terms: dict[str, int], idf: Floats) -> dict[int, float]:
    """The known terms' TF-IDF weights, scaled to unit length."""
    raw = {terms[t]: (1 + np.log(n)) * float(idf[terms[t]]) for t, n in counts.items() if t in terms}
    length = sum(weight * weight for weight in raw.values()) ** 0.5
    return {term: weight / length for term, weight in raw.items()}


def _postings(texts: list[str]) -> tuple[dict[str, int], Floats, Any, Floats]:
    from scipy.sparse import csr_matrix

    counted = [_terms(text) for text in texts]
    frequency = Counter(term for counts in counted for term in counts)
    terms = {term: row for row, term in enumerate(frequency)}
    idf = np.array([np.log((1 + len(texts)) / (1 + n)) + 1 for n in frequency.values()], dtype=np.float32)
    cells = [(term, row, weight) for row, counts in enumerate(counted) for term, weight in _weighted(counts, terms, idf).items()]
    columns = [list(column) for column in zip(*cells, strict=True)]
    matrix = csr_matrix((np.array(columns[2], dtype=np.float32), (columns[0], columns[1])), shape=(len(terms), len(texts)))
    return terms, idf, matrix, (matrix.T @ matrix).toarray()
