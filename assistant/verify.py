"""A draft and the evidence that its writer was given -> the sentences that stand, and those that had to go. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.meaning import finds, read
from assistant.reply import Dropped
from assistant.support import Cited, problem
from index.passages import split
from index.source import Source

_MARKERS = re.compile(r"\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]")
_BEHIND = re.compile(r"([.!?…]+[\"”’')]*)\s*((?:\[\s*\d[\d\s,;–-]*\]\s*)+)")
_OPENS = re.compile(r"^\s*\[\s*\d")
_CLOSES = re.compile(r"\]\s*[.!?]?\s*$")
_LITTLE = 0.25  # of the words; chosen on the dev half
_BULLET = re.compile(r"^\s*(?:[-*•#>]+|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the draft without its markers, and the numbers, counted from 1, of the evidence that it cites."""

    text: str
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What stands of a draft, in its order, and what does not."""

    claims: tuple[Claim, ...]
    dropped: tuple[Dropped, ...]


def verify(draft: str, evidence: Sequence[Cited]) -> Checked:
    """Check every sentence of `draft`, whose markers [n] count `evidence` from 1.

    Each sentence must cite evidence that was given, all it says must follow from what it cites, and it must answer:
    say what is marked in the evidence, and more than a little of what is pointed at, by itself or with the others that cite it.
    """
    stand: list[Claim] = []
    dropped: list[Dropped] = []
    given = [one.text for one in evidence]
    for claim in claims(draft):
        cites = tuple(n for n in claim.cites if 1 <= n <= len(evidence))
        if claim.cites and not cites:
            reason = "it cites a passage that was not given"
        elif not cites:
            reason = "it cites nothing"
        else:
            reason = problem(claim.text, [evidence[n - 1] for n in cites], given)
        if reason:
            dropped.append(Dropped(claim.text, reason))
        elif claim.text not in (one.text for one in stand):
            stand.append(Claim(claim.text, cites))
    unsaid = {n: _unsaid(evidence[n - 1], [claim.text for claim in stand if n in claim.cites]) for claim in stand for n in claim.cites}
    beside = [claim for claim in stand if all(unsaid[n] for n in claim.cites)]
    dropped += [Dropped(claim.text, f"it leaves out what was asked for: {unsaid[claim.cites[0]]}") for claim in beside]
    return Checked(tuple(claim for claim in stand if claim not in beside), tuple(dropped))


def _unsaid(cited: Cited, texts: list[str]) -> str:
    """The words that answer, in what is cited, where `texts` leave them out; "" where they do not."""
    said = [word for text in texts for word in read(text)]
    if not all(finds(word, said) for word in read(cited.marked) if word.counts):
        return cited.marked
    pointed = [word for word in read(cited.pointed) if word.counts]
    return cited.pointed if pointed and sum(bool(finds(word, said)) for word in pointed) <= _LITTLE * len(pointed) else ""


def claims(draft: str) -> list[Claim]:
    """The sentences of a draft with their citations, which stand in or behind a sentence, or before one or more.

    Marks of Markdown are taken off.
    """
    found = []
    for line in draft.splitlines():
        line = _BULLET.sub("", line.replace("**", "").replace("`", "")).strip()
        stands_before = _OPENS.match(line) is not None and not _CLOSES.search(line)
        line = line if stands_before else _BEHIND.sub(r" \2\1 ", line).strip()
        numbers: list[int] = []
        for sentence in split(Source("", line, ""))[1]:
            own = [int(n) for marker in _MARKERS.findall(sentence.text) for n in re.findall(r"\d{1,6}", marker)]
            numbers = own or (numbers if stands_before else [])
            text = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(_MARKERS.sub(" ", sentence.text).split()))
            if any(c.isalnum() for c in text):
                found.append(Claim(text, tuple(dict.fromkeys(numbers))))
    return found
