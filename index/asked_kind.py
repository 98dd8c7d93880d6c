"""The kind of answer that a question asks for: who, when, where, how many, why. Pure."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from index.words import QUESTION_WORDS, STOP, stem, words

Kind = Literal["person", "time", "place", "number", "reason", "other"]

_AUXILIARIES = frozenset("is are was were did does do has had have having can could would will must should shall may might".split())
_QUANTITIES = frozenset("many much long old far often large high tall big".split())
_NEAR = 5  # words after the question word that may name the kind: "what was the exact year"
_NOUNS: dict[Kind, frozenset[str]] = {
    "person": frozenset(
        """person people man men woman women king queen emperor president leader scientist author ruler researcher philosopher professor scholar
        mathematician general writer khan physicist politician actor minister commander""".split()
    ),
    "time": frozenset("year date century centuries decade month day period era time".split()),
    "place": frozenset(
        """city cities country countries place location state region town area continent province county counties street building nation island
        river""".split()
    ),
    "number": frozenset("number percentage percent amount quantity population cost size length distance rate price range".split()),
    "reason": frozenset("reason cause".split()),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for.

    `word` is its question word ("who" for whom and whose, "what" for "tell me the year"), "how many" for any question of quantity, or empty;
    `noun` the stem of the noun after it ("In which year ..." -> "year"), or empty.
    """

    kind: Kind
    word: str
    noun: str


def asked_for(question: str) -> Asked:
    """Read the kind off the first question word and the noun after it; without one, off "the year" and the like."""
    asked = words(question)
    at = next((n for n, word in enumerate(asked) if _bare(word) in QUESTION_WORDS), None)
    if at is None:
        nouns = [word for the, word in pairwise(asked) if the == "the" and _named([word], ("time", "number"))]
        return Asked(_named(nouns) or "other", "what", stem(nouns[0])) if nouns else Asked("other", "", "")
    word = _bare(asked[at])
    if word == "how" and at + 1 < len(asked) and asked[at + 1] in _QUANTITIES:
        word = "how many"
    if word in ("whom", "whose"):
        word = "who"
    near = asked[at + 1 : at + 1 + _NEAR]
    run = _run(near) if word in ("what", "which", "how many") else []
    return Asked(_kind(word, run, near), word, stem(run[-1]) if run else "")


def _bare(word: str) -> str:
    """words() joins "who'd" and "what're" to one word."""
    match = re.match(r"(who|what|when|where|why|how)(?:d|re|ll|ve)$", word)
    return match[1] if match else word


def _run(following: list[str]) -> list[str]:
    """The words that carry meaning straight after the question word: "which French city did ..." -> french, city."""
    found: list[str] = []
    for word in following:
        if word in _AUXILIARIES or (found and word in STOP):
            break
        if word not in STOP and word not in _QUANTITIES:
            found.append(word)
    return found


def _kind(word: str, run: list[str], near: list[str]) -> Kind:
    by_word: dict[str, Kind] = {"who": "person", "when": "time", "where": "place", "why": "reason", "how many": "number"}
    if word in by_word:
        return by_word[word]
    if word in ("what", "which"):
        return _named(run) or _named(near, ("time", "number", "reason")) or "other"
    return "other"


def _named(found: list[str], kinds: tuple[Kind, ...] = ("person", "time", "place", "number", "reason")) -> Kind | None:
    """The kind that a word of `found`, the first that does, names."""
    return next((kind for word in found for kind in kinds if word in _NOUNS[kind] or word.removesuffix("s") in _NOUNS[kind]), None)
