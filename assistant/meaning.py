"""A sentence as words that can be compared: stems and synonyms, names, numbers, verbs, negations. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from assistant.wording import AUXILIARIES, BE, IRREGULAR, LIGHT, MONTHS, NEGATORS, NOT_VERBS, NUMBERS, PHRASES, REPORTING, SYNONYMS
from index.words import stem

Kind = Literal["name", "number", "month", "word", "light"]
_WORD = re.compile(r"\w+(?:[’'.,\-–]\w+)*")
_NOT_ACTORS = frozenset({"treati", "region", "sea", "ocean", "missil", "system", "launcher", "agreement", "pact", "act", "law", "rang"})
_CLAUSE = re.compile(r"[;:]|,? as well as |, (?:but|while|whereas|and) ")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a sentence: `at` counts words from 0, `segment` the clauses that "as well as" and the like set apart."""

    text: str
    stem: str
    at: int
    segment: int
    kind: Kind
    is_verb: bool = False
    is_passive: bool = False

    @property
    def concepts(self) -> frozenset[str]:
        """What it may mean: its stem and its groups of synonyms."""
        return SYNONYMS.get(self.stem, frozenset()) | {self.stem}

    @property
    def counts(self) -> bool:
        """Whether it carries meaning of its own."""
        return self.kind != "light"


Words = tuple[Word, ...]


def read(text: str, common: frozenset[str] = frozenset()) -> Words:
    """The words of one sentence. `common` holds stems known to be no names, for a capital at the beginning."""
    for pattern, plain in PHRASES:
        text = pattern.sub(plain, text)
    found: list[Word] = []
    cuts = [match.start() for match in _CLAUSE.finditer(text)]
    for match in _WORD.finditer(text):
        segment = sum(cut < match.start() for cut in cuts)
        opens = not found or text[: match.start()].rstrip()[-1:] in ':"“'
        for part in _parts(match.group()):
            kind = _kind(part, opens, common)
            root = NUMBERS.get(part.lower(), part.lower().replace(",", "")) if kind == "number" else stem(part.lower())
            is_verb, is_passive = _verb(part, kind, found) if "-" not in match.group() else (False, False)
            found.append(Word(part, root, len(found), segment, kind, is_verb, is_passive))
            opens = False
    return tuple(found)


def _parts(text: str) -> list[str]:
    """A code as it stands, a compound in its parts: MK-41; land-based -> land, based."""
    text = re.sub(r"[’']s?$|[’']s\b", "", text)
    if any(c.isdigit() for c in text):
        return [text]
    return [part for part in re.split(r"[-–.,’']", text) if part]


def _kind(part: str, opens: bool, common: frozenset[str]) -> Kind:
    lower = part.lower()
    if any(c.isdigit() for c in part) or (lower in NUMBERS and lower != "one"):
        return "name" if any(c.isalpha() for c in part) and lower not in NUMBERS else "number"
    if lower in MONTHS and part[0].isupper() and (lower not in ("may", "march") or not opens):
        return "month"
    if part == "USA" or part == "Soviet":
        return "name"
    if lower in LIGHT:
        return "light"
    if part[0].isupper() and stem(lower) not in SYNONYMS and not (opens and (stem(lower) in common or lower.endswith(("ing", "ly", "ed")))):
        return "name"
    return "word"


def _verb(part: str, kind: Kind, before: list[Word]) -> tuple[bool, bool]:
    """Whether a word is a finite verb, by its form and what stands before it, and whether in the passive."""
    lower = part.lower()
    recent = [word.text.lower() for word in before[-3:]]
    if lower in ("willing", "ready", "prepared"):
        return bool(recent) and recent[-1] in BE | {"also", "not"}, False
    if kind in ("name", "number", "month") or lower in AUXILIARIES or lower in NEGATORS or lower in NOT_VERBS or lower.endswith(("ly", "ing")):
        return False, False
    last = next((word for word in reversed(recent) if word not in NEGATORS and word not in ("also", "always", "only") and not word.endswith("ly")), "")
    past = lower.endswith("ed") or lower in IRREGULAR
    if kind == "light" and stem(lower) not in REPORTING:
        return False, False
    if past:
        return last != "to" and not (last in BE and "to" in recent), last in BE
    if last in AUXILIARIES and last not in BE:
        return True, False
    return lower.endswith("s") and stem(lower) in REPORTING and bool(before) and before[-1].kind in ("name", "light", "word"), False


def same(a: Word, b: Word) -> bool:
    """Whether two words mean the same: a stem, a group of synonyms or a derivation in common."""
    if a.kind in ("number", "month") or b.kind in ("number", "month"):
        return a.stem == b.stem
    if a.concepts & b.concepts:
        return True
    if "name" in (a.kind, b.kind) and (a.kind != b.kind or any(c.isdigit() for c in a.stem + b.stem)):
        return False
    shared = next((n for n, (x, y) in enumerate(zip(a.stem, b.stem, strict=False)) if x != y), min(len(a.stem), len(b.stem)))
    return shared >= 5 and len(a.stem) + len(b.stem) - 2 * shared <= 2


def finds(word: Word, words: Iterable[Word]) -> list[Word]:
    """The words that mean the same as `word`."""
    return [other for other in words if same(word, other)]


def actors(words: Iterable[Word]) -> list[Word]:
    """Names that may do or say something: people, states, bodies; not a treaty, a region or a weapon."""
    found = list(words)
    return [
        word
        for number, word in enumerate(found)
        if word.kind == "name"
        and not any(c.isdigit() for c in word.text)
        and not any(later.stem in _NOT_ACTORS and later.at - word.at == n for n, later in enumerate(found[number + 1 : number + 3], start=1))
    ]


def nearest(found: list[Word]) -> list[Word]:
    """The last of some names in order, with those written beside it: a full name, "A and B"."""
    near = found[-1:]
    while len(near) < len(found) and near[0].at - found[-len(near) - 1].at <= 3:
        near.insert(0, found[-len(near) - 1])
    return near


def negated(words: Words) -> list[Word]:
    """The words that a negation reaches: the first that carries meaning after it, and those listed with it."""
    reached: list[Word] = []
    for word in words:
        if word.text.lower() in NEGATORS:
            after = [later for later in words[word.at + 1 :] if later.counts or later.stem in REPORTING]
            reached += after[:1]
    return reached
