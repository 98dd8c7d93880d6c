"""What the web answers when it does not answer: one JSON form, OpenAI's, with one clear sentence and no traceback."""

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from index.errors import UserError

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_CODES = {404: "not_found", 405: "method_not_allowed", 415: "not_json"}
_SENTENCES = {
    404: "there is nothing at this address: /openapi.json lists what there is",
    405: "this address does not take this method: /openapi.json lists those it takes",
}


class Refused(Exception):
    """A request that is not served: an HTTP status, one sentence, a code for programs, and headers."""

    def __init__(self, status: int, sentence: str, code: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.headers = headers

    def response(self) -> Response:
        """As it goes to the client."""
        return Json(error_body(self.status, str(self), self.code), self.status, self.headers)


class Json(JSONResponse):
    """JSON in ASCII, so that no text, a lone surrogate in a file's name included, cannot be sent."""

    def render(self, content: Any) -> bytes:
        """The bytes that are sent."""
        return json.dumps(content, separators=(",", ":")).encode("ascii")


def error_body(status: int, sentence: str, code: str) -> dict[str, Any]:
    """The one form of an error."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": sentence, "type": kind, "param": None, "code": code}}


def add_error_handlers(app: FastAPI) -> None:
    """Give every error of the app its one form."""

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return error.response()

    def user_error(request: Request, error: Exception) -> Response:
        return Refused(422, str(error), "unusable_question").response()

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return Refused(422, _sentence(error), "invalid_body").response()

    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 400:  # FastAPI's word for a body nested too deep, or not text at all
            return Refused(422, 'the body is not JSON that can be read: send an object such as {"question": "..."}', "invalid_body").response()
        sentence = _SENTENCES.get(error.status_code, error.detail)
        return Refused(error.status_code, sentence, _CODES.get(error.status_code, "http_error"), dict(error.headers or {})).response()

    def bug(request: Request, error: Exception) -> Response:
        return Refused(500, "the server broke down on this request: its log says why", "internal_error", SECURITY_HEADERS).response()

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(UserError, user_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, bug)


def _sentence(error: RequestValidationError) -> str:
    """The first thing that is wrong, where it is, and nothing of what was sent."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    if first["type"] == "json_invalid":
        return f'the body is not JSON (at character {place}): send an object such as {{"question": "..."}}'
    if first["type"] in ("model_attributes_type", "missing") and not place:
        return 'the body is not a JSON object: send {"question": "..."} with Content-Type: application/json'
    return f"{place or 'the body'}: {first['msg'].lower()}"
