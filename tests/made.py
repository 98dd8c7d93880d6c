"""A small text, facts about it and finished cases, for numbers that can be worked by hand."""

from assistant.reply import Citation, Reply
from evals.cases import Case, Fact
from evals.run import Finished, Place
from evals.texts import Text
from index.passages import split
from index.source import Source

NAME = "trade.txt"
#        0         1         2         3         4         5         6
#        0123456789012345678901234567890123456789012345678901234567890
WORDS = "Ann sells tea in Rome. She buys milk in Oslo. Bob sells rum."
SENTENCES = ((0, 22), (23, 45), (46, 60))
TEXTS = {NAME: Text(NAME, WORDS, "", *split(Source(NAME, WORDS, "")))}
FACTS = {
    "tea": Fact("tea", "Ann sells tea.", NAME, ((0, 13),)),
    "rome": Fact("rome", "Ann sells in Rome.", NAME, ((0, 21),)),
    "milk": Fact("milk", "Ann buys milk.", NAME, ((23, 36),)),
    "sells": Fact("sells", "Somebody sells something.", NAME, ((46, 59), (0, 13))),
}


def case(name: str, *facts: str, okay: tuple[str, ...] = (), short: tuple[str, ...] = (), kind: str = "plain", split: str = "test") -> Case:
    return Case(name, split, kind, f"{name}?", facts, okay, short)  # type: ignore[arg-type]


def cite(*numbers: int) -> tuple[Citation, ...]:
    """Citations of whole sentences."""
    return tuple(Citation(n, NAME, 1, *SENTENCES[s], WORDS[slice(*SENTENCES[s])]) for n, s in enumerate(numbers, start=1))


def places(*numbers: int) -> tuple[Place, ...]:
    return tuple((NAME, *SENTENCES[number]) for number in numbers)


def answered(asked: Case, *sentences: int, confidence: float = 1.0, ranking: tuple[Place, ...] | None = None, ms: float = 1.0) -> Finished:
    citations = cite(*sentences)
    reply = Reply(asked.question, asked.question, "answered", " ".join(c.quote for c in citations), confidence, "fake", citations)
    return Finished(asked, reply, ranking, None, ms)


def refused(asked: Case, *held_back: int, confidence: float = 0.0, ranking: tuple[Place, ...] | None = None, ms: float = 1.0) -> Finished:
    reply = Reply(asked.question, asked.question, "not_stated", "No.", confidence, "fake")
    citations = cite(*held_back)
    return Finished(asked, reply, ranking, (" ".join(c.quote for c in citations), citations), ms)
