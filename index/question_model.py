"""Which words of the text answer a question, learnt from the questions written beside it. No language model.

Kernel ridge regression (Saunders, Gammerman and Vovk 1998) over the indexed questions. The kernel of two texts
is a Gaussian of their unit vectors plus the cosine of their TF-IDF weighted stems and stem pairs. The kernel of
two questions adds that of the questions as asked and that of the questions with those before them, so that
"Who signed it?" is near to "Who signed the treaty?" whatever came before, and nearer after a like question. The
targets are, for every question, whether it is answered, and the sentences and spans that answer it. A question
far from all others scores 0 everywhere: what is not known to be answered is not answered.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from index.passages import Sentence
from index.questions import IndexedQuestion, Span, last_question
from index.words import stems

WIDTH = 1.5  # of the Gaussian: exp(-WIDTH * squared distance)
LEXICAL = 0.5  # weight of the words beside the vectors
JOINED = 0.2  # weight of the question with those before it; the question as asked has the rest
RIDGE = 0.1

Floats = np.ndarray[Any, np.dtype[np.float32]]
Integers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the question model says of one question; every score is near 0 (no) to near 1 (yes).

    `sentences` has a score a sentence, `span_scores` one for each of `spans`; `answered` is for the question as a
    whole. `nearest_answered` and `nearest_unanswered` are cosines, -1 to 1.
    """

    answered: float
    sentences: Floats
    spans: tuple[Span, ...]
    span_scores: Floats
    nearest_answered: float
    nearest_unanswered: float


@dataclass(frozen=True, slots=True)
class Terms:
    """The vocabulary: a stem, or a pair of stems, to its number; `idf` has a weight a term."""

    numbers: dict[str, int]
    idf: Floats

    def weighted(self, text: str) -> dict[int, float]:
        """The known terms of a text with their TF-IDF weights, scaled to unit length."""
        counts = _terms(text)
        raw = {self.numbers[t]: (1 + np.log(n)) * float(self.idf[self.numbers[t]]) for t, n in counts.items() if t in self.numbers}
        length = sum(weight * weight for weight in raw.values()) ** 0.5
        return {term: weight / length for term, weight in raw.items()}


@dataclass(frozen=True, slots=True)
class Texts:
    """n texts, ready for the kernel: `vectors` (n, dimensions), and postings, where a term's entries in `rows`
    and `weights` are `offsets[term]` to `offsets[term + 1]`."""

    vectors: Floats
    offsets: Integers
    rows: Integers
    weights: Floats

    def kernel(self, vector: Floats, weighted: dict[int, float]) -> tuple[Floats, Floats]:
        """One text against all: shape (n,), and the cosines of the vectors, shape (n,).

        By einsum, in this thread: a threaded product waits for its other threads where the machine is busy.
        """
        cosines = np.einsum("ij,j->i", self.vectors, vector)
        lexical = np.zeros(len(self.vectors), dtype=np.float32)
        for term, weight in weighted.items():
            row = slice(self.offsets[term], self.offsets[term + 1])
            lexical[self.rows[row]] += weight * self.weights[row]
        return np.exp(2 * WIDTH * (cosines - 1)) + LEXICAL * lexical, cosines

    @staticmethod
    def of(texts: list[str], vectors: Floats, terms: Terms) -> "Texts":
        """Prepare `texts`, whose unit vectors are `vectors`."""
        entries: list[list[tuple[int, float]]] = [[] for _ in terms.numbers]
        for row, text in enumerate(texts):
            for term, weight in terms.weighted(text).items():
                entries[term].append((row, weight))
        flat = [entry for postings in entries for entry in postings]
        offsets = np.cumsum([0, *(len(postings) for postings in entries)])
        rows, weights = np.array([row for row, _ in flat]), np.array([weight for _, weight in flat])
        return Texts(vectors, offsets.astype(np.int64), rows.astype(np.int64), weights.astype(np.float32))


@dataclass(frozen=True, slots=True)
class QuestionModel:
    """n questions, of which the rows `follow_ups` (f,) follow up on earlier ones, over m spans of s sentences.

    `joined` are the n questions with those before them, `asked` the f follow-ups alone; `duals` is
    (n, 1 + s + m), `has_answer` (n,).
    """

    terms: Terms
    joined: Texts
    asked: Texts
    follow_ups: Integers
    duals: Floats
    has_answer: "np.ndarray[Any, np.dtype[np.bool_]]"
    spans: tuple[Span, ...]
    sentences: int

    def recognise(self, question: str, joined: Floats, asked: Floats) -> Recognised:
        """Score one standalone question.

        `joined` is the unit vector of all of it, `asked` of its last question, each of shape (dimensions,).
        """
        last = last_question(question)
        whole, cosines = self.joined.kernel(joined, self.terms.weighted(question))
        alone = whole if last == question else self.joined.kernel(asked, self.terms.weighted(last))[0]
        alone = alone.copy()
        alone[self.follow_ups] = self.asked.kernel(asked, self.terms.weighted(last))[0]
        scores = np.einsum("i,ij->j", JOINED * whole + (1 - JOINED) * alone, self.duals)
        return Recognised(
            answered=float(scores[0]),
            sentences=scores[1 : 1 + self.sentences],
            spans=self.spans,
            span_scores=scores[1 + self.sentences :],
            nearest_answered=float(cosines[self.has_answer].max(initial=-1.0)),
            nearest_unanswered=float(cosines[~self.has_answer].max(initial=-1.0)),
        )

    def save(self, path: Path) -> None:
        """Write the arrays to one .npz file, without pickling."""
        np.savez(
            path,
            terms=np.array(list(self.terms.numbers)),
            idf=self.terms.idf,
            **{f"joined_{name}": getattr(self.joined, name) for name in _ARRAYS},
            **{f"asked_{name}": getattr(self.asked, name) for name in _ARRAYS},
            follow_ups=self.follow_ups,
            duals=self.duals,
            has_answer=self.has_answer,
            spans=np.array(self.spans),
            sentences=np.array(self.sentences),
        )

    @staticmethod
    def load(path: Path) -> "QuestionModel":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return QuestionModel(
                terms=Terms({term: row for row, term in enumerate(file["terms"].tolist())}, file["idf"]),
                joined=Texts(*(file[f"joined_{name}"] for name in _ARRAYS)),
                asked=Texts(*(file[f"asked_{name}"] for name in _ARRAYS)),
                follow_ups=file["follow_ups"],
                duals=file["duals"],
                has_answer=file["has_answer"],
                spans=tuple((start, end) for start, end in file["spans"].tolist()),
                sentences=int(file["sentences"]),
            )


_ARRAYS = ("vectors", "offsets", "rows", "weights")


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


def fit(questions: tuple[IndexedQuestion, ...], joined: Floats, asked: Floats, sentences: tuple[Sentence, ...]) -> QuestionModel:
    """Learn from n `questions`, f of which follow up on others; time grows with the cube of n.

    `joined` (n, dimensions) are the unit vectors of the standalone questions, `asked` (f, dimensions) those of
    the follow-ups alone, in order.
    """
    from scipy.linalg import cho_factor, cho_solve

    spans, wanted = targets(questions, sentences)
    follow_ups = np.array([row for row, question in enumerate(questions) if question.after], dtype=np.int64)
    terms = _vocabulary([question.standalone for question in questions])
    texts = Texts.of([question.standalone for question in questions], joined, terms)
    alone = Texts.of([questions[row].question for row in follow_ups], asked, terms)
    whole_kernel = _kernel_matrix(texts, len(terms.numbers))
    asked_kernel = whole_kernel.copy()
    if len(follow_ups):
        between = _kernel_matrix(alone, len(terms.numbers), texts)
        asked_kernel[follow_ups] = between
        asked_kernel[:, follow_ups] = between.T
        asked_kernel[np.ix_(follow_ups, follow_ups)] = _kernel_matrix(alone, len(terms.numbers))
    kernel = JOINED * whole_kernel + (1 - JOINED) * asked_kernel
    kernel[np.diag_indices_from(kernel)] += RIDGE
    duals = cho_solve(cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False), wanted, check_finite=False)
    return QuestionModel(terms, texts, alone, follow_ups, np.ascontiguousarray(duals, dtype=np.float32), wanted[:, 0] > 0, spans, len(sentences))


def _kernel_matrix(left: Texts, terms: int, right: Texts | None = None) -> Floats:
    """All of `left` against all of `right`, or of itself: shape (len(left), len(right))."""
    from scipy.sparse import csr_matrix

    right = right or left
    words = [csr_matrix((side.weights, side.rows, side.offsets), shape=(terms, len(side.vectors))) for side in (left, right)]
    lexical = (words[0].T @ words[1]).toarray()
    return np.asarray(np.exp(2 * WIDTH * (left.vectors @ right.vectors.T - 1)) + LEXICAL * lexical, dtype=np.float32)


def _terms(text: str) -> Counter[str]:
    found = stems(text)
    return Counter(found + [f"{a} {b}" for a, b in pairwise(found)])


def _vocabulary(texts: list[str]) -> Terms:
    """Every term of the texts, with the smoothed inverse document frequency (as scikit-learn's TfidfVectorizer has it)."""
    frequency = Counter(term for text in texts for term in _terms(text))
    idf = np.array([np.log((1 + len(texts)) / (1 + n)) + 1 for n in frequency.values()], dtype=np.float32)
    return Terms({term: number for number, term in enumerate(frequency)}, idf)
