"""What more web servers and Chroma's own server bring, all in turn."""

import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from assistant.settings import Settings
from evals.bench.figure import Figure
from evals.bench.web import CLIENTS, Client, is_there, per_second, serving

CHROMA = Path(sys.executable).with_name("chroma")
ROUNDS = 5
WORKERS = 2  # at most, each `assistant serve` in a process of its own


@contextmanager
def chroma_serving(folder: Path) -> Iterator[str]:
    """The address of Chroma's server in a process of its own, once it is there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(CHROMA), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not is_there(port, "/api/v2/heartbeat"):
                if process.poll() is not None:
                    raise SystemExit("chroma run has ended: run it by itself to see why")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def rate(ports: Sequence[int]) -> float:
    """Answers a second from CLIENTS clients, shared out among the servers."""
    free = [Client(ports[number % len(ports)]) for number in range(CLIENTS)]

    def through_a_free_client(question: str) -> None:
        one = free.pop()
        if not one.ask(question):
            raise SystemExit("a question got no answer: the ratios would say nothing")
        free.append(one)

    return per_second(through_a_free_client, CLIENTS)


def figures(settings: Settings, short: bool) -> tuple[list[Figure], list[tuple[float, float]]]:
    """Answers a second of each arrangement over those of one server with the vectors in its own index, and the rates for the plot."""
    with tempfile.TemporaryDirectory(prefix="bench-workers-") as folder, ExitStack() as running:
        url = running.enter_context(chroma_serving(Path(folder, "chroma")))
        arrangements: dict[str, list[int]] = {}
        for store, address in (("in the index", ""), ("on Chroma's server", url)):
            own = Path(folder, "shared" if address else "embedded")
            shutil.copytree(settings.index, own)
            environment = {"ASSISTANT_INDEX": str(own), "ASSISTANT_CHROMA_URL": address}
            ports = [running.enter_context(serving(environment=environment)) for _ in range(WORKERS)]
            arrangements |= {f"{count} web worker{'s' * (count > 1)}, vectors {store}": ports[:count] for count in range(1, WORKERS + 1)}
        rates: dict[str, list[float]] = {name: [] for name in arrangements}
        for _ in range(1 + (1 if short else ROUNDS)):
            for name, ports in arrangements.items():
                rates[name].append(rate(ports))
    first, *_ = rates.values()
    found = []
    for name, measured in list(rates.items())[1:]:
        ratio = statistics.median(one / base for one, base in zip(measured[1:], first[1:], strict=True))
        how = f"{statistics.median(measured[1:]):.0f} and {statistics.median(first[1:]):.0f} answers a second, {CLIENTS} clients on the same cores"
        found.append(Figure(f"{name}: answers a second, over one with its own", ratio, how=how))
    embedded = [(float(len(ports)), statistics.median(rates[name][1:])) for name, ports in arrangements.items() if name.endswith("index")]
    return found, embedded
