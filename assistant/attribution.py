"""Who said it: what part of a sentence somebody is said to have said, and whether a sentence tells whose words it tells. Pure."""

import re

from assistant.meaning import Words
from assistant.wording import OPINION_NOUNS, REPORTING
from index.words import stem

_ACCORDING = re.compile(r"^\W*according to ([^,]{2,80}),\s*", re.IGNORECASE)
_HEADLINE = re.compile(r"^[^.:]{3,60}:\s+(?=\S)")
_SAYS_THAT = re.compile(r"\b(\w+) that\b")
_TURN = re.compile(r", but\b|; ")


def attributes(claim: str, words: Words) -> bool:
    """Whether a sentence says whose words or opinion it tells."""
    if re.search(r"\baccording to\b|\bin (?:\w+['’]?s?) (?:view|opinion|words|eyes)\b", claim, re.IGNORECASE):
        return True
    for word in words:
        if word.stem not in REPORTING and word.stem not in OPINION_NOUNS:
            continue
        if word.is_verb or (word.at + 1 < len(words) and words[word.at + 1].text.lower() in ("that", "is")) or word.text.lower().endswith("s"):
            return True
    return False


def reported_part(text: str) -> str:
    """The part of a sentence that somebody is said to have said: after "said that", "According to ...,", "Name:"."""
    for pattern in (_ACCORDING, _HEADLINE):
        found = pattern.match(text)
        if found:
            return text[found.end() :]
    for found in _SAYS_THAT.finditer(text):
        if stem(found.group(1).lower()) in REPORTING and not re.search(r"\bto \w+ that$", text[: found.end()]):
            turn = _TURN.search(text, found.end())
            return text[found.end() : turn.start() if turn else len(text)]
    return ""
