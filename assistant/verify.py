"""A draft and the evidence that its writer was given -> the sentences that stand, and those that had to go. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.reply import Dropped
from assistant.support import Cited, problem
from index.passages import split
from index.source import Source

_MARKERS = re.compile(r"\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]")
_BEHIND = re.compile(r"([.!?…]+[\"”’')]*)\s*((?:\[\s*\d[\d\s,;–-]*\]\s*)+)")
_OPENS = re.compile(r"^\s*\[\s*\d")
_CLOSES = re.compile(r"\]\s*[.!?]?\s*$")
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

    Each sentence must cite evidence that was given, and all it says must follow from what it cites.
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
    return Checked(tuple(stand), tuple(dropped))


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
