"""The same chat in OpenAI's form, so that its clients work unchanged.

Citations ride in the message's `annotations`, as url_citations that open the page at the sentence; the whole Reply
rides beside the choices. A stream sends the answer once it is checked, since this form cannot take words back.
"""

import re
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel, ConfigDict, StrictBool
from starlette.responses import Response

from assistant.api import LEFT, errors, failure, framed, streamed
from assistant.desk import Job
from assistant.render import as_json
from assistant.reply import Ask, Progress, Reply, Turn
from assistant.service import Service, reply_while_there
from assistant.web_errors import Json, Refused
from index.errors import QuestionError, UserError

MODEL = "statement-assistant"
_PIECES = re.compile(r"\S+\s*|\s+")
STREAM = "data: {...}\n\ndata: [DONE]\n\n"
_NO_TOKENS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


class Part(BaseModel):
    """A piece of a message; only those of type "text" are read."""

    type: str
    text: str | None = None


class ChatMessage(BaseModel):
    """A message; those of the roles user and assistant are read, the others have no say in what is cited."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, list):
            return "\n".join(part.text or "" for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream holds beside the answer."""

    include_usage: StrictBool | None = False


class CompletionRequest(BaseModel):
    """OpenAI's request; what steers a language model's sampling is accepted and has no effect."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"model": MODEL, "messages": [{"role": "user", "content": "When was the treaty signed?"}]}]},
    )
    model: str
    messages: list[ChatMessage]
    stream: StrictBool | None = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None


class Completion(BaseModel):
    """OpenAI's response, with the Reply beside it."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, int]
    reply: Reply


class ModelCard(BaseModel):
    """A model, in OpenAI's form."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelList(BaseModel):
    """Every model, in OpenAI's form."""

    object: Literal["list"]
    data: list[ModelCard]


def openai_routes(service: Service) -> APIRouter:
    """/v1/models, /v1/chat/completions."""
    router = APIRouter(prefix="/v1", tags=["OpenAI's form"])
    card = {"id": MODEL, "object": "model", "created": int(time.time()), "owned_by": "local"}

    @router.get("/models", response_model=ModelList, responses=errors())
    async def models() -> Response:
        """The one model there is."""
        return Json({"object": "list", "data": [card]})

    @router.get("/models/{model}", response_model=ModelCard, responses=errors(404, 422))
    async def model(model: str) -> Response:
        """That model by its name."""
        if model != MODEL:
            raise Refused(404, f"there is no model of this name: this server has {MODEL}", "model_not_found")
        return Json(card)

    @router.post("/chat/completions", response_model=Completion, responses=errors(422, 500, 503, 504) | streamed(STREAM))
    async def completions(body: CompletionRequest, request: Request) -> Response:
        """Answer the last message; whatever model is named, the response names the one that answered."""
        job = service.begin(as_ask(body.messages), bool(body.stream))
        head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}
        page = str(request.base_url)
        if body.stream:
            with_usage = body.stream_options is not None and bool(body.stream_options.include_usage)
            return EventSourceResponse(_chunks(job, head, page, with_usage))
        reply = await reply_while_there(job, request)
        if reply is None:
            return Response(status_code=LEFT)
        message = {"role": "assistant", "content": reply.answer, "refusal": None, "annotations": annotations(reply, page)}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return Json(head | {"object": "chat.completion", "choices": [choice], "usage": _NO_TOKENS, "reply": as_json(reply)})

    return router


def as_ask(messages: list[ChatMessage]) -> Ask:
    """The last message as the question, those before it as history. Raises QuestionError where the last is not the user's."""
    said = [message for message in messages if message.role in ("user", "assistant")]
    if not said or said[-1].role != "user":
        raise QuestionError('the last of "messages" is not the user\'s: end with {"role": "user", "content": "..."}')
    history = (Turn("user" if message.role == "user" else "assistant", message.text()) for message in said[:-1])
    return Ask(said[-1].text(), tuple(history))


def annotations(reply: Reply, page: str) -> list[dict[str, Any]]:
    """A url_citation for every marker [n] in the answer: where it stands, and a link to the sentence on `page`."""
    cited = {citation.number: citation for citation in reply.citations}
    found = []
    for marker in re.finditer(r"\[(\d+)\]", reply.answer):
        citation = cited.get(int(marker[1]))
        if citation is not None:
            url = f"{page}#document={quote(citation.document, safe='', errors='replace')}&char={citation.start},{citation.end}"
            title = f"{citation.document}, paragraph {citation.paragraph}"
            place = {"start_index": marker.start(), "end_index": marker.end(), "url": url, "title": title, "quote": citation.quote}
            found.append({"type": "url_citation", "url_citation": place})
    return found


async def _chunks(job: Job, head: dict[str, Any], page: str, with_usage: bool) -> AsyncIterator[bytes]:
    """OpenAI's chunks: the role at once, the checked answer word by word, its annotations with the last."""
    head = head | {"object": "chat.completion.chunk"} | ({"usage": None} if with_usage else {})

    def chunk(delta: dict[str, Any], finish: str | None = None, **beside: Any) -> bytes:
        return framed(None, head | {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]} | beside)

    yield chunk({"role": "assistant", "content": ""})
    try:
        async for event in job.events():
            if isinstance(event, Progress):
                yield format_sse_event(comment=event.doing)
            elif isinstance(event, Reply):
                for piece in _PIECES.findall(event.answer):
                    yield chunk({"content": piece})
                yield chunk({"annotations": annotations(event, page)}, "stop", reply=as_json(event))
    except (UserError, Refused) as error:
        yield framed(None, failure(error))
        return
    if with_usage:
        yield framed(None, head | {"choices": [], "usage": _NO_TOKENS})
    yield format_sse_event(data_str="[DONE]")
