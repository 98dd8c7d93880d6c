"""What the routes share: the assistant, loaded behind them, and the desk that answers. No state of any conversation."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request

from assistant.chain import Assistant
from assistant.desk import Desk, Job
from assistant.question import checked
from assistant.reply import Ask, Reply
from assistant.settings import Settings
from assistant.web_errors import Refused
from index.build import Progress
from index.errors import StoreError, StoreUnreachable, UserError
from index.store import current

Load = Callable[[Progress], Assistant]
LOOK_SECONDS = 2.0  # between two looks for a new generation of the index; the one in use outlives one rebuild
WARM_UP = "What is the capital of Mongolia?"  # loads what the chain loads late; any question would do

_log = logging.getLogger("assistant.web")


class Loading:
    """Loads the assistant in a thread, so that the server answers from the start, and again when the index is built anew
    or found damaged.

    `error` is why the first load failed.
    """

    def __init__(self, load: Load, index: Path) -> None:
        self._load = load
        self._index = index
        self._doing = "loading"
        self._assistant: Assistant | None = None
        self._generation: Path | None = None
        self._closed = threading.Event()
        self._again = threading.Event()
        self.error: UserError | None = None

    def begin(self, on_failed: Callable[[], None]) -> None:
        """Start; `on_failed` is called in the thread when nothing can be loaded."""
        threading.Thread(target=self._run, args=(on_failed,), name="load", daemon=True).start()

    def close(self) -> None:
        """Look no more for a new index."""
        self._closed.set()

    def again(self) -> None:
        """Load once more, soon: the index that is open is damaged."""
        self._again.set()

    def _run(self, on_failed: Callable[[], None]) -> None:
        try:
            self.error = self._load_once()
        finally:
            if self._assistant is None:
                self._doing = "loading failed, and the log says why"
                on_failed()
        while not self._closed.wait(LOOK_SECONDS):
            if self._again.is_set() or self._current() not in (None, self._generation):
                self._again.clear()
                self._load_once()

    def _load_once(self) -> UserError | None:
        """Load, and only then put it in place of what is there; why it failed, if it did."""
        try:
            loaded = self._load(self._report)
            loaded.chain.invoke(Ask(WARM_UP))
        except UserError as error:
            self._generation = None if isinstance(error, StoreUnreachable) else self._current()  # what is only away is tried again
            _log.error("not loaded", extra={"fields": {"reason": str(error)}})
            return error
        self._assistant, self._generation = loaded, loaded.store.folder
        _log.info("ready")
        return None

    def _current(self) -> Path | None:
        try:
            return current(self._index)
        except StoreError:
            return None

    def _report(self, what: str, done: int, of: int) -> None:
        self._doing = f"{what} {done:,} of {of:,}" if of > 1 else what

    def assistant(self) -> Assistant:
        """The loaded assistant. Raises Refused (503) with what it is doing, or why it cannot be had."""
        if self._assistant is None:
            raise Refused(503, f"not ready: {self.error or self._doing}", "not_ready", {"Retry-After": "2"})
        return self._assistant


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that a route needs."""

    settings: Settings
    loading: Loading
    desk: Desk

    def begin(self, ask: Ask, streamed: bool) -> Job:
        """Check a question and begin on it. Raises QuestionError, and Refused when not ready or full."""
        assistant = self.loading.assistant()
        valid = checked(ask, self.settings.max_question_chars, self.settings.max_history_turns)
        if self.settings.log_questions:
            _log.info("question", extra={"fields": {"question": valid.question}})
        return self.desk.take(assistant.chain, valid, streamed)


async def reply_while_there(job: Job, request: Request) -> Reply | None:
    """The Reply; None, and the work stopped, when the client leaves before it is there."""

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        job.leave()

    watching = asyncio.create_task(watch())
    try:
        return await job.reply()
    finally:
        watching.cancel()
