"""The web chat's log, a JSON object a line on standard error, and the envelope that each response goes out in.

Nothing of what was asked or answered is logged: a line holds the method, the path, the status, the time and the id.
"""

import contextvars
import json
import logging
import re
import time
import uuid
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web_errors import SECURITY_HEADERS

REQUEST_ID: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
LOG_CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "assistant.web_log.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
    "loggers": {name: {"handlers": ["stderr"], "level": "INFO", "propagate": False} for name in ("assistant", "uvicorn")},
}
_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_log = logging.getLogger("assistant.web")


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON; `extra={"fields": {...}}` adds keys."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        row = {"time": f"{moment}.{record.msecs:03.0f}Z", "level": record.levelname.lower(), "event": record.getMessage()}
        row |= {"request_id": REQUEST_ID.get()} if REQUEST_ID.get() else {}
        row |= getattr(record, "fields", {})
        row |= {"traceback": self.formatException(record.exc_info)} if record.exc_info else {}
        return json.dumps(row)


class Envelope:
    """Gives each request an id (its own X-Request-ID, if that is one), each response its headers, and the log its line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        REQUEST_ID.set(request_id)
        status = 500

        async def send_enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers.setdefault("Cache-Control", "no-store")
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
            await send(message)

        try:
            await self._app(scope, receive, send_enveloped)
        finally:
            spent = round(1000 * (time.perf_counter() - started), 1)
            _log.info("request", extra={"fields": {"method": scope["method"], "path": scope["path"][:200], "status": status, "milliseconds": spent}})
