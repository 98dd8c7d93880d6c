from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler

from assistant.chain import Assistant, load
from assistant.reply import Ask, Delta, Reply, Turn
from assistant.settings import load_settings
from index.errors import QuestionError

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
