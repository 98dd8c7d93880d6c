import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from langchain_core.callbacks import BaseCallbackHandler

from assistant.chain import Assistant, load
from assistant.reply import Ask, Delta, Milliseconds, Reply, Turn
from assistant.settings import Settings
from index.errors import QuestionError, SourceError, StoreDamaged, StoreMissing, StoreStale
from index.store import current


def quiet(_what: str, _done: int, _of: int) -> None:
    return None


def settings_for(sources: Path, index: Path, **more: Any) -> Settings:
    return Settings(_env_file=None, sources=sources, index=index, **more)  # type: ignore[call-arg]


@pytest.fixture(scope="module")
def assistant(built_index: Path, sources: Path) -> Assistant:
    return load(settings_for(sources, built_index), quiet)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text("The harbour of Ruritania was built in 1887. Twelve cranes stand there.")
    return folder


def holds_together(reply: Reply, texts: dict[str, str]) -> None:
    """What is true of every reply of the quoting answerer."""
    assert 0 <= reply.confidence <= 1
    assert [c.number for c in reply.citations] == list(range(1, len(reply.citations) + 1))
    assert sorted({int(n) for n in re.findall(r"\[(\d+)\]", reply.answer)}) == [c.number for c in reply.citations]
    for cited in (*reply.citations, *([reply.near] if reply.near else [])):
        assert texts[cited.document][cited.start : cited.end] == cited.quote != ""
    for citation in reply.citations:
        assert all(citation.start <= start < end <= citation.end for start, end in citation.highlights)
    if reply.status == "not_stated":
        assert reply.citations == ()
    else:
        assert reply.status == "answered"
        assert reply.citations
        assert reply.near is None


def texts(assistant: Assistant) -> dict[str, str]:
    return {document.name: document.text for document in assistant.store.documents}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("When was the INF Treaty signed?", "1987"),
        ("Which countries signed the INF Treaty?", "the Soviet Union and the United States"),
        ("When did the United States formally withdraw?", "In August of the same year"),
        ("What did Putin call on NATO to do?", "moratorium"),
        ("Where are the 9M729 missiles?", "Kaliningrad"),
        ("Which news agency reported it?", "RIA Novosti"),
    ],
)
def test_what_the_article_says(assistant: Assistant, question: str, words: str) -> None:
    reply = assistant.chain.invoke(Ask(question))
    holds_together(reply, texts(assistant))
    assert reply.status == "answered"
    assert words in " ".join(citation.quote for citation in reply.citations)
    assert reply.answerer == "quotes"


@pytest.mark.parametrize("question", ["What is the capital of France?", "How old is Putin?", "Who wrote War and Peace?", "asdf qwer zxcv", "???", "\U0001f600"])
def test_what_it_does_not_say(assistant: Assistant, question: str) -> None:
    reply = assistant.chain.invoke(Ask(question))
    holds_together(reply, texts(assistant))
    assert reply.status == "not_stated"


def test_a_sentence_that_leans_on_another_brings_it_along(assistant: Assistant) -> None:
    reply = assistant.chain.invoke(Ask("When did the United States formally withdraw?"))
    assert len(reply.citations) == 2
    assert "(August 2019)" in reply.answer
    assert "In February 2019" in reply.citations[0].quote


def test_a_follow_up_is_understood_from_the_conversation(assistant: Assistant) -> None:
    first = assistant.chain.invoke(Ask("When did the United States begin to withdraw from the INF Treaty?"))
    history = (Turn("user", first.question), Turn("assistant", first.answer))
    reply = assistant.chain.invoke(Ask("And when did they formally leave?", history))
    assert reply.question == "And when did they formally leave?"
    assert "INF Treaty" in reply.standalone_question
    assert "In August of the same year" in reply.citations[-1].quote


def test_a_greeting_is_no_question(assistant: Assistant) -> None:
    reply = assistant.chain.invoke(Ask("hello"))
    assert reply.status == "not_stated"
    assert reply.near is None
    assert len(reply.suggestions) == 3
    for question in reply.suggestions:
        assert assistant.chain.invoke(Ask(question)).status == "answered"


@pytest.mark.parametrize("question", ["", " \n", "x" * 2_001])
def test_what_cannot_be_asked(assistant: Assistant, question: str) -> None:
    with pytest.raises(QuestionError):
        assistant.chain.invoke(Ask(question))


@examples(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=300), st.lists(st.text(max_size=100), max_size=3))
def test_any_question_and_history_give_a_reply_or_a_question_error(assistant: Assistant, question: str, before: list[str]) -> None:
    try:
        reply = assistant.chain.invoke(Ask(question, tuple(Turn("user", text) for text in before)))
    except QuestionError:
        return
    holds_together(reply, texts(assistant))


def test_invoke_batch_and_stream_say_the_same(assistant: Assistant) -> None:
    asks = [Ask("When was the INF Treaty signed?"), Ask("How old is Putin?")]
    invoked = [replace(assistant.chain.invoke(ask), milliseconds=Milliseconds()) for ask in asks]
    assert [replace(reply, milliseconds=Milliseconds()) for reply in assistant.chain.batch(asks)] == invoked
    for ask, reply in zip(asks, invoked, strict=True):
        *events, last = assistant.chain.stream(ask)
        assert replace(last, milliseconds=Milliseconds()) == reply
        assert "".join(event.text for event in events if isinstance(event, Delta)) == reply.answer


def test_langchain_sees_each_step(assistant: Assistant) -> None:
    class Names(BaseCallbackHandler):
        def __init__(self) -> None:
            self.seen: list[str] = []

        def on_chain_start(self, serialized: dict[str, Any], inputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
            self.seen.append(kwargs["name"])

        def on_retriever_start(self, serialized: dict[str, Any], query: str, *, run_id: UUID, **kwargs: Any) -> None:
            self.seen.append("retriever")

    names = Names()
    assistant.chain.invoke(Ask("When was the INF Treaty signed?"), {"callbacks": [names]})
    assert [name for name in names.seen if name in ("rewrite", "search", "retriever", "judge", "answer")] == [
        "rewrite",
        "search",
        "retriever",
        "judge",
        "answer",
    ]


def test_time_is_told_in_parts(assistant: Assistant) -> None:
    spent = assistant.chain.invoke(Ask("When was the INF Treaty signed?")).milliseconds
    assert spent.search > 0
    assert spent.total == pytest.approx(spent.search + spent.answer, abs=0.01)


def test_stricter_settings_refuse_what_lenient_ones_answer(built_index: Path, sources: Path) -> None:
    confidence = {}
    for strictness in ("lenient", "balanced", "strict"):
        chain = load(settings_for(sources, built_index, strictness=strictness), quiet).chain
        replies = [
            chain.invoke(Ask(q)) for q in ("Why is it a mistake?", "Who gains from this?", "When did Russia build the missiles?", "Is there a new treaty?")
        ]
        confidence[strictness] = ([r.confidence for r in replies], [r.status == "answered" for r in replies])
    assert confidence["lenient"][0] == confidence["balanced"][0] == confidence["strict"][0]
    for less, more in (("strict", "balanced"), ("balanced", "lenient")):
        assert all(not answered or confidence[more][1][n] for n, answered in enumerate(confidence[less][1]))


def test_a_missing_index_is_built_and_a_stale_one_refreshed(docs: Path, new_index: Path) -> None:
    given = settings_for(docs, new_index)
    assert "1887" in load(given, quiet).store.documents[0].text
    assert current(new_index).name == "generation-1"
    load(given, quiet)
    assert current(new_index).name == "generation-1"
    (docs / "a.txt").write_text("The harbour was built in 1888.")
    assert "1888" in load(given, quiet).store.documents[0].text
    assert current(new_index).name == "generation-2"


def test_an_index_of_another_version_is_built_anew_or_where_given_by_hand_refused(docs: Path, new_index: Path) -> None:
    given = settings_for(docs, new_index)
    load(given, quiet)
    manifest = current(new_index) / "manifest.json"
    manifest.write_text(re.sub(r'"format": \d+', '"format": 99', manifest.read_text()))
    with pytest.raises(StoreStale, match="format 99"):
        load(given, quiet, index_given=True)
    load(given, quiet)
    assert "99" not in (current(new_index) / "manifest.json").read_text().split("model")[0]


def test_a_damaged_index_is_built_anew_unless_the_sources_are_gone(docs: Path, new_index: Path) -> None:
    given = settings_for(docs, new_index)
    load(given, quiet)
    database = current(new_index) / "chroma/chroma.sqlite3"
    database.write_bytes(database.read_bytes()[:50_000])
    assert "1887" in load(given, quiet).store.documents[0].text
    assert current(new_index).name == "generation-2"
    shutil.rmtree(docs)
    assert "1887" in load(given, quiet).store.documents[0].text  # the index alone is enough
    (current(new_index) / "documents.json").write_text("[]")
    with pytest.raises(StoreDamaged):
        load(given, quiet)


def test_neither_index_nor_sources(tmp_path: Path) -> None:
    with pytest.raises((SourceError, StoreMissing)):
        load(settings_for(tmp_path / "none", tmp_path / "index"), quiet)
    assert not (tmp_path / "index").exists()
    with pytest.raises(SourceError, match="too long"):
        load(settings_for(tmp_path / ("n" * 300), tmp_path / "index"), quiet)
