"""Does the cited text say what a drafted sentence says? Each check gives the reason why not, or nothing. Pure.

After the error types of FactCC (Kryściński et al. 2020): swapped entities, dates, numbers and negations,
and, for a text that reports what others say, a lost or a wrong speaker.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.attribution import attributes, reported_part
from assistant.meaning import Word, Words, actors, finds, nearest, negated, read, same
from assistant.modality import duty, plan_as_deed, planned, unhedged
from assistant.wording import NEGATIVE, NEGATORS, REPORTING
from index.passages import Sentence
from index.words import stem

_TITLE = re.compile(r"\b(\w+) (?:President|Prime Minister|Chancellor|Foreign Minister|Defen[cs]e Minister|King|Queen)s? ((?:[A-Z]\w+ ?){1,3})")
_BREAKS_OFF = re.compile(r"(?:[,;:–—-]|\b(?:the|an?|of|to|in|on|by|with|and|or|not|that|which|for|from|as|is|are|was|were))[\s.!?…]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cited:
    """A cited sentence, and the one before it that it leans on ("" without).

    `marked` are the very words in it that answer the question, and `pointed` the part that does, where these are known.
    """

    text: str
    before: str = ""
    marked: str = ""
    pointed: str = ""

    @staticmethod
    def of(sentences: Sequence[Sentence], number: int, marked: str = "", pointed: str = "") -> "Cited":
        """A sentence of a document's, with what it leans on."""
        sentence = sentences[number]
        before = sentences[sentence.leans_on].read if sentence.leans_on is not None else ""
        return Cited(sentence.read, before, marked, pointed)


@dataclass(frozen=True, slots=True)
class _Case:
    """A claim and what it cites, read: `direct` a tuple of words a cited sentence, `context` one for each before it."""

    claim: Words
    direct: tuple[Words, ...]
    context: tuple[Words, ...]
    aliases: tuple[frozenset[str], ...]

    @property
    def cited(self) -> list[Word]:
        return [word for words in (*self.direct, *self.context) for word in words]


def problem(claim: str, cited: list[Cited], given: list[str]) -> str:
    """Why `claim` (without its markers) does not follow from `cited`; "" where it does.

    `given` are all passages that the writer had, from which is read who speaks for whom.
    """
    claim = re.sub(r"^\W*(?:yes|no)\b[\s,.:;–—-]*", "", claim, flags=re.IGNORECASE)
    plain = " ".join([claim, *(c.text for c in cited), *(c.before for c in cited)])
    common = frozenset(stem(word) for word in re.findall(r"\b[a-z]\w+", plain))
    case = _Case(
        read(claim, common),
        tuple(read(c.text, common) for c in cited),
        tuple(read(c.before, common) for c in cited),
        tuple(frozenset(word.stem for word in read(f"{one} {other}")) for text in given for one, other in _TITLE.findall(text)),
    )
    if not any(word.counts for word in case.claim):
        return "it says nothing"
    if _BREAKS_OFF.search(claim):
        return "it breaks off"
    return (
        _unsupported(case)
        or _polarity(case)
        or _opinion_as_fact(claim, case, cited)
        or _wrong_actor(case)
        or _wrong_value(case)
        or plan_as_deed(case.claim, case.direct)
        or unhedged(case.claim, case.direct)
        or duty(claim, [one.text for one in cited])
    )


def _unsupported(case: _Case) -> str:
    """A number, date, name or word that the cited text does not hold."""
    first_verb = next((word.at for word in case.claim if word.is_verb), len(case.claim))
    direct = [word for words in case.direct for word in words]
    denies = any(word.text.lower() in NEGATORS or word.stem in NEGATIVE for word in direct)
    for word in case.claim:
        if not word.counts or (word.stem in REPORTING and word.kind == "word") or (denies and word.stem in NEGATIVE):
            continue
        if word.kind == "name" and word in actors(case.claim) and word.at > first_verb and not _speaks(word, case.claim) and not _named(word, direct, case):
            return f"{word.text} is not in what it cites"
        where = direct if word.kind in ("number", "month") else case.cited
        if not finds(word, where) and not (word.kind == "name" and _named(word, case.cited, case)):
            what = {"number": "the number", "month": "the date", "name": "the name"}.get(word.kind, "the word")
            return f"{what} {word.text} is not in what it cites"
    return ""


def _speaks(name: Word, words: Words) -> bool:
    following = words[name.at + 1 : name.at + 2]
    return bool(following) and following[0].stem in REPORTING


def _named(name: Word, words: list[Word], case: _Case) -> bool:
    stems = {word.stem for word in words}
    return name.stem in stems or any(name.stem in alias and alias & stems for alias in case.aliases)


def _polarity(case: _Case) -> str:
    """A "not" that the cited text does not have, or one that it has and the claim lost."""
    negated_there = [word for words in (*case.direct, *case.context) for word in negated(words)]
    for word in negated(case.claim):
        before = [other for words in case.direct for hit in finds(word, words) for other in words[max(0, hit.at - 4) : hit.at + 1]]
        if not finds(word, negated_there) and not any(other.stem in NEGATIVE for other in before):
            return f"it says not {word.text}, and what it cites does not"
    said_no = [word.at for word in case.claim if word.text.lower() in NEGATORS or word.stem in NEGATIVE]
    for word in case.claim:
        here = [hit for words in case.direct for hit in finds(word, words)]
        lost = word.counts and bool(here) and all(hit in negated_there for hit in here)
        if lost and not any(at < word.at for at in said_no):
            return f"what it cites says not {word.text}"
    return ""


def _opinion_as_fact(claim: str, case: _Case, cited: list[Cited]) -> str:
    """What somebody said, told as if it were so."""
    if attributes(claim, case.claim):
        return ""
    reported = [word for c in cited for word in read(reported_part(c.text))]
    plain = [word for c in cited for word in read(c.text.replace(reported_part(c.text), " ") if reported_part(c.text) else c.text)]
    told = [word for word in case.claim if word.kind == "word"]
    inside = [word for word in told if finds(word, reported)]
    outside = [word for word in told if finds(word, plain)]
    if inside and len(inside) > len(outside):
        return "it tells as a fact what the text says that somebody said"
    return ""


def _wrong_actor(case: _Case) -> str:
    """Something done or said by another than the one named."""
    names = actors(case.claim)
    start = 0
    for verb in (word for word in case.claim if word.is_verb):
        if verb.is_passive:
            agents = [n for n in names if n.at > verb.at and any(w.text == "by" and 0 < n.at - w.at <= 5 for w in case.claim[verb.at :])]
        else:
            agents = [name for name in names if start <= name.at < verb.at]
        start = verb.at
        for agent in agents:
            if not _does(agent, verb, case):
                return f"what it cites does not say that {agent.text} {verb.text}"
    return ""


def _does(agent: Word, verb: Word, case: _Case) -> bool:
    """Whether a cited sentence names `agent` nearest before a verb like `verb`, or after it with "by"."""
    anywhere = False
    for words, before in zip(case.direct, case.context, strict=True):
        exact = finds(verb, words)
        for hit in exact or (word for word in words if verb.stem in REPORTING and word.stem in REPORTING):
            anywhere = True
            reports = hit.stem in REPORTING
            ahead = actors(words[: hit.at]) or _subjects(before)
            near = ahead if reports or hit.is_passive else nearest(ahead)
            by = [w for w in words[hit.at : hit.at + 12] if w.kind == "name"] if any(w.text == "by" for w in words[hit.at : hit.at + 3]) else []
            if _named(agent, near + by, case):
                return True
    return not anywhere


def _subjects(words: Words) -> list[Word]:
    """The names before the first verb, to which "he" or "it" in the next sentence points."""
    first = next((word.at for word in words if word.is_verb), len(words))
    return actors(words[:first])


def _wrong_value(case: _Case) -> str:
    """A date or place tied to another event than in the cited text, or things that it keeps apart brought together."""
    for value in case.claim:
        is_place = value.kind == "name" and _where(value, case.claim) == "in"
        is_year = value.kind == "number" and re.fullmatch(r"(?:1[5-9]|20)\d\d", value.stem)
        if not (value.kind == "month" or is_place or is_year):
            continue
        anchors = [w for w in case.claim if w.is_verb and w.stem not in REPORTING] if not is_place else [w for w in case.claim[: value.at] if w.kind == "word"]
        anchor = min(anchors, key=lambda w: abs(w.at - value.at), default=None)
        if anchor is not None and not _tied(anchor, value, bool(is_place), case):
            return f"{value.text} belongs to something else in what it cites"
    return _kept_apart(case)


def _tied(anchor: Word, value: Word, is_place: bool, case: _Case) -> bool:
    verdicts = []
    found = [(words, hit) for words in case.direct for hit in finds(anchor, words)]
    found = found or [(words, hit) for words in case.context for hit in finds(anchor, words)]
    for words, hit in [(words, hit) for words, hit in found if not planned(hit, words)] or found:
        if is_place:
            values = [w for w in words if w.kind == "name" and _where(w, words) == "in"]
        else:
            values = [w for w in words if w.kind == value.kind and (w.kind == "month" or re.fullmatch(r"(?:1[5-9]|20)\d\d", w.stem))]
        if values:
            closest = min(abs(w.at - hit.at) for w in values)
            verdicts.append(any(same(value, w) and abs(w.at - hit.at) <= closest + 2 for w in values))
    return not verdicts or any(verdicts)


def _where(name: Word, words: Words) -> str:
    """The "in" or "at" that a name follows, with nothing but its own words between."""
    for word in reversed(words[max(0, name.at - 4) : name.at]):
        if word.text.lower() in ("in", "at"):
            return word.text.lower()
        if word.text.lower() != "the" and word.kind != "name":
            break
    return ""


def _kept_apart(case: _Case) -> str:
    names = [word for word in case.claim if word.kind == "name"]
    for one, other in ((a, b) for a in names for b in names if a.at < b.at and a.segment == b.segment):
        joined = any(w.text.lower() in ("and", "or") for w in case.claim[one.at : other.at])
        for words in case.direct:
            homes, others = {w.segment for w in finds(one, words)}, {w.segment for w in finds(other, words)}
            coded = any(any(c.isdigit() for c in w.text) for w in (one, other))
            if homes and others and not homes & others and coded and not joined:
                return f"what it cites does not bring {one.text} and {other.text} together"
    return ""
