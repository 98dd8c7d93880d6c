"""What each part is worth: python -m evals.ablation answers the test half without it, one part after another.

For every part left out the question model is fitted anew, and the gate on the dev half.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import click
import numpy as np

from assistant import gate, quotes, rewrite
from assistant.chain import build_chain
from assistant.settings import Settings, load_settings
from evals.cases import Case, load_cases, load_facts
from evals.fit_statement import REGULARISATION, THRESHOLDS
from evals.logistic import fit_logistic
from evals.metrics import numbers
from evals.run import Answerer, ask_cases
from evals.score import Scored, score_all
from evals.texts import read_texts
from index import question_model
from index.build import build, encoder_for
from index.questions import IndexedQuestion, question_file, read_questions
from index.search import EvidenceRetriever
from index.source import read_source
from index.store import Store, open_store

MEASURES = {"right": "right answers", "citation_precision": "citation precision", "refused": "unanswerable refused", "wrongly_refused": "answerable refused"}


@dataclass(frozen=True)
class Part:
    """A part and how to do without it: what is replaced (where, name, by what), and which questions stay."""

    name: str
    replaced: tuple[tuple[Any, str, Any], ...] = ()
    keep: Callable[[IndexedQuestion], bool] = lambda _: True


PARTS = (
    Part("nothing"),
    Part("the question index", keep=lambda _: False),
    Part("its unanswered questions", keep=lambda question: bool(question.spans)),
    Part("its follow-ups", keep=lambda question: not question.after),
    Part("half of its questions", keep=lambda question: sum(question.standalone.encode()) % 2 == 0),
    Part("the words in its kernel", ((question_model, "LEXICAL", 0.0),)),
    Part("the follow-up alone in its kernel", ((question_model, "JOINED", 1.0),)),
    Part("the history", ((rewrite, "leans", lambda _: False),)),
    Part("spelling", ((EvidenceRetriever, "over", classmethod(lambda cls, store, encoder: _unspelt(store, encoder))),)),
    Part("further sentences", ((quotes, "ALSO", 9.0),)),
)
_over = EvidenceRetriever.over


class _AsWritten:
    def correct(self, question: str) -> str:
        return question


def _unspelt(store: Store, encoder: Any) -> EvidenceRetriever:
    return _over(store, encoder).model_copy(update={"spelling": _AsWritten()})


def without(part: Part, store: Store, settings: Settings, cases: Sequence[Case]) -> list[Scored]:
    """The test half, answered without a part."""
    with contextlib.ExitStack() as changes:
        for where, name, by in part.replaced:
            changes.enter_context(patch.object(where, name, by))
        retriever = EvidenceRetriever.over(_refitted(part, store, settings), encoder_for(settings.index, settings.embedding_model))
        fitted = _gate(retriever, cases)
        changes.enter_context(patch.object(gate, "numbers", lambda: fitted))
        chain = build_chain(retriever, settings)
        finished = ask_cases(Answerer(part.name, chain), [case for case in cases if case.split == "test"])
    return score_all(finished, load_facts(), read_texts(settings.sources))


def _refitted(part: Part, store: Store, settings: Settings) -> Store:
    models = {}
    for document in store.documents:
        path = settings.sources / document.name
        questions = read_questions(question_file(path), read_source(path, settings.sources), document.sentences)
        if not questions or not any(map(part.keep, questions)):
            continue
        before = store.question_models[document.key]
        kept = np.array([part.keep(question) for question in questions])
        joined, asked = before.joined.vectors[kept], before.asked.vectors[kept[before.follow_ups]]
        models[document.key] = question_model.fit(tuple(q for q, keep in zip(questions, kept, strict=True) if keep), joined, asked, document.sentences)
    return replace(store, question_models=models)


def _gate(retriever: EvidenceRetriever, cases: Sequence[Case]) -> dict[str, Any]:
    dev = [case for case in cases if case.split == "dev"]
    texts = [retriever.spelling.correct(rewrite.standalone(case.question, case.history)) for case in dev]
    found = [gate.features(text, retriever.find(text)) for text in texts]
    fitted = fit_logistic([row for _, row in found], np.array([case.answerable for case in dev]), REGULARISATION)
    return {found[0][0]: {"intercept": fitted.intercept, "coefficients": fitted.coefficients, "thresholds": THRESHOLDS}}


def main() -> None:
    """Print a row of the table for each part."""
    settings = load_settings()
    build(settings.sources, settings.index, settings.embedding_model, settings.max_source_bytes, server=settings.chroma)
    store = open_store(settings.index, encoder_for(settings.index, settings.embedding_model), settings.chroma)
    cases = load_cases()
    click.echo("| without | " + " | ".join(MEASURES.values()) + " | follow-ups right |\n" + "| --- " * (len(MEASURES) + 2) + "|")
    for part in PARTS:
        scored = without(part, store, settings, cases)
        follow_ups = [one for one in scored if one.case.kind == "follow_up"]
        found = numbers(scored)
        values = [found[key].value for key in MEASURES] + [numbers(follow_ups)["right"].value]
        click.echo(f"| {part.name} | " + " | ".join("–" if value is None else f"{value:.3f}" for value in values) + " |")


if __name__ == "__main__":
    main()
