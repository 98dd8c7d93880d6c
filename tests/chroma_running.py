"""Chroma's own server on loopback, in a process of its own, that a test may stop and start."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from index.chroma_server import ChromaServer
from tests.serving import wait_for

CHROMA = Path(sys.executable).with_name("chroma")


class RunningChroma:
    """`chroma run` over one folder and one port."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder = folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = ChromaServer(self.url)

    def start(self) -> None:
        command = [CHROMA, "run", "--path", self.folder, "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._is_up)

    def stop(self) -> None:
        """As a crash would."""
        self._process.kill()
        self._process.wait()

    def _is_up(self) -> bool:
        assert self._process.poll() is None, "chroma run has ended"
        try:
            return httpx.get(f"{self.url}/api/v2/heartbeat", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def running_chroma(folder: Path) -> Iterator[RunningChroma]:
    """A server that is up."""
    chroma = RunningChroma(folder)
    chroma.start()
    try:
        yield chroma
    finally:
        chroma.stop()
