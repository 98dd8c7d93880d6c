"""Where in a sentence stands what a kind of question asks for: times, numbers, places, persons, as offsets. Pure.

By patterns, for precision: what is found is of the kind, but not all of the kind is found.
"""

import functools
import re

from index.asked_kind import Kind
from index.dates import MONTHS
from index.words import STOP

Span = tuple[int, int]

_MONTH = rf"(?:{'|'.join(MONTHS)})"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:1\d{3}|20\d{2})(?:\s?[-–]\s?\d{2,4}\b)?"
_CENTURY = r"(?:the )?(?:early |mid-|late )?(?:\d{1,2}(?:st|nd|rd|th)[ -]centur(?:y|ies)|1\d{2}0s|20\d0s)"
_TIME = re.compile(
    rf"(?<![\w.,:/£$€-])(?:{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?|{_MONTH} {_DAY}\b(?:,? {_YEAR})?|{_MONTH}(?:,| of)? {_YEAR}"
    rf"|(?<=[Ii]n ){_MONTH}(?: of the same year)?|{_CENTURY}|(?:early |mid-|late )?{_YEAR}|\d{{1,4}} (?:BC|AD|BCE|CE)\b)"
    r"(?![\w%]|[.,]\d|-\w)"
)

_WORDS = "two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty forty fifty sixty hundred half dozen".split()
_WORD = rf"(?:{'|'.join(_WORDS)})\b"
_SCALE = r"(?:[ -](?:hundred|thousand|million|billion|trillion))*"
_AMOUNT = rf"(?:[£$€¥] ?)?(?:\d[\d,]*(?:\.\d+)?(?<!,)|{_WORD}){_SCALE}"
_LENGTH = r"(?:square |cubic )?(?:km|kilomet(?:re|er)s?|m|met(?:re|er)s?|mm|cm|miles?|feet|foot|ft|inch(?:es)?)"
_MEASURE = (
    r"per ?cent|kg|kilograms?|tons?|tonnes?|acres?|hectares?|pounds?|euros?|dollars?|rubles?"
    r"|hours?|minutes?|seconds?|days?|weeks?|months?|years?|decades?|centuries|degrees"
)
_UNIT = rf"(?: ?%| ?°[CF]?|[ -](?:{_LENGTH}|{_MEASURE})\b)"
_NUMBER = re.compile(rf"(?<![\w.,:/-])(?:{_AMOUNT}{_UNIT}?(?: (?:to|and|or) | ?[-–] ?))?{_AMOUNT}{_UNIT}?(?![\w%/]|[.,:]\d|-\w)", re.IGNORECASE)
_LABEL = re.compile(r"\b[A-Z]\w+ $")  # before a number: "Stage 1" counts nothing

_CAPITAL = r"[A-Z][\w-]*\w"
_PLACE = re.compile(
    rf"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Ii]nto|[Aa]cross|[Aa]round|[Oo]utside|[Tt]hroughout) "
    rf"(?P<place>(?:the )?(?:[a-z]+ern )?{_CAPITAL}(?:,? (?:(?:and|of|of the) )?{_CAPITAL})*"
    r"(?: (?:region|city|area|province|district|county|valley|island|peninsula|river|sea)\b)?)(?![\w’'-])(?: (?P<next>[a-z]+))?"
)
_NO_PLACE = frozenset(
    """treaty act agreement war law bill party church army forces president king queen prince emperor minister mr mrs dr sir lord council court committee
    commission theorem monday tuesday wednesday thursday friday saturday sunday""".split()
) | {month.lower() for month in MONTHS}
_LANGUAGE = re.compile(r"(?:ish|ese|ic|ian|German|French|Latin|Greek)$")

_TITLE = r"(?:President|Minister|King|Queen|Prince|Princess|Emperor|Empress|Lady|Sir|Saint|St\.|Dr\.?|Mr\.?|Mrs\.?|Ms\.?|Professor|Chancellor|Senator)"
_FULL_NAME = rf"{_CAPITAL}(?: (?:(?:de|van|von|der|ibn|bin|al) )?(?:[A-Z]\.|{_CAPITAL}))*"
_SAYING = r"(?:also )?(?:said|says|stressed|stresses|confirmed|confirms|added|adds|suggested|suggests|warned|warns|argued|argues|wrote|told|called on)\b"
_PERSON = re.compile(rf"\b{_TITLE} (?P<titled>{_FULL_NAME})|(?<![Tt]he )\b(?P<saying>{_FULL_NAME})(?= {_SAYING})")
_NO_PERSON = frozenset(
    """the a it he she they this that these those his her its their who which one some others many most
    union states kingdom republic region university college school institute agency company corporation department ministry government parliament
    assembly house senate court party church city county empire dynasty league association news press countries treaty report""".split()
)


@functools.lru_cache(maxsize=20_000)
def answers_of_kind(kind: Kind, text: str) -> tuple[Span, ...]:
    """Half-open spans of `text`, one sentence, that a question of `kind` may ask for, in order; none for reasons and others.

    A range is one span ("500 km to 5,500 km"), a year is a time and no number, and a place has its article.
    """
    if kind == "time":
        return tuple(match.span() for match in _TIME.finditer(text))
    if kind == "number":
        return tuple(match.span() for match in _NUMBER.finditer(text) if _counts(text, match.span()))
    if kind == "place":
        return tuple(match.span("place") for match in _PLACE.finditer(text) if _is_place(match["place"], match["next"]))
    if kind == "person":
        found = (match.span("titled" if match["titled"] else "saying") for match in _PERSON.finditer(text))
        return tuple((start, end) for start, end in found if _is_person(text[start:end]))
    return ()


def _counts(text: str, span: Span) -> bool:
    """Whether a number is neither part of a time nor the label of what stands before it."""
    start, end = span
    label = _LABEL.search(text, max(0, start - 30), start)
    return not any(start < e and s < end for s, e in answers_of_kind("time", text)) and (label is None or label.group().strip().lower() in STOP)


def _is_place(name: str, following: str | None) -> bool:
    """Not where the name only describes what follows ("in NATO countries"), nor a language or a time."""
    lower = name.lower().replace(",", "").split()
    return (following is None or following in STOP) and _NO_PLACE.isdisjoint(lower) and not _LANGUAGE.search(name)


def _is_person(name: str) -> bool:
    return not name.isupper() and _NO_PERSON.isdisjoint(name.lower().split())
