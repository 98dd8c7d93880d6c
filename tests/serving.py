"""The web chat on a real socket, and chains that are slow, broken or silent on purpose."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn
from langchain_core.runnables import RunnableGenerator

from assistant.chain import Assistant
from assistant.reply import Ask, Delta, Event, Reply
from assistant.service import WARM_UP, Load
from assistant.settings import Settings
from assistant.web import create_app


def settings_for(index: Path = Path("nowhere"), sources: Path = Path("nowhere"), **more: Any) -> Settings:
    """Settings that no environment has a say in."""
    return Settings(_env_file=None, index=index, sources=sources, **more)


@contextmanager
def served(settings: Settings, load: Load | None = None, until_ready: bool = True) -> Iterator[str]:
    """The address of a running server, such as http://127.0.0.1:40001, once it is ready."""
    app = create_app(settings, load)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, ws="none", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started)
    if until_ready:
        wait_for(lambda: app.state.service.loading._assistant is not None)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def wait_for(condition: Callable[[], bool], seconds: float = 180) -> None:
    """Wait until something holds, or fail."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be in time"
        time.sleep(0.01)


class FakeChain:
    """A chain that says a word every `pause` seconds, `words` times, and counts what it does."""

    def __init__(self, words: int = 3, pause: float = 0.0, failure: Exception | None = None, answer: str = "An answer.") -> None:
        self.words = words
        self.pause = pause
        self.failure = failure
        self.answer = answer
        self.said = 0
        self.asked: list[Ask] = []

    def load(self, progress: Callable[[str, int, int], None]) -> Assistant:
        """For create_app."""
        return Assistant(RunnableGenerator(self._answer), SimpleNamespace(documents=(), folder=None))  # type: ignore[arg-type]

    def _answer(self, asks: Iterator[Ask]) -> Iterator[Event]:
        for ask in asks:
            if ask.question != WARM_UP:
                self.asked.append(ask)
                for _ in range(self.words):
                    time.sleep(self.pause)
                    self.said += 1
                    yield Delta("word ")
                if self.failure is not None:
                    raise self.failure
            yield Reply(ask.question, ask.question, "answered", self.answer, 1.0, "fake")


def held_up(chain: FakeChain) -> tuple[Load, threading.Event]:
    """How to load `chain` for create_app, reading 3 of 10 until the event is set."""
    go_on = threading.Event()

    def load(progress: Callable[[str, int, int], None]) -> Assistant:
        progress("reading", 3, 10)
        go_on.wait()
        return chain.load(progress)

    return load, go_on


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """The address of a server that answers every request so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
