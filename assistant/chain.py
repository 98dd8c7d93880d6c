"""The whole chain, on one screen; the one place where the parts are put together.

    ask -> rewrite -> search -> judge -> answer -> Reply

In LCEL, so that .invoke, .stream and .batch work on it and LangChain's tracing sees each step.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from langchain_core.runnables import Runnable, RunnableConfig, RunnableGenerator, RunnableLambda

from assistant import gate, greeting, quotes, rewrite
from assistant.highlight import highlights
from assistant.question import checked
from assistant.reply import Ask, Delta, Event, Milliseconds, Reply
from assistant.settings import Settings
from index.build import Progress, build, encoder_for, is_fresh
from index.encoder import Encoder
from index.errors import StoreDamaged, StoreMissing, StoreStale
from index.search import Evidence, EvidenceRetriever
from index.store import Store, current, open_store

if TYPE_CHECKING:
    from assistant.compose import Writer

HELLO = "Hello. Ask about the statement, and the answer comes with the exact words it rests on. For example:"


@dataclass(frozen=True, slots=True)
class State:
    """A question on its way through the chain."""

    ask: Ask
    standalone: str
    started: float
    evidence: list[Evidence] = field(default_factory=list)
    searched: float = 0.0
    verdict: gate.Verdict = gate.Verdict(0.0, False)


@dataclass(frozen=True, slots=True)
class Assistant:
    """A loaded assistant: its chain, and the store that it answers from."""

    chain: Runnable[Ask, Reply]
    store: Store


def build_chain(retriever: EvidenceRetriever, settings: Settings, writer: "Writer | None" = None) -> Runnable[Ask, Reply]:
    """Ask -> Reply; streamed, it yields events, the Reply last. Without a `writer` the answer is quoted."""

    def start(ask: Ask) -> State:
        started = time.perf_counter()
        valid = checked(ask, settings.max_question_chars, settings.max_history_turns)
        alone = rewrite.standalone(valid.question, valid.history)
        return State(valid, retriever.spelling.correct(alone), started)

    def search(state: State, config: RunnableConfig) -> State:
        if greeting.is_greeting(state.ask.question):
            return state
        found = retriever.invoke(state.standalone, config)
        return replace(state, evidence=[document.metadata["evidence"] for document in found], searched=time.perf_counter())

    def judge(state: State) -> State:
        return replace(state, verdict=gate.judge(state.standalone, state.evidence, settings.strictness))

    def answer(states: Iterator[State]) -> Iterator[Event]:
        for state in states:
            reply = _quoted(state, retriever.store)
            events: Iterable[Event] = (Delta(reply.answer), reply)
            if writer is not None and reply.status == "answered":
                events = writer.write(reply, state.standalone, state.evidence, retriever.store)
            for event in events:
                yield _timed(event, state) if isinstance(event, Reply) else event

    return (
        RunnableLambda(start, name="rewrite")
        | RunnableLambda(search, name="search")
        | RunnableLambda(judge, name="judge")
        | RunnableGenerator(answer, name="answer")  # type: ignore[return-value]
    )


def _quoted(state: State, store: Store) -> Reply:
    """The quoted answer, the refusal, or the greeting."""
    reply = Reply(state.ask.question, " ".join(state.standalone.split()), "not_stated", quotes.NOT_STATED, round(state.verdict.probability, 4), quotes.NAME)
    if greeting.is_greeting(state.ask.question):
        reply = replace(reply, answer=HELLO, suggestions=tuple(e for d in store.documents for e in d.examples)[:3])
    elif state.verdict.answerable:
        chosen = quotes.choose(state.standalone, state.evidence)
        marks = highlights(state.standalone, state.evidence[0]) if len(chosen) == 1 else ()
        text, citations = quotes.cite(chosen, marks)
        reply = replace(reply, status="answered", answer=text, citations=citations)
    else:
        reply = replace(reply, near=quotes.near(state.evidence))
    return reply


def _timed(reply: Reply, state: State) -> Reply:
    now = time.perf_counter()
    searched = state.searched or now
    spent = Milliseconds(*(round(1000 * seconds, 3) for seconds in (searched - state.started, now - searched, now - state.started)))
    return replace(reply, milliseconds=spent)


def load(settings: Settings, progress: Progress, index_given: bool = False) -> Assistant:
    """Bring the index up to date, open it and put the chain together.

    An index given by hand that was built with another model or version is refused, not rebuilt. Raises UserError.
    """
    ready = _is_ready(settings, index_given)
    if not ready:
        build(settings.sources, settings.index, settings.embedding_model, settings.max_source_bytes, progress, settings.chroma)
    try:
        store, encoder = _open(settings)
    except StoreDamaged:
        if not settings.sources.exists():
            raise
        build(settings.sources, settings.index, settings.embedding_model, settings.max_source_bytes, progress, settings.chroma)
        store, encoder = _open(settings)
    return Assistant(build_chain(EvidenceRetriever.over(store, encoder), settings, _writer(settings, store, progress)), store)


def _open(settings: Settings) -> tuple[Store, Encoder]:
    """The index and its encoder, the one loading beside the other."""
    encoder = encoder_for(settings.index, settings.embedding_model)
    encoder.begin()
    return open_store(settings.index, encoder, settings.chroma), encoder


def _writer(settings: Settings, store: Store, progress: Progress) -> "Writer | None":
    if not settings.model and not settings.base_url:
        return None
    from assistant.compose import Writer
    from assistant.models import open_model

    writer = Writer(open_model(settings, progress), settings.model_seconds, settings.model_retries)
    progress("reading the documents", 0, 1)
    writer.warm(store)
    return writer


def _is_ready(settings: Settings, index_given: bool) -> bool:
    try:
        if not settings.sources.exists():
            return current(settings.index).is_dir()
        return is_fresh(settings.index, settings.sources, settings.embedding_model, settings.max_source_bytes, settings.chroma)
    except (StoreMissing, StoreDamaged, OSError):  # where the sources cannot be looked at, build says why
        return False
    except StoreStale:
        if index_given:
            raise
        return False
