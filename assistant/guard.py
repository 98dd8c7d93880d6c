"""What stands before the app: who may ask, how often, how much and how slowly. Pure ASGI, so that streams pass untouched.

The body is read whole, within a size and a time, before the app sees the request.
"""

import asyncio
import hmac
import ipaddress
import math
import re
import time
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.settings import Settings
from assistant.web_errors import Refused

if TYPE_CHECKING:
    from limits import RateLimitItem

DEFAULT_RATE = "60/minute"  # for each client, where others than this machine can ask
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PUBLIC = frozenset({"/", "/healthz", "/readyz", "/openapi.json"})  # and /static/*: nothing in them is anyone's
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[^:/\[\]]+)(?::\d+)?")


class Guard:
    """Refuses what may not pass, with a sentence; the rest goes on with its body in memory."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = allowed_hosts(settings)
        self._token = settings.token.get_secret_value().encode() if settings.token else None
        self._max_bytes = settings.max_body_bytes
        self._max_seconds = settings.max_body_seconds
        limit = settings.rate_limit or ("off" if is_loopback(settings.host) else DEFAULT_RATE)
        self._rate = None if limit == "off" else Rate(limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            headers = Headers(scope=scope)
            self._check_host(headers)
            if not (scope["path"] in _PUBLIC or scope["path"].startswith("/static/")):
                if self._rate is not None:
                    self._rate.count(scope["client"][0] if scope.get("client") else "")
                self._check_token(headers)
            body = await self._body(headers, receive)
        except Refused as refused:
            await refused.response()(scope, receive, send)
            return
        if body is None:
            return
        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    def _check_host(self, headers: Headers) -> None:
        """Against DNS rebinding: a page elsewhere can make its own name lead here, but not change the name."""
        found = _HOST.fullmatch(headers.get("host", ""))
        if self._hosts and (found is None or found["name"].lower() not in self._hosts):
            raise Refused(403, "this server does not go by that host name: ASSISTANT_ALLOWED_HOSTS lists those it has", "unknown_host")

    def _check_token(self, headers: Headers) -> None:
        if self._token is None:
            return
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode("latin-1"), self._token):
            raise Refused(
                401, "a token is needed: send Authorization: Bearer with the ASSISTANT_TOKEN of this server", "no_token", {"WWW-Authenticate": "Bearer"}
            )

    async def _body(self, headers: Headers, receive: Receive) -> bytes | None:
        """The whole body; None when the client has left. Raises Refused (408, 413)."""
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > self._max_bytes:
            await self._drain(receive)
            raise self._too_long()
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._max_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > self._max_bytes:
                        await self._drain(receive)
                        raise self._too_long()
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            raise Refused(408, f"the body did not arrive within {self._max_seconds:g} seconds", "slow_body", {"Connection": "close"}) from None

    async def _drain(self, receive: Receive) -> None:
        """Let a sender that is nearly done finish, so that it reads the refusal; nothing is kept."""
        left = 20 * self._max_bytes
        try:
            async with asyncio.timeout(min(2.0, self._max_seconds)):
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if message["type"] == "http.disconnect" or not message.get("more_body", False):
                        return
        except TimeoutError:
            return

    def _too_long(self) -> Refused:
        return Refused(
            413,
            f"the body is over the limit of {self._max_bytes:,} bytes: shorten it, or raise ASSISTANT_MAX_BODY_BYTES",
            "body_too_long",
            {"Connection": "close"},
        )


class Rate:
    """So many requests a client in a moving window, counted by the library `limits` in this process."""

    def __init__(self, limit: str) -> None:
        from limits import parse
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._limit: RateLimitItem = parse(limit)
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def count(self, client: str) -> None:
        """Raises Refused (429) for a request too many. An IPv6 client counts by its /64, which is what one person has."""
        key = client
        if ":" in client:
            key = str(ipaddress.ip_network((client.partition("%")[0], 64), strict=False))
        if not self._window.hit(self._limit, key):
            wait = max(1, math.ceil(self._window.get_window_stats(self._limit, key).reset_time - time.time()))
            raise Refused(429, f"more than {self._limit}: ask again in {wait} seconds", "rate_limit", {"Retry-After": str(wait)})


def is_loopback(host: str) -> bool:
    """Whether an address to bind is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """The names that a request may call this server by; empty: any, where a token guards it."""
    named = frozenset(name.strip().lower() for name in settings.allowed_hosts.split(",") if name.strip())
    return named | LOOPBACK_NAMES | {settings.host} if is_loopback(settings.host) else named
