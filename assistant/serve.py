"""The web chat on a socket: what may be bound, how it starts and how it ends."""

import signal
import socket
from collections.abc import Callable
from functools import partial
from types import FrameType

import uvicorn

from assistant import chain
from assistant.guard import is_loopback
from assistant.settings import Settings
from assistant.web import create_app
from assistant.web_log import LOG_CONFIG
from index.errors import SettingsError


def listen(settings: Settings) -> socket.socket:
    """A listening socket. Raises SettingsError: an address that others can reach without a token, or one that cannot be had."""
    if not is_loopback(settings.host) and settings.token is None:
        raise SettingsError(
            f"on {settings.host} others can reach the chat: set ASSISTANT_TOKEN to a secret that they must send, or leave the host at 127.0.0.1"
        )
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(f"cannot listen on {settings.host} port {settings.port} ({error.strerror or error}): give another --host or --port") from error


def address(listening: socket.socket) -> str:
    """Where the page is, for people."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(settings: Settings, listening: socket.socket, index_given: bool, on_start: Callable[[], None]) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what is under way; `on_start` is called once a signal ends it so.

    Raises UserError where nothing can be loaded.
    """

    def stop(number: int = 0, frame: FrameType | None = None) -> None:
        server.should_exit = True

    app = create_app(settings, partial(chain.load, settings, index_given=index_given), on_failed=stop)
    config = uvicorn.Config(
        app,
        log_config=LOG_CONFIG,
        access_log=False,
        ws="none",
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=75,  # longer than a balancer keeps a connection, so that none is closed under a request
        limit_concurrency=settings.max_waiting_questions + 1_000,
        timeout_graceful_shutdown=int(settings.max_answer_seconds) + 1,
    )
    server = uvicorn.Server(config)
    # uvicorn raises the signal again when it is done; with these in place that ends the process with 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    on_start()
    server.run(sockets=[listening])
    if app.state.service.loading.error is not None:
        raise app.state.service.loading.error
