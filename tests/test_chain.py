import re
import shutil
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from langchain_core.callbacks import BaseCallbackHandler

from assistant.chain import Assistant, load
from assistant.reply import Ask, Delta, Reply, Turn
from assistant.settings import Settings, load_settings
from index.errors import QuestionError, SourceError, StoreDamaged, StoreMissing, StoreStale
from index.store import current

SIGNED = Ask("In which year was the INF Treaty signed?")
NOT_THERE = Ask("What is the capital of France?")


@pytest.fixture(scope="module")
def assistant(built_index: Path, sources: Path) -> Assistant:
    return load(load_settings(index=built_index, sources=sources), lambda *_: None)


def untimed(reply: Reply) -> tuple[object, ...]:
    return (reply.standalone_question, reply.status, reply.answer, reply.confidence, reply.citations, reply.near)


def test_a_question_is_answered_with_its_sentence(assistant: Assistant) -> None:
    reply = assistant.chain.invoke(SIGNED)
    assert (reply.status, reply.question, reply.answerer) == ("answered", SIGNED.question, "quotes")
    assert 0.5 <= reply.confidence <= 1
    assert "in 1987" in reply.answer
    assert reply.answer.endswith("[1]")
    assert [c.number for c in reply.citations] == [1]
    assert reply.milliseconds.total >= reply.milliseconds.search > 0


def test_a_refusal_has_no_citations(assistant: Assistant) -> None:
    reply = assistant.chain.invoke(NOT_THERE)
    assert (reply.status, reply.citations, reply.near) == ("not_stated", (), None)
    assert reply.confidence < 0.5


def test_a_refusal_may_point_to_what_is_near(assistant: Assistant) -> None:
    reply = assistant.chain.invoke(Ask("Who paid for the signing of the INF Treaty in 1987?"))
    assert (reply.status, reply.citations) == ("not_stated", ())
    assert reply.near is not None
    assert assistant.store.documents[0].text[reply.near.start : reply.near.end] == reply.near.quote


def test_a_batch_is_the_same_one_by_one_in_order(assistant: Assistant) -> None:
    asks = [SIGNED, NOT_THERE, Ask("Where are the 9M729 missiles?")]
    assert [untimed(reply) for reply in assistant.chain.batch(asks)] == [untimed(assistant.chain.invoke(ask)) for ask in asks]


@pytest.mark.parametrize("ask", [SIGNED, NOT_THERE, Ask("hello")])
def test_streamed_the_reply_comes_last_and_is_the_sum(assistant: Assistant, ask: Ask) -> None:
    events: list[Any] = list(assistant.chain.stream(ask))
    assert [type(event) for event in events] == [Delta, Reply]
    assert events[0].text == events[-1].answer
    assert reduce(add, events) is events[-1]
    assert untimed(events[-1]) == untimed(assistant.chain.invoke(ask))


def test_a_greeting_gets_three_questions_that_are_answered(assistant: Assistant) -> None:
    reply = assistant.chain.invoke(Ask("Hi there!"))
    assert (reply.status, reply.citations) == ("not_stated", ())
    assert len(set(reply.suggestions)) == 3
    assert [answer.status for answer in assistant.chain.batch([Ask(question) for question in reply.suggestions])] == ["answered"] * 3


def test_tracing_sees_each_step(assistant: Assistant) -> None:
    class Names(BaseCallbackHandler):
        def __init__(self) -> None:
            self.steps: list[str] = []
            self.queries: list[str] = []

        def on_chain_start(self, serialized: Any, inputs: Any, **more: Any) -> None:
            self.steps.append(more["name"])

        def on_retriever_start(self, serialized: Any, query: str, **more: Any) -> None:
            self.queries.append(query)

    seen = Names()
    assistant.chain.invoke(SIGNED, {"callbacks": [seen]})
    assert [name for name in seen.steps if name in ("rewrite", "search", "judge", "answer")] == ["rewrite", "search", "judge", "answer"]
    assert seen.queries == [SIGNED.question]


def test_every_quote_is_its_slice_of_the_file(assistant: Assistant, sources: Path) -> None:
    asks = [SIGNED, Ask("What did Putin propose?"), Ask("What should be verified, for example?"), Ask("Who withdrew from the treaty, and when?")]
    citations = [citation for reply in assistant.chain.batch(asks) for citation in reply.citations]
    assert len(citations) >= len(asks)
    for citation in citations:
        text = (sources / citation.document).read_bytes().decode("utf-8")
        assert text[citation.start : citation.end] == citation.quote


def test_a_sentence_that_leans_brings_the_one_it_leans_on(assistant: Assistant) -> None:
    reply = assistant.chain.invoke(Ask("On whom did Putin call to declare a moratorium?"))
    first, second = (citation.quote for citation in reply.citations)
    assert first.startswith("Putin confirmed his side’s commitment")
    assert second.startswith("He called on NATO member states")
    assert "[1] He called" in reply.answer


def test_the_month_of_the_same_year_is_told_with_its_year(assistant: Assistant) -> None:
    reply = assistant.chain.invoke(Ask("When did the United States formally withdraw from the INF Treaty?"))
    assert reply.status == "answered"
    assert "August 2019" in reply.answer
    assert "August of the same year" in reply.citations[-1].quote
    assert all("August 2019" not in citation.quote for citation in reply.citations)


def test_a_follow_up_is_answered_by_what_came_before(assistant: Assistant) -> None:
    history = (Turn("user", "When was the INF Treaty signed?"), Turn("assistant", "In 1987. [1]"))
    reply = assistant.chain.invoke(Ask("And by whom?", history))
    assert reply.standalone_question == "When was the INF Treaty signed? And by whom?"
    assert reply.status == "answered"
    assert "signed by the Soviet Union and the United States" in reply.answer


def test_a_misspelt_question_is_put_right(assistant: Assistant) -> None:
    reply = assistant.chain.invoke(Ask("When was the INF Traety signed?"))
    assert (reply.question, reply.standalone_question) == ("When was the INF Traety signed?", "When was the INF Treaty signed?")
    assert reply.status == "answered"


@pytest.mark.parametrize("question", ["", "  \n", "x" * 2_001])
def test_what_is_no_question_is_an_error_of_the_asker(assistant: Assistant, question: str) -> None:
    with pytest.raises(QuestionError):
        assistant.chain.invoke(Ask(question))


def test_the_strictness_that_is_set_counts(built_index: Path, sources: Path) -> None:
    lenient, strict = (load(load_settings(index=built_index, sources=sources, strictness=level), lambda *_: None).chain for level in ("lenient", "strict"))
    asks = [SIGNED, NOT_THERE, Ask("Who negotiated the INF Treaty?"), Ask("Where was the INF Treaty signed?"), Ask("What does NATO think?")]
    for loose, tight in zip(lenient.batch(asks), strict.batch(asks), strict=True):
        assert loose.confidence == tight.confidence
        assert loose.status == "answered" or tight.status == "not_stated"


def quiet(_what: str, _done: int, _of: int) -> None:
    return None


def settings_for(sources: Path, index: Path, **more: Any) -> Settings:
    return Settings(_env_file=None, sources=sources, index=index, **more)  # type: ignore[call-arg]


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
    holds_together(reply, {document.name: document.text for document in assistant.store.documents})
    assert reply.status == "answered"
    assert words in " ".join(citation.quote for citation in reply.citations)
    assert reply.answerer == "quotes"


@pytest.mark.parametrize("question", ["What is the capital of France?", "How old is Putin?", "Who wrote War and Peace?", "asdf qwer zxcv", "???", "\U0001f600"])
def test_what_it_does_not_say(assistant: Assistant, question: str) -> None:
    reply = assistant.chain.invoke(Ask(question))
    holds_together(reply, {document.name: document.text for document in assistant.store.documents})
    assert reply.status == "not_stated"


@examples(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=300), st.lists(st.text(max_size=100), max_size=3))
def test_any_question_and_history_give_a_reply_or_a_question_error(assistant: Assistant, question: str, before: list[str]) -> None:
    try:
        reply = assistant.chain.invoke(Ask(question, tuple(Turn("user", text) for text in before)))
    except QuestionError:
        return
    holds_together(reply, {document.name: document.text for document in assistant.store.documents})


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
