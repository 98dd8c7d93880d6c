"""What is asked, checked before anything is done with it. Pure."""

import re
from dataclasses import replace

from assistant.reply import Ask, Turn
from index.errors import QuestionError

_TERMINAL_CODE = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)")
_JOINERS = "\u200c\u200d"  # needed inside words of some scripts and in emoji, nothing by themselves


def checked(ask: Ask, max_chars: int, max_turns: int) -> Ask:
    """The question without control characters, and the newest `max_turns` turns. Raises QuestionError."""
    if len(ask.question) > max_chars:
        asked = f"{len(ask.question):,} characters long, over the limit of {max_chars:,}"
        raise QuestionError(f"the question is {asked}: shorten it, or raise ASSISTANT_MAX_QUESTION_CHARS")
    question = cleaned(ask.question)
    if not question.strip(_JOINERS):
        raise QuestionError("the question is empty: ask something about the statement")
    recent = ask.history[len(ask.history) - max_turns :] if max_turns < len(ask.history) else ask.history
    turns = tuple(Turn(turn.role, cleaned(turn.content)[:max_chars]) for turn in recent)
    return replace(ask, question=question, history=turns)


def cleaned(text: str) -> str:
    """Without terminal codes, control and format characters and lone surrogates; white space folded."""
    text = _TERMINAL_CODE.sub("", text)
    kept = "".join(c if c.isprintable() or c in _JOINERS else " " if c.isspace() else "" for c in text)
    return " ".join(kept.split())
