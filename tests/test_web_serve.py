"""The command itself: how it starts, and how it ends on SIGTERM."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.serving import wait_for

MANY = 40  # questions under way, more than are answered in the time that it takes to say stop


@contextmanager
def running(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`assistant serve` on a free port: the process and its address."""
    command = [sys.executable, "-m", "assistant", "serve", "--port", "0", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            found = re.search(r"http://\S+(?=/)", line)
            assert found, f"{line} {process.stderr.read()}"
            yield process, found[0]
        finally:
            process.kill()


def is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_what_is_under_way_finish_and_ends_with_0(built_index: Path, sources: Path, number: signal.Signals) -> None:
    arguments = ("--index", built_index, "--sources", sources)
    limits = httpx.Limits(max_connections=MANY)
    with running(*arguments) as (process, address), httpx.Client(timeout=60, limits=limits) as client, ThreadPoolExecutor(MANY) as pool:
        wait_for(lambda: is_ready(address))
        all_begun = threading.Barrier(MANY + 1)

        def ask(_: int) -> str:
            with client.stream("POST", f"{address}/api/chat", json={"question": "When was the INF Treaty signed?", "stream": True}) as response:
                lines = response.iter_lines()
                assert next(lines) == "event: status"
                all_begun.wait(60)
                return "\n".join(lines)

        asked = pool.map(ask, range(MANY))
        all_begun.wait(60)
        process.send_signal(number)
        _, log = process.communicate(timeout=60)
        texts = list(asked)
    assert process.returncode == 0, log
    assert all("event: reply" in text for text in texts)
    assert "Traceback" not in log


def test_a_signal_while_loading_ends_at_once(built_index: Path, sources: Path) -> None:
    with running("--index", built_index, "--sources", sources) as (process, _):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0


def test_what_cannot_be_loaded_ends_it_with_one_line(tmp_path: Path) -> None:
    with running("--sources", tmp_path / "nowhere", "--index", tmp_path / "index") as (process, _):
        _, log = process.communicate(timeout=30)
        assert process.returncode == 2
        assert log.splitlines()[-1].startswith("assistant: no source folder at")
        assert "Traceback" not in log
