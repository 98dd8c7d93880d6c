"""A server in OpenAI's form that misbehaves as told, on loopback."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = list[str]  # what to do at each request, the last again for all further ones


@dataclass
class FakeModel:
    """`base_url` of the server, and the bodies that it was sent."""

    base_url: str
    requests: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def fake_model(*script: str, answer: str = "") -> Iterator[FakeModel]:
    """Each request takes the next word of `script`: ok, slow, silent, dies, cut, nonsense, empty, endless, half, or an HTTP status."""
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args: Any) -> None:
            return None

        def do_POST(self) -> None:
            fake.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            act = script[min(len(fake.requests), len(script)) - 1]
            try:
                self._status(int(act)) if act.isdigit() else getattr(self, f"_{act}")()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _status(self, status: int) -> None:
            body = json.dumps({"error": {"message": "no", "type": "fake"}}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _begin(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()

        def _raw(self, data: bytes) -> None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

        def _say(self, text: str, finish: str | None = None) -> None:
            choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
            row = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": [choice]}
            self._raw(f"data: {json.dumps(row, ensure_ascii=False)}\n\n".encode())

        def _end(self) -> None:
            self._say("", "stop")
            self._raw(b"data: [DONE]\n\n")
            self._raw(b"")

        def _ok(self) -> None:
            self._begin()
            for word in answer.split(" "):
                self._say(word + " ")
            self._end()

        def _slow(self) -> None:
            self._begin()
            for word in answer.split(" "):
                self._say(word + " ")
                stopped.wait(0.5)
            self._end()

        def _silent(self) -> None:
            self._begin()
            while not stopped.wait(0.05):
                self._raw(b":")

        def _dies(self) -> None:
            self._begin()
            self._say(answer[: len(answer) // 2])
            self.close_connection = True

        def _cut(self) -> None:
            self._begin()
            self._say(answer[: len(answer) // 2])
            self._end()

        def _nonsense(self) -> None:
            self._begin()
            self._raw(b"data: {not json\n\n")
            self._raw(b"")

        def _wrong(self) -> None:
            self._begin()
            self._raw(b'data: {"choices": null, "id": "7"}\n\ndata: [1]\n\n')
            self._raw(b"")

        def _html(self) -> None:
            body = b"<html>Welcome to the router</html>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _empty(self) -> None:
            self._begin()
            self._end()

        def _endless(self) -> None:
            self._begin()
            while not stopped.is_set():
                self._say("and so on ")
                time.sleep(0.0005)

        def _half(self) -> None:
            self._begin()
            self._say(answer[:5])
            self._raw(b'data: {"choices":[{"index":0,"delta":{"content":"caf\xc3')
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake = FakeModel(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()
