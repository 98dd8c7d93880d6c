"""The routes for programs: the chat, the documents as indexed, health."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel, ConfigDict, StrictBool
from starlette.responses import Response

from assistant.desk import Job
from assistant.render import as_json
from assistant.reply import Ask, Delta, Progress, Reply, Turn
from assistant.service import Service, reply_while_there
from assistant.web_errors import Json, Refused, error_body
from index.documents import Document
from index.errors import UserError

LEFT = 499  # the client has left; the log shows it, nobody reads it


class Message(BaseModel):
    """One message of the conversation so far."""

    model_config = ConfigDict(extra="forbid")
    role: Literal["user", "assistant"]
    content: str


class Question(BaseModel):
    """A question, the conversation before it, oldest first, and whether to stream."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"question": "When was the treaty signed?"},
                {"question": "And by whom?", "history": [{"role": "user", "content": "When was the treaty signed?"}], "stream": True},
            ]
        },
    )
    question: str
    history: list[Message] = []
    stream: StrictBool = False


class ErrorDetail(BaseModel):
    """What went wrong, in one sentence, and as a code."""

    message: str
    type: str
    param: str | None
    code: str


class Problem(BaseModel):
    """The one form of an error."""

    error: ErrorDetail


class Span(BaseModel):
    """A paragraph (counted from 1) or a sentence (from 0, with its paragraph): offsets in Python characters, half-open."""

    number: int
    start: int
    end: int
    paragraph: int | None = None


class SourceSummary(BaseModel):
    """A document of the index; `examples` are questions that it answers."""

    name: str
    sha256: str
    characters: int
    paragraphs: int
    sentences: int
    examples: list[str]


class SourceList(BaseModel):
    """Every document of the index."""

    sources: list[SourceSummary]


class SourceText(BaseModel):
    """A document whole, with the places of its paragraphs and sentences."""

    name: str
    sha256: str
    text: str
    paragraphs: list[Span]
    sentences: list[Span]


class Health(BaseModel):
    """Alive, or ready."""

    status: str


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How a route may fail, for the schema."""
    meanings = {401: "no token", 403: "unknown host", 404: "not there", 405: "another method", 408: "the body came too slowly", 413: "the body is too long"}
    meanings |= {
        422: "unusable, with what is wrong",
        429: "too often",
        500: "broken down",
        503: "not ready, without its index, or too many questions at once",
        504: "took too long",
    }
    return {status: {"model": Problem, "description": meanings[status].capitalize()} for status in (401, 403, 405, 408, 413, 429, *statuses)}


_EVENT = {"type": "object", "properties": {"event": {"type": "string"}, "data": {"type": "string"}}}
STREAM = 'event: status\ndata: {"doing": "searching"}\n\nevent: delta\ndata: {"text": "..."}\n\nevent: reply\ndata: {"question": "...", ...}\n\n'


def streamed(example: str) -> dict[int | str, dict[str, Any]]:
    """That a route may answer with server-sent events instead, for the schema."""
    return {200: {"content": {"text/event-stream": {"itemSchema": _EVENT, "example": example}}}}


def api_routes(service: Service) -> APIRouter:
    """/api/chat, /api/sources, /healthz, /readyz."""
    router = APIRouter()

    @router.post("/api/chat", response_model=Reply, responses=errors(422, 500, 503, 504) | streamed(STREAM), tags=["chat"])
    async def chat(body: Question, request: Request) -> Response:
        """Answer a question. Streamed when asked for: `status`, `delta`, then one `reply`, or `error`."""
        wants_stream = body.stream or "text/event-stream" in request.headers.get("accept", "")
        job = service.begin(Ask(body.question, tuple(Turn(turn.role, turn.content) for turn in body.history)), wants_stream)
        if wants_stream:
            return EventSourceResponse(_events(job))
        reply = await reply_while_there(job, request)
        return Response(status_code=LEFT) if reply is None else Json(as_json(reply))

    @router.get("/api/sources", response_model=SourceList, responses=errors(503), tags=["sources"])
    async def sources() -> Response:
        """The documents as indexed."""
        documents = service.loading.assistant().store.documents
        return Json({"sources": [_summary(document) for document in documents]})

    @router.get("/api/sources/{name:path}", response_model=SourceText, responses=errors(404, 422, 503), tags=["sources"])
    async def source(name: Annotated[str, Path(examples=["putin-inf-treaty-statement.txt"])]) -> Response:
        """One document; `name` is looked up among the indexed ones and is no path on a disk."""
        for document in service.loading.assistant().store.documents:
            if document.name == name:
                return Json(_text(document))
        raise Refused(404, "there is no document of this name: /api/sources lists them", "not_found")

    @router.get("/healthz", response_model=Health, responses=errors(), tags=["health"])
    async def healthz() -> Response:
        """Alive."""
        return Json({"status": "alive"})

    @router.get("/readyz", response_model=Health, responses=errors(503), tags=["health"])
    async def readyz() -> Response:
        """Ready to answer; 503 with the reason until then."""
        service.loading.assistant()
        return Json({"status": "ready"})

    return router


async def _events(job: Job) -> AsyncIterator[bytes]:
    """A job as server-sent events; the first at once, before any work is done."""
    yield framed("status", {"doing": "searching"})
    try:
        async for event in job.events():
            if isinstance(event, Reply):
                yield framed("reply", as_json(event))
            elif isinstance(event, Delta):
                yield framed("delta", {"text": event.text})
            elif isinstance(event, Progress):
                yield framed("status", {"doing": event.doing})
    except (UserError, Refused) as error:
        yield framed("error", failure(error))


def failure(error: UserError | Refused) -> dict[str, Any]:
    """An error that comes after the stream has begun."""
    if isinstance(error, Refused):
        return error_body(error.status, str(error), error.code)
    return error_body(422, str(error), "unusable_question")


def framed(event: str | None, data: dict[str, Any]) -> bytes:
    """One server-sent event, in FastAPI's framing."""
    return format_sse_event(event=event, data_str=json.dumps(data))


def _summary(document: Document) -> dict[str, Any]:
    counts = {"characters": len(document.text), "paragraphs": len(document.passages), "sentences": len(document.sentences)}
    return {"name": document.name, "sha256": document.sha256, "examples": list(document.examples)} | counts


def _text(document: Document) -> dict[str, Any]:
    return {
        "name": document.name,
        "sha256": document.sha256,
        "text": document.text,
        "paragraphs": [{"number": p.number, "start": p.start, "end": p.end} for p in document.passages],
        "sentences": [{"number": s.number, "paragraph": s.passage, "start": s.start, "end": s.end} for s in document.sentences],
    }
