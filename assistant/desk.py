"""Questions answered in a few threads, with a bounded queue, a time limit, and an end when the asker has left.

The chain is synchronous and the server is not: a Job carries events from a thread to the event loop.
"""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from langchain_core.runnables import Runnable

from assistant.reply import Ask, Event, Progress, Reply
from assistant.web_errors import Refused
from index.errors import StoreDamaged, StoreError, UserError

IDLE_SECONDS = 15.0  # a stream is never silent for longer, so that proxies keep it open

_log = logging.getLogger("assistant.web")


@dataclass(frozen=True, slots=True)
class _Ended:
    """The work is over; `failure` is what it raised."""

    failure: BaseException | None = None


class Job:
    """One question under way. Its methods are called on the event loop, but for `work`."""

    def __init__(self, ask: Ask, max_seconds: float, streamed: bool) -> None:
        self._ask = ask
        self._streamed = streamed
        self._max_seconds = max_seconds
        self._deadline = time.monotonic() + max_seconds
        self._events: asyncio.Queue[Event | _Ended] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._left = threading.Event()

    def work(self, chain: Runnable[Ask, Event]) -> None:
        """Answer, in a thread; stops between two events once the asker has left."""
        if self._left.is_set():
            return
        for event in chain.stream(self._ask):
            if self._left.is_set():
                return
            if self._streamed or isinstance(event, Reply):
                self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    def end(self, failure: BaseException | None) -> None:
        """The thread is done with it."""
        self._events.put_nowait(_Ended(failure))

    def leave(self) -> None:
        """The asker wants no answer any more."""
        if not self._left.is_set():
            self._left.set()
            self._events.put_nowait(_Ended())

    async def events(self) -> AsyncIterator[Event]:
        """What the chain yields, the Reply last; a Progress is repeated when nothing comes for IDLE_SECONDS.

        Raises UserError as the chain does, and Refused after the time limit or when the chain broke down.
        """
        doing = Progress("searching")
        try:
            while True:
                patience = min(IDLE_SECONDS, self._deadline - time.monotonic())
                try:
                    async with asyncio.timeout(max(patience, 0)):
                        event = await self._events.get()
                except TimeoutError:
                    if time.monotonic() >= self._deadline:
                        raise Refused(
                            504, f"no answer within {self._max_seconds:g} seconds: ask again, or raise ASSISTANT_MAX_ANSWER_SECONDS", "too_slow"
                        ) from None
                    event = doing
                if isinstance(event, _Ended):
                    _raise(event.failure)
                    return
                if isinstance(event, Progress):
                    doing = event
                yield event
                if isinstance(event, Reply):
                    return
        finally:
            self._left.set()

    async def reply(self) -> Reply | None:
        """The Reply alone; None when the asker left first. Raises as `events` does."""
        last = None
        async for event in self.events():
            last = event
        return last if isinstance(last, Reply) else None


def _raise(failure: BaseException | None) -> None:
    """A UserError as it is, but for the index's, which the log explains; any other failure goes to the log with its traceback and to the asker without."""
    if failure is None:
        return
    if isinstance(failure, StoreError):
        _log.error("no evidence", extra={"fields": {"reason": str(failure)}})
        raise Refused(503, "the index cannot be read at the moment: try again in a moment; the log says why", "no_index", {"Retry-After": "2"})
    if isinstance(failure, UserError):
        raise failure
    _log.error("the chain broke down", exc_info=failure)
    raise Refused(500, "the assistant broke down on this question: its log says why, under the request id", "internal_error")


class Desk:
    """A thread pool that takes at most `max_waiting` questions beyond those it is answering; `on_damaged` hears of an index that is."""

    def __init__(self, threads: int, max_waiting: int, max_seconds: float, on_damaged: Callable[[], None] = lambda: None) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="answer")
        self._most = threads + max_waiting
        self._max_seconds = max_seconds
        self._on_damaged = on_damaged
        self.under_way = 0

    def take(self, chain: Runnable[Ask, Event], ask: Ask, streamed: bool) -> Job:
        """Begin on a question, for all its events or for the Reply alone.

        Its place is free again when the thread is done with it. Raises Refused (503) when full.
        """
        if self.under_way >= self._most:
            raise Refused(503, "too many questions at once: try again in a moment", "busy", {"Retry-After": "2"})
        job = Job(ask, self._max_seconds, streamed)
        loop = asyncio.get_running_loop()

        def done(future: Future[None]) -> None:
            failure = None if future.cancelled() else future.exception()
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._end, job, failure)

        self.under_way += 1
        self._pool.submit(job.work, chain).add_done_callback(done)
        return job

    def _end(self, job: Job, failure: BaseException | None) -> None:
        self.under_way -= 1
        if isinstance(failure, StoreDamaged):
            self._on_damaged()
        job.end(failure)

    def close(self) -> None:
        """Take nothing more; what has not begun is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
