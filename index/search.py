"""Standalone question -> evidence, best first: vectors, words and the question index together.

A LangChain retriever over Chroma (dense), BM25 and, for documents that have one, the question model.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever

from index.chroma import chroma_errors, nearest
from index.documents import Document
from index.encoder import Encoder
from index.passages import Sentence
from index.question_model import Recognised
from index.questions import last_question
from index.rank import Candidate, Ranked, Signs, rank
from index.spelling import Spelling
from index.store import Store
from index.words import content_stems, words

DEPTH = 20  # sentences taken from each of vectors and words
_ASIDE = 8  # questions whose vectors Chroma may look up at once, each beside the question models
DENSE_WEIGHT = 0.3  # of the cosine beside a question model's score, where the two are added


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that may answer the question, and why it was found.

    `dense` is the cosine with the question, -1 to 1 (at most that, of sentences found by other ways); `bm25` the raw
    score of its words; `asked` is the score of the document's question model, and `recognised` all that it says, None where there is none.
    `score` orders evidence; `signs` are what it comes from for the few best sentences without a question model.
    """

    document: Document
    sentence: Sentence
    dense: float
    bm25: float
    asked: float | None
    score: float
    recognised: Recognised | None = None
    signs: Signs | None = None

    @property
    def start(self) -> int:
        """Offset of the sentence in its document."""
        return self.sentence.start

    @property
    def end(self) -> int:
        """Offset of the sentence's end in its document."""
        return self.sentence.end


class EvidenceRetriever(BaseRetriever):
    """Retrieves sentences of an open Store; each LangChain document's metadata holds its Evidence."""

    store: Any
    encoder: Any
    spelling: Any
    passages: Any
    aside: Any

    @classmethod
    def over(cls, store: Store, encoder: Encoder) -> "EvidenceRetriever":
        """A retriever over `store`, which was built with the model of `encoder`."""
        vocabulary = {word for _, sentence in store.sentences for word in words(sentence.text)}
        keys = [(document.key, sentence.passage) for document, sentence in store.sentences]
        numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        aside = ThreadPoolExecutor(_ASIDE, "chroma")
        passages = np.array([numbers[key] for key in keys], dtype=np.int64)
        return cls(store=store, encoder=encoder, spelling=Spelling(vocabulary, encoder.is_word), passages=passages, aside=aside)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[LangChainDocument]:
        return [LangChainDocument(page_content=found.sentence.read, metadata={"evidence": found, "source": found.document.name}) for found in self.find(query)]

    def find(self, question: str) -> list[Evidence]:
        """Evidence for a standalone question, best first; spelling is put right beforehand by the caller.

        The standalone form of a follow-up has the earlier questions on lines before it.
        """
        store: Store = self.store
        last = last_question(question)
        vectors = self.encoder.encode([question] if last == question else [question, last])
        looked_up = self.aside.submit(self._dense, vectors[0])
        bm25 = store.bm25.of(content_stems(question))
        models = [(d.key, store.question_models[d.key]) for d in store.documents if d.key in store.question_models]
        recognised = {key: model.recognise(question, vectors[0], vectors[-1]) for key, model in models}
        dense = looked_up.result()
        positions = set(dense) | set(_best(bm25, DEPTH))
        for document in store.documents:
            if document.key in recognised:
                first = store.positions[f"{document.key}-0"]
                positions |= {first + int(n) for n in _best(recognised[document.key].sentences, DEPTH)}
        farthest = min(dense.values(), default=0.0)
        cosines = {position: dense.get(position, farthest) for position in positions}
        ranked = self._ranked(question, {p: cosine for p, cosine in cosines.items() if store.sentences[p][0].key not in recognised}, bm25)
        found = [self._evidence(position, cosine, float(bm25[position]), ranked, recognised) for position, cosine in cosines.items()]
        return sorted(found, key=lambda e: (-e.score, e.document.name, e.start))

    def _evidence(self, position: int, dense: float, bm25: float, ranked: dict[int, Ranked], recognised: dict[str, Recognised]) -> Evidence:
        document, sentence = self.store.sentences[position]
        known = recognised.get(document.key)
        if known is None:
            return Evidence(document, sentence, dense, bm25, None, ranked[position].score, None, ranked[position].signs)
        asked = float(known.sentences[sentence.number])
        return Evidence(document, sentence, dense, bm25, asked, asked + DENSE_WEIGHT * dense, known)

    def _ranked(self, question: str, dense: dict[int, float], bm25: np.ndarray) -> dict[int, Ranked]:
        """By position, sentences without a question model whose cosines are `dense`."""
        if not dense:
            return {}
        by_passage = np.bincount(self.passages, bm25)
        best, best_passage = float(bm25.max()) or 1.0, float(by_passage.max()) or 1.0
        candidates = [
            Candidate(self.store.sentences[p][1].read, cosine, float(bm25[p]) / best, float(by_passage[self.passages[p]]) / best_passage)
            for p, cosine in dense.items()
        ]
        return dict(zip(dense, rank(question, candidates, self._rarity), strict=True))

    def _rarity(self, stem: str) -> float:
        """The inverse document frequency of a stem, over the sentences."""
        return math.log((len(self.store.sentences) + 1) / (self.store.bm25.holding(stem) + 0.5))

    def _dense(self, vector: np.ndarray) -> dict[int, float]:
        """Position -> cosine, of the nearest sentences in Chroma."""
        with chroma_errors(self.store.folder.parent):
            hits = nearest(self.store.vectors, vector, min(DEPTH, len(self.store.sentences)))
        return {self.store.positions[record]: cosine for record, cosine in hits if record in self.store.positions}


def _best(scores: np.ndarray, k: int) -> list[int]:
    """Positions of the `k` highest scores above 0."""
    top = np.argpartition(-scores, k)[:k] if len(scores) > k else np.arange(len(scores))
    return [int(position) for position in top if scores[position] > 0]
