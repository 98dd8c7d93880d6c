"""What the routes share: the assistant, loaded behind them, and the desk that answers. No state of any conversation."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from assistant.chain import Assistant
from assistant.desk import Desk, Job
from assistant.question import checked
from assistant.reply import Ask, Reply
from assistant.settings import Settings
from assistant.web_errors import Refused
from index.build import Progress
from index.errors import UserError

Load = Callable[[Progress], Assistant]
WARM_UP = "What is the capital of Mongolia?"  # loads what the chain loads late; any question would do

_log = logging.getLogger("assistant.web")


class Loading:
    """Loads the assistant in a thread, so that the server answers from the start; `error` is why it could not."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._doing = "loading"
        self._assistant: Assistant | None = None
        self.error: UserError | None = None

    def begin(self, on_failed: Callable[[], None]) -> None:
        """Start; `on_failed` is called in the thread when nothing can be loaded."""
        threading.Thread(target=self._run, args=(on_failed,), name="load", daemon=True).start()

    def _run(self, on_failed: Callable[[], None]) -> None:
        self._doing = "loading failed; the log says why"
        try:
            loaded = self._load(self._report)
            loaded.chain.invoke(Ask(WARM_UP))
            self._assistant = loaded
            _log.info("ready")
        except UserError as error:
            self.error = error
            _log.error("not ready", extra={"fields": {"reason": str(error)}})
        finally:
            if self._assistant is None:
                on_failed()

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

    def begin(self, ask: Ask) -> Job:
        """Check a question and begin on it. Raises QuestionError, and Refused when not ready or full."""
        assistant = self.loading.assistant()
        valid = checked(ask, self.settings.max_question_chars, self.settings.max_history_turns)
        if self.settings.log_questions:
            _log.info("question", extra={"fields": {"question": valid.question}})
        return self.desk.take(assistant.chain, valid)


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
