"""Planned, considered or owed, told as if it were done or demanded. Each check gives the reason against a sentence, or nothing. Pure."""

import re
from collections.abc import Sequence

from assistant.meaning import Word, Words, finds
from assistant.wording import HEDGES, PLANS, REPORTING

_DUTY = re.compile(r"\b(?:must|ha(?:ve|s|d) to|needs? to|obliged|obligatory|required?|mandatory)\b", re.IGNORECASE)
_FEW_WORDS = 4  # between a plan and the deed planned


def plan_as_deed(claim: Words, direct: Sequence[Words]) -> str:
    """What is proposed, promised or possible, told as done."""
    for verb in (word for word in claim if word.is_verb and (word.stem not in REPORTING or word.stem in PLANS)):
        if any(word.stem in PLANS and word is not verb for word in claim):
            continue
        hits = [(words, hit) for words in direct for hit in finds(verb, words)]
        if hits and all(planned(hit, words) for words, hit in hits):
            return f"it says {verb.text}, and what it cites only that this was planned or proposed"
    return ""


def unhedged(claim: Words, direct: Sequence[Words]) -> str:
    """What is only to be considered, told without that."""
    if any(word.stem in HEDGES for word in claim):
        return ""
    for word in claim:
        hits = [(words, hit) for words in direct for hit in finds(word, words)] if word.kind == "word" and not word.text.endswith("ly") else []
        if hits and all(any(before.stem in HEDGES for before in words[max(0, hit.at - 2) : hit.at]) for words, hit in hits):
            return f"it leaves out that {word.text} is only to be considered"
    return ""


def duty(claim: str, cited: Sequence[str]) -> str:
    """A duty that nothing cited speaks of."""
    found = _DUTY.search(claim)
    return f"it says {found.group()}, and what it cites does not" if found and not any(_DUTY.search(text) for text in cited) else ""


def planned(hit: Word, words: Words) -> bool:
    """Whether a word follows soon on one of planning, or on "to"."""
    before = words[max(0, hit.at - _FEW_WORDS - 1) : hit.at]
    return any(word.stem in PLANS for word in before) or (bool(before) and before[-1].text.lower() == "to")
