"""A sentence, a passage or a question as it is compared with another: its stems, numbers, names and negation. Pure."""

import functools
import re
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from index.words import QUESTION_WORDS, STOP, stem, words

_CLOSE = 75  # percent of letters that two stems share, to count as one word in another form

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_CAPITAL = r"[A-Z][\w'’.\-]*\w"
_NAME = re.compile(rf"{_CAPITAL}(?:\s+(?:(?:of|de|la|the|van|von|der|du|ibn|al)\s+){{0,2}}{_CAPITAL})*|\b[A-Z]\b")
_NEGATIONS = frozenset(
    """not no never none nobody nothing neither nor cannot without except unlike lack lacks lacked fail fails failed refuse refused least unable rarely
    hardly instead exclude excluding excluded avoid dont doesnt didnt isnt arent wasnt werent cant couldnt wont wouldnt shouldnt hasnt havent hadnt""".split()
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is compared of a text.

    `words` are in lower case and in order, a compound in its parts ("short-range" is two), and `stems` are theirs;
    `content` holds the stems that carry meaning. `numbers` are written in digits, without commas. A name is a run of
    capitalised words, here as stems; `negated` says whether any word negates.
    """

    words: tuple[str, ...]
    stems: tuple[str, ...]
    content: frozenset[str]
    numbers: frozenset[str]
    names: tuple[frozenset[str], ...]
    negated: bool


@functools.lru_cache(maxsize=20_000)
def read(text: str) -> Reading:
    """Read a text once; what was read last is kept."""
    found = tuple(_parts(text))
    stems = tuple(stem(word) for word in found)
    names = (frozenset(stem(word) for word in _parts(name) if carries_meaning(word)) for name in _NAME.findall(text))
    return Reading(
        words=found,
        stems=stems,
        content=frozenset(s for s, word in zip(stems, found, strict=True) if carries_meaning(word)),
        numbers=frozenset(number.replace(",", "") for number in _NUMBER.findall(text)),
        names=tuple(name for name in names if name),
        negated=not _NEGATIONS.isdisjoint(found),
    )


def carries_meaning(word: str) -> bool:
    """Whether a lower-case word is neither a function word nor a question word."""
    return word not in STOP and word not in QUESTION_WORDS


def closeness(stem: str, content: frozenset[str]) -> float:
    """How nearly `content` holds a stem: 1 exactly, 0.75 and more in another form or spelling, else 0; numbers only exactly."""
    if stem in content:
        return 1.0
    if not content or stem[0].isdigit():
        return 0.0
    found = process.extractOne(stem, content, scorer=fuzz.ratio, score_cutoff=_CLOSE)
    return found[1] / 100 if found else 0.0


def _parts(text: str) -> list[str]:
    """words(), with compounds in their parts unless a digit makes them a code: land-based -> land, based; MK-41."""
    return [part for word in words(text) for part in ([word] if any(c.isdigit() for c in word) else word.split("-"))]
