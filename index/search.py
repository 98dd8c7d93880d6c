"""Standalone question -> evidence, best first: vectors, words and the question index together.

A LangChain retriever over Chroma (dense), BM25 (Robertson and Zaragoza 2009, by bm25s) and, for documents
that have one, the question model.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever

from index.encoder import Encoder
from index.passages import Sentence
from index.question_model import Recognised
from index.questions import last_question
from index.spelling import Spelling
from index.store import Document, Store
from index.words import stems, words

DEPTH = 20  # sentences taken from each of vectors and words
DENSE_WEIGHT = 0.3  # of the cosine beside a question model's score, where the two are added


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that may answer the question, and why it was found.

    `dense` is the cosine with the question, -1 to 1; `bm25` is 0 to 1, a share of the best sentence's; `asked` is
    the score of the document's question model, and `recognised` all that it says, None where there is none.
    `score` orders evidence.
    """

    document: Document
    sentence: Sentence
    dense: float
    bm25: float
    asked: float | None
    score: float
    recognised: Recognised | None = None

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

    @classmethod
    def over(cls, store: Store, encoder: Encoder) -> "EvidenceRetriever":
        """A retriever over `store`, which was built with the model of `encoder`."""
        vocabulary = {word for _, sentence in store.sentences for word in words(sentence.text)}
        return cls(store=store, encoder=encoder, spelling=Spelling(vocabulary, encoder.is_word))

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[LangChainDocument]:
        return [
            LangChainDocument(page_content=found.sentence.read, metadata={"evidence": found, "source": found.document.name})
            for found in self.find(query)
        ]

    def find(self, question: str) -> list[Evidence]:
        """Evidence for a standalone question, best first; spelling is put right beforehand by the caller.

        The standalone form of a follow-up has the earlier questions on lines before it.
        """
        store: Store = self.store
        last = last_question(question)
        vectors = self.encoder.encode([question] if last == question else [question, last])
        dense = self._dense(vectors[0])
        bm25 = self._bm25(question)
        models = [(d.key, store.question_models[d.key]) for d in store.documents if d.key in store.question_models]
        recognised = {key: model.recognise(question, vectors[0], vectors[-1]) for key, model in models}
        positions = set(dense) | set(_best(bm25, DEPTH))
        for document in store.documents:
            if document.key in recognised:
                first = store.positions[f"{document.key}-0"]
                positions |= {first + int(n) for n in _best(recognised[document.key].sentences, DEPTH)}
        found = [self._evidence(position, dense.get(position, 0.0), float(bm25[position]), recognised) for position in positions]
        return sorted(found, key=lambda e: (-e.score, e.document.name, e.start))

    def _evidence(self, position: int, dense: float, bm25: float, recognised: dict[str, Recognised]) -> Evidence:
        document, sentence = self.store.sentences[position]
        known = recognised.get(document.key)
        if known is None:
            return Evidence(document, sentence, dense, bm25, None, 0.5 * dense + 0.5 * bm25)
        asked = float(known.sentences[sentence.number])
        return Evidence(document, sentence, dense, bm25, asked, asked + DENSE_WEIGHT * dense, known)

    def _dense(self, vector: np.ndarray) -> dict[int, float]:
        """Position -> cosine, of the nearest sentences in Chroma."""
        hits = self.store.vectors.similarity_search_by_vector_with_relevance_scores(vector.tolist(), k=min(DEPTH, len(self.store.sentences)))
        found = {}
        for document, distance in hits:
            position = self.store.positions.get(document.id)
            if position is not None:
                found[position] = 1.0 - distance
        return found

    def _bm25(self, question: str) -> np.ndarray:
        """One score a sentence, as a share of the best one's."""
        total = np.zeros(len(self.store.sentences), dtype=np.float32)
        if self.store.bm25 is None:
            return total
        known = [stem for stem in dict.fromkeys(stems(question)) if stem in self.store.bm25.vocab_dict]
        if not known:
            return total
        scores = self.store.bm25.get_scores(known)
        best = float(scores.max(initial=0.0))
        return scores / best if best > 0 else total


def _best(scores: np.ndarray, k: int) -> list[int]:
    """Positions of the `k` highest scores above 0."""
    if len(scores) > k:
        top = np.argpartition(-scores, k)[:k]
    else:
        top = np.arange(len(scores))
    return [int(position) for position in top if scores[position] > 0]
