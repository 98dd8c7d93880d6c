"""Many clients at once: nothing fails and memory stays level. The minute with 64 of them is slow: `make bench-web`."""

import re
import threading
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.serving import wait_for
from tests.test_web_serve import is_ready, running

QUESTIONS = ["When was the INF Treaty signed?", "What did Putin ask of NATO?", "What is the capital of Mongolia?", "Who withdrew?", "hello"]


@pytest.mark.parametrize(
    ("clients", "seconds", "growth_mib"),
    [(16, 4, 60), pytest.param(64, 60, 60, marks=pytest.mark.slow)],
)
def test_many_clients(built_index: Path, sources: Path, clients: int, seconds: float, growth_mib: float) -> None:
    statuses: list[int] = []
    failures: list[str] = []
    with running("--index", built_index, "--sources", sources) as (process, address), (built_index.parent / "log").open("w") as log:
        threading.Thread(target=lambda: log.writelines(iter(process.stderr.readline, "")), daemon=True).start()
        wait_for(lambda: is_ready(address))
        until = time.monotonic() + seconds

        def ask(number: int) -> None:
            with httpx.Client(timeout=60) as client:
                for turn in range(1_000_000):
                    if time.monotonic() > until:
                        return
                    try:
                        response = client.post(f"{address}/api/chat", json={"question": QUESTIONS[(number + turn) % 5], "stream": turn % 2 == 0})
                        statuses.append(response.status_code)
                        if turn % 2 == 0 and "event: reply" not in response.text:
                            failures.append(response.text)
                    except httpx.TransportError as error:
                        failures.append(repr(error))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        time.sleep(seconds / 3)
        early = psutil.Process(process.pid).memory_info().rss
        for thread in threads:
            thread.join()
        late = psutil.Process(process.pid).memory_info().rss
        process.terminate()
        assert process.wait(30) == 0
    growth = (late - early) / 2**20
    print(f"\n{clients} clients, {seconds} s: {len(statuses)} answers, {len(failures)} failed, {early / 2**20:.0f} MiB, {growth:+.1f} MiB")  # noqa: T201
    assert failures == []
    assert set(statuses) == {200}
    assert growth < growth_mib
    assert not re.search("Traceback", (built_index.parent / "log").read_text())
