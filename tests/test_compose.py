import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from assistant.chain import build_chain
from assistant.compose import Writer
from assistant.models import LanguageModel, failures, open_model
from assistant.reply import Ask, Delta, Event, Progress, Reply
from assistant.settings import load_settings
from index.build import encoder_for
from index.embedding_model import DEFAULT_MODEL
from index.search import EvidenceRetriever
from index.store import open_store
from tests.fakes import fake_model

QUESTION = "When did the United States formally withdraw from the INF Treaty?"
WITHDREW = "The United States formally withdrew from the treaty in August 2019 [13]."
SECONDS = 3.0


@pytest.fixture(scope="module")
def retriever(built_index: Path) -> EvidenceRetriever:
    encoder = encoder_for(built_index, DEFAULT_MODEL)
    return EvidenceRetriever.over(open_store(built_index, encoder), encoder)


@pytest.fixture(scope="module")
def quoted(retriever: EvidenceRetriever) -> Reply:
    return build_chain(retriever, load_settings()).invoke(Ask(QUESTION))


def written(retriever: EvidenceRetriever, draft: str, question: str = QUESTION) -> list[Event]:
    chat = GenericFakeChatModel(messages=iter([AIMessage(draft)]))
    chain = build_chain(retriever, load_settings(), Writer(LanguageModel("fake", chat, failures()), SECONDS, 0))
    return list(chain.stream(Ask(question)))


def served(retriever: EvidenceRetriever, base_url: str, seconds: float = SECONDS, retries: int = 1) -> list[Event]:
    settings = load_settings(model="fake", base_url=base_url, model_seconds=seconds, model_retries=retries)
    writer = Writer(open_model(settings, lambda *_: None), seconds, retries)
    return list(build_chain(retriever, settings, writer).stream(Ask(QUESTION)))


def test_the_draft_streams_and_what_stands_comes_last(retriever: EvidenceRetriever) -> None:
    *before, reply = written(retriever, f"{WITHDREW} It withdrew in May 2018 [13].")
    assert isinstance(before[0], Progress)
    assert "".join(event.text for event in before[1:] if isinstance(event, Delta)) == f"{WITHDREW} It withdrew in May 2018 [13]."
    assert isinstance(reply, Reply)
    assert reply.answer == "The United States formally withdrew from the treaty in August 2019. [1][2]"  # 2019 is told in the sentence before
    assert reply.answerer == "fake"
    assert [gone.claim for gone in reply.dropped] == ["It withdrew in May 2018."]
    assert reply.status == "answered"


def test_citations_are_verbatim_and_counted_anew(retriever: EvidenceRetriever) -> None:
    reply = written(retriever, f"{WITHDREW} The treaty was signed in 1987 [12]. In August 2019 the United States formally withdrew [13].")[-1]
    assert isinstance(reply, Reply)
    assert [c.number for c in reply.citations] == [1, 2]
    assert reply.answer.endswith("[1][2] The treaty was signed in 1987. [1] In August 2019 the United States formally withdrew. [1][2]")
    text = retriever.store.documents[0].text
    assert [text[c.start : c.end] for c in reply.citations] == [c.quote for c in reply.citations]


BOTH = "Give me the year the pact was signed, plus the month the United States formally ended its membership."


def test_a_passage_that_the_model_leaves_out_is_quoted_in_its_place(retriever: EvidenceRetriever) -> None:
    quoted = build_chain(retriever, load_settings()).invoke(Ask(BOTH))
    *_, reply = written(retriever, "The INF Treaty was signed in 1987 [12].", BOTH)
    assert isinstance(reply, Reply)
    signed, left = reply.answer.split("[1] ")
    assert signed.strip() == "The INF Treaty was signed in 1987."
    assert left == "In August of the same year (August 2019), the United States formally withdrew from the Treaty. [2]"
    assert reply.citations == quoted.citations
    assert reply.notice.startswith("1 of 2 passages quoted")


def test_a_true_sentence_that_does_not_answer_goes(retriever: EvidenceRetriever) -> None:
    *_, reply = written(retriever, "The INF Treaty was signed by the Soviet Union [12].", "When was the INF Treaty signed?")
    assert isinstance(reply, Reply)
    assert reply.answerer == "quotes"
    assert [gone.reason for gone in reply.dropped] == ["it leaves out what was asked for: 1987"]


@pytest.mark.parametrize("draft", ["The moon is made of cheese [13].", "The US withdrawal is a serious mistake. [3]", "12 [13] [13]", "[13]", "�� \x1b[31m"])
def test_where_nothing_stands_the_answer_is_quoted_and_says_so(retriever: EvidenceRetriever, quoted: Reply, draft: str) -> None:
    reply = written(retriever, draft)[-1]
    assert isinstance(reply, Reply)
    assert (reply.answer, reply.citations, reply.answerer) == (quoted.answer, quoted.citations, "quotes")
    assert "quoted" in reply.notice
    assert "\n" not in reply.notice


def test_the_model_is_not_asked_what_the_text_does_not_say(retriever: EvidenceRetriever) -> None:
    chain = build_chain(retriever, load_settings(), Writer(LanguageModel("fake", GenericFakeChatModel(messages=iter([])), failures()), SECONDS, 0))
    reply = chain.invoke(Ask("What is the capital of Mongolia?"))
    assert reply.status == "not_stated"
    assert reply.citations == ()


def test_a_served_model_is_given_the_passages_as_data(retriever: EvidenceRetriever) -> None:
    with fake_model("ok", answer=WITHDREW) as fake:
        reply = served(retriever, fake.base_url)[-1]
    assert isinstance(reply, Reply)
    assert reply.answerer == "fake"
    system, user = (message["content"] for message in fake.requests[0]["messages"])
    assert "[13] In August of the same year (August 2019), the United States formally withdrew" in system
    assert QUESTION not in system
    assert QUESTION in user


@pytest.mark.parametrize("failure", ["429", "500", "503", "nonsense", "wrong", "html", "empty", "half", "dies", "401", "404"])
def test_a_failing_server_gives_the_quoted_answer_and_one_line_why(retriever: EvidenceRetriever, quoted: Reply, failure: str) -> None:
    with fake_model(failure, answer=WITHDREW) as fake:
        reply = served(retriever, fake.base_url)[-1]
    assert isinstance(reply, Reply)
    assert (reply.answer, reply.status, reply.answerer) == (quoted.answer, "answered", "quotes")
    assert reply.notice.endswith("the answer is quoted instead.")
    assert "\n" not in reply.notice
    assert len(fake.requests) == (1 if failure in ("half", "dies", "401", "404") else 2)


def test_a_draft_that_is_cut_off_loses_its_last_sentence(retriever: EvidenceRetriever) -> None:
    with fake_model("cut", answer=f"{WITHDREW} {WITHDREW[:-3]} and so it goes on and on") as fake:
        reply = served(retriever, fake.base_url)[-1]
    assert isinstance(reply, Reply)
    assert "on and on" not in reply.answer


@pytest.mark.parametrize("failure", ["silent", "slow"])
def test_a_slow_server_is_left_in_time(retriever: EvidenceRetriever, quoted: Reply, failure: str) -> None:
    with fake_model(failure, answer=WITHDREW * 3) as fake:
        started = time.monotonic()
        reply = served(retriever, fake.base_url, seconds=1.0)[-1]
        took = time.monotonic() - started
    assert isinstance(reply, Reply)
    assert reply.answer == quoted.answer
    assert "too long" in reply.notice or "timed out" in reply.notice
    assert took < 2.5


def test_an_endless_answer_is_stopped(retriever: EvidenceRetriever, quoted: Reply) -> None:
    with fake_model("endless") as fake:
        reply = served(retriever, fake.base_url, seconds=20.0)[-1]
    assert isinstance(reply, Reply)
    assert reply.answer == quoted.answer
    assert "without end" in reply.notice


@pytest.mark.parametrize("first", ["429", "500", "empty"])
def test_a_server_that_recovers_is_asked_again(retriever: EvidenceRetriever, first: str) -> None:
    with fake_model(first, "ok", answer=WITHDREW) as fake:
        reply = served(retriever, fake.base_url)[-1]
    assert isinstance(reply, Reply)
    assert (reply.answerer, reply.notice, len(fake.requests)) == ("fake", "", 2)


def test_no_server_at_all(retriever: EvidenceRetriever, quoted: Reply) -> None:
    reply = served(retriever, "http://127.0.0.1:9/v1", retries=0)[-1]
    assert isinstance(reply, Reply)
    assert reply.answer == quoted.answer
    assert "does not answer" in reply.notice


def test_an_answer_may_be_left_in_the_middle(retriever: EvidenceRetriever) -> None:
    with fake_model("slow", answer=WITHDREW) as fake:
        settings = load_settings(model="fake", base_url=fake.base_url)
        events: Iterator[Event] = build_chain(retriever, settings, Writer(open_model(settings, lambda *_: None), 30.0, 0)).stream(Ask(QUESTION))
        started = time.monotonic()
        while not isinstance(next(events), Delta):
            pass
        events.close()  # type: ignore[attr-defined]
        assert time.monotonic() - started < 2.0
