"""create_app: the routes, the page, and what stands before them, put together."""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from assistant import chain
from assistant.api import api_routes
from assistant.desk import Desk
from assistant.guard import Guard
from assistant.openai_api import openai_routes
from assistant.service import Load, Loading, Service
from assistant.settings import Settings
from assistant.web_errors import Refused, add_error_handlers
from assistant.web_log import Envelope

STATIC = Path(__file__).with_name("static")
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
ABOUT = "Answers questions about a few documents in their own words, each with its place in the text, and says so when they do not say."


def create_app(settings: Settings, load: Load | None = None, on_failed: Callable[[], None] = lambda: None) -> FastAPI:
    """The web chat as an ASGI app. It loads the assistant with `load` once it starts, and calls `on_failed` if it cannot."""
    loading = Loading(load or partial(chain.load, settings), settings.index)
    desk = Desk(settings.answering_threads, settings.max_waiting_questions, settings.max_answer_seconds, on_damaged=loading.again)
    service = Service(settings, loading, desk)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.loading.begin(on_failed)
        yield
        service.loading.close()
        service.desk.close()

    app = FastAPI(title="Statement Assistant", version=version("statement-assistant"), description=ABOUT, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.service = service
    needs_token = [Depends(HTTPBearer(auto_error=False))] if settings.token else []
    app.include_router(api_routes(service), dependencies=needs_token)
    app.include_router(openai_routes(service), dependencies=needs_token)
    add_page(app)
    add_error_handlers(app)
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(Envelope)
    origins = [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]
    if origins:
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=["Authorization", "Content-Type"])
    return app


def add_page(app: FastAPI) -> None:
    """The page and its files, read once: a request's path is a key here, never a path on the disk."""
    files = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.suffix in _TYPES}
    tags = {name: f'"{hashlib.sha256(data).hexdigest()[:16]}"' for name, data in files.items()}

    async def page(request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        if name not in files:
            raise Refused(404, "there is no such file", "not_found")
        headers = {"ETag": tags[name], "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tags[name]:
            return Response(status_code=304, headers=headers)
        return Response(files[name], media_type=_TYPES[Path(name).suffix], headers=headers)

    app.add_route("/", page, include_in_schema=False)
    app.add_route("/static/{name}", page, include_in_schema=False)
