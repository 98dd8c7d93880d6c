"""Two textbook answerers to stand beside the assistant's numbers, with the same embedding model.

`similarity` quotes the most similar sentence. `textbook` is the standard LangChain chain: recursive character chunks
of 500, the top four by cosine; there is no language model to write from them, so it quotes them. Both read the
question alone, and refuse below a threshold on the best cosine, fitted where it does them the most good: at their
own best balanced accuracy on the cases given. Their confidence is that cosine through a logistic regression.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig, RunnableLambda

from assistant.quotes import NOT_STATED
from assistant.reply import Ask, Citation, Reply
from evals.cases import Case
from evals.run import Answerer, Quoted
from evals.texts import Text

CHUNK = 500  # characters
SHOWN = {"similarity": 1, "textbook": 4}  # pieces quoted
_RANKED = 5  # pieces that `similarity` ranks


class _ByCosine(BaseRetriever):
    """The most similar pieces, best first, each with its cosine in its metadata."""

    vectors: Any
    depth: int

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        found = self.vectors.similarity_search_with_score(query, k=self.depth)
        return [Document(piece.page_content, metadata=piece.metadata | {"score": score}) for piece, score in found]


@dataclass(frozen=True, slots=True)
class Threshold:
    """Cosine -> probability of an answer (`slope`, `intercept`), and the lowest cosine that is answered."""

    slope: float
    intercept: float
    lowest: float

    def confidence(self, score: float) -> float:
        """The probability that there is an answer, 0 to 1."""
        from scipy.special import expit

        return float(expit(self.slope * score + self.intercept))


def baselines(texts: Mapping[str, Text], encoder: Embeddings, fit_on: Sequence[Case]) -> list[Answerer]:
    """Both baselines over the documents. `fit_on` must hold cases with and without an answer."""
    sentences = [_sentence(text, number) for text in texts.values() for number in range(len(text.sentences))]
    return [
        _answerer("similarity", sentences, _RANKED, texts, encoder, fit_on),
        _answerer("textbook", _chunks(texts), SHOWN["textbook"], texts, encoder, fit_on),
    ]


def _sentence(text: Text, number: int) -> Document:
    sentence = text.sentences[number]
    return Document(sentence.text, metadata={"source": text.name, "start_index": sentence.start})


def _chunks(texts: Mapping[str, Text]) -> list[Document]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=0, add_start_index=True)
    return splitter.split_documents([Document(text.text, metadata={"source": text.name}) for text in texts.values()])


def fit_threshold(scores: Sequence[float], answerable: Sequence[bool]) -> Threshold:
    """The threshold of the best balanced accuracy (Youden's index on the ROC curve), and the logistic regression."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_curve

    false_alarms, hits, lowest = roc_curve(answerable, scores, drop_intermediate=False)
    model = LogisticRegression().fit(np.reshape(scores, (-1, 1)), answerable)
    return Threshold(float(model.coef_[0, 0]), float(model.intercept_[0]), float(lowest[np.argmax(hits - false_alarms)]))


def _answerer(name: str, pieces: list[Document], depth: int, texts: Mapping[str, Text], encoder: Embeddings, fit_on: Sequence[Case]) -> Answerer:
    from langchain_core.vectorstores import InMemoryVectorStore

    retriever = _ByCosine(vectors=InMemoryVectorStore.from_documents(pieces, encoder), depth=depth)
    scores = [float(retriever.invoke(case.question)[0].metadata["score"]) for case in fit_on]
    threshold = fit_threshold(scores, [case.answerable for case in fit_on])

    def quote(_question: str, found: list[Document]) -> Quoted:
        citations = tuple(_citation(number, piece, texts) for number, piece in enumerate(found[: SHOWN[name]], start=1))
        return " ".join(f"{c.quote} [{c.number}]" for c in citations), citations

    def answer(ask: Ask, config: RunnableConfig) -> Reply:
        found = retriever.invoke(ask.question, config)
        score = float(found[0].metadata["score"])
        confidence = threshold.confidence(score)
        if score < threshold.lowest:
            return Reply(ask.question, ask.question, "not_stated", NOT_STATED, confidence, name)
        text, citations = quote(ask.question, found)
        return Reply(ask.question, ask.question, "answered", text, confidence, name, citations)

    return Answerer(name, RunnableLambda(answer), quote)


def _citation(number: int, piece: Document, texts: Mapping[str, Text]) -> Citation:
    start, end = piece.metadata["start_index"], piece.metadata["start_index"] + len(piece.page_content)
    text = texts[piece.metadata["source"]]
    return Citation(number, text.name, text.passage_at(start).number, start, end, text.text[start:end])
