"""Source -> passages (paragraphs) and the sentences in them, with offsets.

Offsets are half-open and fixed here: `source.text[s.start:s.end] == s.text`. Pure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.dates import DateReading, read_dates
from index.source import Source

LONGEST = 1_000  # characters; a longer run without a sentence end is cut at a space
_NEAR = 8  # sentences back that one may lean on
_LINE_END = r"(?:\r\n|\r(?!\n)|\n)"
_BLANK = re.compile(rf"{_LINE_END}[^\S\r\n]*{_LINE_END}\s*|\f\s*|{_LINE_END}\s*(?=#{{1,6}}\s)")
_HEADING = re.compile(r"(#{1,6}\s[^\r\n]*)(?:\r\n|\r|\n)?")
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s)|[。！？]+[」』”]*")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"'“‘])(?:[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Sgt|Sen|Rep|Gov|Pres|Rev|St|Jr|Sr|No|Nos|vs|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Inc|Ltd|Co|Corp|approx|ca|cf|fig|Fig|al|etc|op|cit|vol|pp|p|ed|eds|i\.e|e\.g)\.$"
)
_SURELY_INSIDE = re.compile(r"(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Sgt|Sen|Rep|Gov|Pres|Rev|St|No|Nos|vs|cf|fig|Fig|i\.e|e\.g|[A-Z])\.$")
_LEANING = re.compile(
    r"^[\"'“‘(]*(?:(?:He|She|It|They|This|That|These|Those|Such|His|Her|Its|Their|For example|For instance|Moreover|Furthermore|However|"
    r"Therefore|Thus|Hence|Consequently|Instead|Likewise|Similarly|Meanwhile|Afterwards?|Then|Still|Yet|But|And|Or|So|Nor)\b"
    r"|[^,.]{0,40}\b(?:the|that) same (?:year|month|day|time)\b|[^,.]{0,25}\bthat (?:year|month|day)\b)"
)
_DEFINITE = re.compile(r"^The (?:[a-z]+ of the |[a-z]+ of this |[a-z]+ of that )(?P<noun>[a-z]{5,})\b")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph: `number` counts from 1 within its source."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: `number` counts from 0 within its source, `passage` is its Passage's number.

    `leans_on` is the number of an earlier sentence of the same passage without which this one cannot be
    understood ("He called on...", "For example..."), or None.
    """

    number: int
    passage: int
    start: int
    end: int
    text: str
    leans_on: int | None = None
    dates: tuple[DateReading, ...] = ()

    @property
    def read(self) -> str:
        """The text with its relative dates spelt out, for search and for an answer that stands alone."""
        text = self.text
        for date in reversed(self.dates):
            text = f"{text[: date.end - self.start]} ({date.meaning}){text[date.end - self.start :]}"
        return text


def split(source: Source) -> tuple[tuple[Passage, ...], tuple[Sentence, ...]]:
    """Every character that is not white space is in exactly one passage and in exactly one sentence of it."""
    passages: list[Passage] = []
    sentences: list[Sentence] = []
    for start, end in _paragraphs(source.text):
        passages.append(Passage(len(passages) + 1, start, end))
        first = len(sentences)
        for s, e in _sentences(source.text, start, end):
            text = source.text[s:e]
            before = sentences[max(first, len(sentences) - _NEAR) :]
            dates = read_dates(text, s, before[-1].text) if before else ()
            sentences.append(Sentence(len(sentences), len(passages), s, e, text, _antecedent(text, before), dates))
    return tuple(passages), tuple(sentences)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] == "\ufeff"):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] == "\ufeff"):
        end -= 1
    return start, end


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    cuts = [(m.start(), m.end()) for m in _BLANK.finditer(text)] + [(len(text), len(text))]
    for cut, after in cuts:
        heading = _HEADING.match(text, start, cut)
        parts = [(start, heading.end(1)), (heading.end(), cut)] if heading else [(start, cut)]
        for part in parts:
            s, e = _trimmed(text, *part)
            if s < e:
                yield s, e
        start = after


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for found in _END.finditer(text, start, end):
        if found.start() < begin or not _ends(text, begin, found, end):
            continue
        yield from _pieces(text, begin, found.end())
        begin = found.end()
    yield from _pieces(text, begin, end)


def _ends(text: str, begin: int, found: re.Match[str], end: int) -> bool:
    """Whether the full stop (or its like) at `found` ends a sentence."""
    following = text[found.end() : min(end, found.end() + 40)].lstrip().lstrip("\"'“‘«([")
    if not following:
        return True
    if following[0].islower():
        return False
    head = text[max(begin, found.start() - 20) : found.start() + 1]
    if found.group()[0] != "." or not _ABBREVIATION.search(head):
        return True
    return not _SURELY_INSIDE.search(head) and following[0].isupper() and not re.search(r"\b[A-Z]\.[A-Z]\.$", head)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    start, end = _trimmed(text, start, end)
    while end - start > LONGEST:
        window = text[start : start + LONGEST]
        cut = max((m.start() for m in re.finditer(r"\s", window)), default=0) or LONGEST
        piece = _trimmed(text, start, start + cut)
        if piece[0] < piece[1]:
            yield piece
        start, end = _trimmed(text, start + cut, end)
    if start < end:
        yield start, end


def _antecedent(text: str, before: list[Sentence]) -> int | None:
    if not before:
        return None
    if _LEANING.match(text):
        return before[-1].number
    definite = _DEFINITE.match(text)
    if definite:
        stem = definite["noun"][:5]
        for sentence in reversed(before):
            if re.search(rf"\b{stem}", sentence.text, re.IGNORECASE):
                return sentence.number
    return None
