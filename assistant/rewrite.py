"""History + question -> standalone question, without a language model. Pure.

A question that leans on the conversation is joined to the questions before it, the form in which the
question index holds follow-ups too. One that stands alone, or changes the topic, is left as it is.
"""

import re

from assistant.reply import Turn
from index.questions import join_questions
from index.words import content_stems

_MOST_JOINED = 2  # earlier questions that a follow-up is joined to
_FEW = 2  # content words; a question with no more is too short to stand alone
_NEW_TOPIC = re.compile(
    r"^\W*(?:ok(?:ay)?\W+|now\W+|anyway\W+)*(?:(?:a\s+)?(?:different|another|new|unrelated)\s+(?:topic|question|subject|matter)|(?:now\s+)?"
    r"(?:for\s+|to\s+)?something\s+(?:else|different|new)|change\s+of\s+(?:topic|subject)|changing\s+(?:topic|subject)s?|by\s+the\s+way|"
    r"next\s+(?:topic|question)|moving\s+on|switching\s+topics?|forget\s+that)\b[\s:,.;!\-–—]*",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^\W*(?:and|but|so|or|then|also|ok(?:ay)?|what about|how about|what else|who else|where else|why not|such as|like what)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|those|these|there|then|ones?|both|each|same|such|else|"
    r"the (?:former|latter|other|others|proposal|idea|step|move|offer|plan|condition|rest)|do so|did so|that|this)\b",
    re.IGNORECASE,
)
_NOT_POINTING = re.compile(
    r"\b(?:say|says|said|saying|believe[sd]?|think[s]?|mean[s]?|confirm(?:s|ed)?|claim(?:s|ed)?|suggest(?:s|ed)?|true|so) that\b"
    r"|\bthat (?:the|a|an|would|will|could|was|were|is|are|can|help|has|have)\b|\bthere (?:a|an|any|is|are|was|were)\b"
    r"|\b(?:is|are|was|were) there\b|\bthis (?:article|statement|text|document|treaty)\b|\bthat treaty\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.?!]\s)(?<!^)\b[A-Z][\w-]+")


def standalone(question: str, history: tuple[Turn, ...]) -> str:
    """The question as it can be understood without the conversation."""
    earlier = [turn.content for turn in history if turn.role == "user" and turn.content.strip()]
    changed = _NEW_TOPIC.sub("", question)
    if changed != question and changed.strip():
        return changed.strip()
    if not earlier or not leans(question):
        return question
    joined = [earlier[-1]]
    for before in reversed(earlier[:-1]):
        if len(joined) == _MOST_JOINED or not leans(joined[0]):
            break
        joined.insert(0, before)
    return join_questions((*joined, question))


def leans(question: str) -> bool:
    """Whether a question needs what was asked before it: it opens with "and", points at something, or is very short."""
    if _OPENING.match(question):
        return True
    content = content_stems(question)
    if len(content) <= _FEW and not _names_something(question):
        return True
    pointing = _POINTING.search(_NOT_POINTING.sub(" ", question))
    if pointing is None:
        return False
    return not (_names_something(question[: pointing.start()]) and pointing.group().lower() in _RESOLVED_BY_NAME)


_RESOLVED_BY_NAME = frozenset("he him his she her its their".split())


def _names_something(text: str) -> bool:
    """Whether the text holds a name, a number or a code, other than its first word."""
    return bool(_NAME.search(text) or re.search(r"\b\w*\d\w*\b", text))
