"""What is asked, checked before anything is done with it. Pure."""

from dataclasses import replace

from assistant.reply import Ask, Turn
from index.errors import QuestionError


def checked(ask: Ask, max_chars: int, max_turns: int) -> Ask:
    """The question without control characters, and the newest `max_turns` turns. Raises QuestionError."""
    question = cleaned(ask.question)
    if not question:
        raise QuestionError("the question is empty: ask something about the statement")
    if len(ask.question) > max_chars:
        raise QuestionError(f"the question is {len(ask.question):,} characters long, over the limit of {max_chars:,}: shorten it, or raise ASSISTANT_MAX_QUESTION_CHARS")
    recent = ask.history[len(ask.history) - max_turns :] if max_turns < len(ask.history) else ask.history
    turns = tuple(Turn(turn.role, cleaned(turn.content)[:max_chars]) for turn in recent)
    return replace(ask, question=question, history=turns)


def cleaned(text: str) -> str:
    """Without control and format characters and lone surrogates; white space folded."""
    kept = "".join(c if c.isprintable() or c in "\u200c\u200d" else " " if c.isspace() else "" for c in text)
    return " ".join(kept.split())
