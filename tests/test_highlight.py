from pathlib import Path

import pytest
from langchain_core.runnables import Runnable

from assistant.chain import load
from assistant.reply import Ask, Citation, Reply
from assistant.settings import load_settings


@pytest.fixture(scope="module")
def chain(built_index: Path, sources: Path) -> Runnable[Ask, Reply]:
    return load(load_settings(index=built_index, sources=sources), lambda *_: None).chain


def marked(citation: Citation) -> list[str]:
    return [citation.quote[start - citation.start : end - citation.start] for start, end in citation.highlights]


def marks(reply: Reply) -> list[str]:
    return [words for citation in reply.citations for words in marked(citation)]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("In which year was the INF Treaty signed?", "1987"),
        ("What range of missiles does the INF Treaty prohibit?", "500 km to 5,500 km"),
        ("In which region are the 9M729 missiles?", "the Kaliningrad region"),
    ],
)
def test_the_very_words_are_marked(chain: Runnable[Ask, Reply], question: str, words: str) -> None:
    reply = chain.invoke(Ask(question))
    assert reply.status == "answered"
    assert marks(reply) == [words]


@pytest.mark.parametrize(
    "question",
    [
        "Why does Putin call the US withdrawal a mistake?",
        "What did Putin propose?",
        "Was the INF Treaty signed in 1987?",
        "What is the capital of France?",
    ],
)
def test_nothing_is_marked_where_it_is_not_certain(chain: Runnable[Ask, Reply], question: str) -> None:
    assert marks(chain.invoke(Ask(question))) == []


def test_a_mark_lies_inside_its_quote(chain: Runnable[Ask, Reply]) -> None:
    asks = [
        Ask(q) for q in ("When was the INF Treaty signed?", "When did the US formally withdraw?", "Who signed the INF Treaty?", "Where are the 9M729 missiles?")
    ]
    replies = chain.batch(asks)
    spans = [(c.start, start, end, c.end) for reply in replies for c in reply.citations for start, end in c.highlights]
    assert spans
    assert all(first <= start < end <= last for first, start, end, last in spans)
