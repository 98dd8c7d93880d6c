"""What a chat model writes, in pieces as it comes, within a time, with further tries, and never without end."""

import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

from langchain_core.messages import BaseMessage

from assistant.models import LanguageModel
from index.errors import ModelError

_LONGEST = 4_000  # characters
_PAUSE = 0.5  # seconds before the first further try, doubled each time
_FINAL = frozenset({400, 401, 403, 404, 413, 422})  # HTTP answers that a further try does not change


def pieces(model: LanguageModel, prompt: list[BaseMessage], seconds: float, retries: int, grammar: str = "") -> Iterator[str]:
    """The text as it comes, in `grammar` where the model takes one.

    `seconds` is the most that all of it may take; a call that fails before its first word is made anew up to
    `retries` times. Raises ModelError, one line.
    """
    deadline = time.monotonic() + seconds
    given = {"extra_body": {"grammar": grammar}} if grammar and model.server is not None else {}
    for attempt in range(retries + 1):
        length = 0
        try:
            for piece in _stream(model, prompt, given, deadline):
                length += len(piece)
                if length > _LONGEST:
                    raise ModelError("The model wrote without end")
                yield piece
        except model.failures as error:
            pause = _PAUSE * 2**attempt
            is_last = attempt == retries or length or getattr(error, "status_code", None) in _FINAL
            if is_last or time.monotonic() + pause > deadline:
                raise ModelError(_why(error, bool(length))) from error
            time.sleep(pause)
            continue
        return


def _stream(model: LanguageModel, prompt: list[BaseMessage], given: dict[str, Any], deadline: float) -> Iterator[str]:
    """Pieces of text, read in a thread so that a server which neither speaks nor hangs up can be left.

    Raises what the model raises, TimeoutError past the deadline, and ValueError where no text comes.
    """
    said: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()
    left = threading.Event()

    def read() -> None:
        try:
            for chunk in model.chat.stream(prompt, **given):
                if left.is_set():
                    return
                said.put(chunk.text)
        except model.failures as error:
            said.put(error)
        finally:
            said.put(None)

    threading.Thread(target=read, name="model", daemon=True).start()
    said_anything = False
    try:
        while (piece := _next(said, deadline)) is not None:
            if isinstance(piece, BaseException):
                raise piece
            said_anything = said_anything or bool(piece.strip())
            if piece:
                yield piece
    finally:
        left.set()
    if not said_anything:
        raise ValueError("it wrote nothing")


def _next(said: "queue.SimpleQueue[str | BaseException | None]", deadline: float) -> str | BaseException | None:
    try:
        return said.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        raise TimeoutError("it took too long") from None


def _why(error: BaseException, had_begun: bool) -> str:
    """One line on what went wrong, without what a server may have put into it beyond its first words."""
    status = getattr(error, "status_code", None)
    reason = f"HTTP {status}" if status else " ".join(str(error).split())[:120] or type(error).__name__
    return f"The model stopped in the middle ({reason})" if had_begun else f"The model does not answer ({reason})"
