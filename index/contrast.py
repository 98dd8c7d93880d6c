"""Words that contradict each other: opposites, members of a closed class, and a word against its negated form. Pure.

"Who refused the treaty?" is not answered by who accepted it, nor "the eastern border" by the western one: where a
word of the question is missing and its contrary stands in its place, the text speaks of something else.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

from index.words import stem

_WORDS = Path(__file__).with_name("opposites.txt")
_PREFIXES = ("un", "in", "im", "ir", "il", "dis", "non", "anti", "de", "mis", "ab")
_SHORTEST = 4  # letters of a word that is looked for under a prefix


@dataclass(frozen=True, slots=True)
class _Contraries:
    """`opposites` of a stem, and the numbers of the closed `classes` that it belongs to."""

    opposites: dict[str, frozenset[str]]
    classes: dict[str, frozenset[int]]


@functools.cache
def _contraries() -> _Contraries:
    opposites: dict[str, set[str]] = {}
    classes: dict[str, set[int]] = {}
    for number, line in enumerate(_WORDS.read_text(encoding="utf-8").splitlines()):
        word, colon, others = line.partition(":")
        if line.startswith("#"):
            continue
        if colon:
            for other in others.split():
                opposites.setdefault(stem(word), set()).add(stem(other))
                opposites.setdefault(stem(other), set()).add(stem(word))
        else:
            for member in line.split():
                classes.setdefault(stem(member), set()).add(number)
    return _Contraries({w: frozenset(o) for w, o in opposites.items()}, {w: frozenset(c) for w, c in classes.items()})


def contrasts(asked: frozenset[str], said: frozenset[str]) -> int:
    """How many stems of `asked` are missing from `said` while a contrary of theirs stands there, not asked for itself."""
    return sum(_is_contradicted(word, said, said - asked) for word in asked - said)


def _is_contradicted(word: str, said: frozenset[str], instead: frozenset[str]) -> bool:
    known = _contraries()
    if not instead.isdisjoint(known.opposites.get(word, frozenset())):
        return True
    if len(word) >= _SHORTEST and _is_negated(word, said, instead):
        return True
    mine = known.classes.get(word, frozenset())
    return bool(mine) and any(not mine.isdisjoint(known.classes.get(other, frozenset())) for other in instead)


def _is_negated(word: str, said: frozenset[str], instead: frozenset[str]) -> bool:
    """Whether one of the two words is the other with a prefix that negates: known, unknown."""
    return any(
        prefix + word in instead or (word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST and word[len(prefix) :] in said) for prefix in _PREFIXES
    )
