"""How much the web adds to the chain: `make bench-web`. Both are timed in turn in one run, so that the ratios stand on a busy machine."""

import http.client
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from types import MappingProxyType

import click
from langchain_core.runnables import Runnable

from assistant import chain
from assistant.reply import Ask, Reply
from assistant.settings import load_settings
from evals.bench.figure import Figure

QUESTIONS = (
    "When was the INF Treaty signed?",
    "What did Putin call on NATO member states to do?",
    "Which missiles does the treaty ban?",
    "What is the capital of Mongolia?",
    "Where could the 9M729 missiles be inspected?",
    "Who first withdrew, and when?",
    "How many submarines does Norway have?",
    "What does Russia offer in return?",
)
ROUNDS = 25  # each asks every question, each way in turn
CLIENTS = 32
AT_ONCE = 320  # questions of a round of many clients


@contextmanager
def serving(*options: str, environment: Mapping[str, str] = MappingProxyType({})) -> Iterator[int]:
    """The port of `assistant serve` in a process of its own, with more variables in its environment, once it is ready."""
    command = [sys.executable, "-m", "assistant", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | environment) as process:
        try:
            assert process.stdout is not None
            found = re.search(r":(\d+)/", process.stdout.readline())
            if found is None:
                raise SystemExit("assistant serve did not start: run it by itself to see why")
            port = int(found[1])
            while not is_there(port, "/readyz"):
                if process.poll() is not None:
                    raise SystemExit("assistant serve has ended: run it by itself to see why")
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait()


def is_there(port: int, path: str) -> bool:
    """Whether a server on this machine answers at a path with 200."""
    with suppress(ConnectionError):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", path)
        return connection.getresponse().status == 200
    return False


class Client:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def post(self, question: str, stream: bool = False) -> http.client.HTTPResponse:
        """The response, its body not read yet."""
        body = json.dumps({"question": question, "stream": stream})
        self._connection.request("POST", "/api/chat", body, {"Content-Type": "application/json"})
        return self._connection.getresponse()

    def ask(self, question: str) -> bool:
        """Whether an answer came."""
        response = self.post(question)
        return bool(json.loads(response.read())["answer"]) and response.status == 200

    def first_event(self, question: str) -> float:
        """Milliseconds from the request to the first event of a stream."""
        started = time.perf_counter()
        response = self.post(question, stream=True)
        response.readline()
        spent = 1000 * (time.perf_counter() - started)
        response.read()
        return spent


def milliseconds(call: Callable[[str], object], question: str) -> float:
    """How long one question took."""
    started = time.perf_counter()
    call(question)
    return 1000 * (time.perf_counter() - started)


def per_second(call: Callable[[str], object], at_once: int) -> float:
    """Answers a second with so many callers at once."""
    questions = itertools.islice(itertools.cycle(QUESTIONS), AT_ONCE)
    with ThreadPoolExecutor(at_once) as pool:
        started = time.perf_counter()
        done = list(pool.map(call, questions))
        return len(done) / (time.perf_counter() - started)


def measure(own: Runnable[Ask, Reply], port: int) -> list[Figure]:
    """Every figure of the benchmark."""

    def call(question: str) -> Reply:
        return own.invoke(Ask(question))

    client = Client(port)
    in_process: list[float] = []
    posted: list[float] = []
    first: list[float] = []
    for question in QUESTIONS * (1 + ROUNDS):
        in_process.append(milliseconds(call, question))
        posted.append(milliseconds(client.ask, question))
        first.append(client.first_event(question))
    for times in (in_process, posted, first):
        del times[: len(QUESTIONS)]  # the first round warms up
    free = [Client(port) for _ in range(CLIENTS)]
    answers: list[bool] = []

    def through_a_free_client(question: str) -> None:
        one = free.pop()
        answers.append(one.ask(question))
        free.append(one)

    rates = [(max(per_second(call, 1), per_second(call, 2)), per_second(through_a_free_client, CLIENTS)) for _ in range(3)]
    click.echo(f"one question: {statistics.median(in_process):.1f} ms in the process, {statistics.median(posted):.1f} ms by POST (medians of {len(posted)})")
    click.echo(
        f"many: {max(own for own, _ in rates):.0f} a second in the process, {max(web for _, web in rates):.0f} from {CLIENTS} clients (best of {len(rates)})"
    )
    return [
        Figure("POST /api/chat, median, over the chain's own", statistics.median(posted) / statistics.median(in_process), most=1.5),
        Figure("first event of a stream, slowest of all, ms", max(first), most=50),
        Figure(f"answers a second at {CLIENTS} clients, over the chain's own", statistics.median(web / own for own, web in rates), least=0.8),
        Figure("questions lost", 3 * AT_ONCE - sum(answers), most=0),
    ]


def main() -> None:
    """Measure, print, and exit with 1 where a bound is missed."""
    loaded = chain.load(load_settings(), lambda what, done, of: None)
    with serving() as port:
        figures = measure(loaded.chain, port)
    for figure in figures:
        click.echo(figure.line())
    sys.exit(0 if all(figure.holds for figure in figures) else 1)


if __name__ == "__main__":
    main()
