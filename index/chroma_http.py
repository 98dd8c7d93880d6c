"""Requests to Chroma's server: bounded in time, tried again through a short outage, and every failure a StoreError with the cure."""

import time
import weakref
from typing import TYPE_CHECKING, Any

import httpx
from chromadb.api.client import Client
from chromadb.auth import UserIdentity
from chromadb.config import Settings

from index.errors import SettingsError, StoreDamaged, StoreError, StoreUnreachable

if TYPE_CHECKING:
    from index.chroma_server import ChromaServer

PATIENCE_SECONDS = 8.0  # that a request is tried again for
_PAUSE_SECONDS = 0.25
_TIMEOUT = httpx.Timeout(30.0, connect=3.0)  # seconds
_BUSY = {429, 502, 503, 504}  # said by what stands before a server that is away, or by one with too much to do
_NO_PROXY = dict.fromkeys(("all://localhost", "all://127.0.0.1", "all://[::1]"))


class PatientSession(httpx.Client):
    """Every request that Chroma's client makes may be made twice: what it writes, it writes under given ids."""

    def __init__(self, server: "ChromaServer") -> None:
        """Raises SettingsError where the token cannot be sent."""
        if not (server.token.isascii() and server.token.isprintable()):
            raise SettingsError("ASSISTANT_CHROMA_TOKEN holds characters that no token has: copy it anew")
        headers = {"Content-Type": "application/json"}
        if server.token:  # one is read by Chroma Cloud, the other by most of what stands before a server
            headers |= {"X-Chroma-Token": server.token, "Authorization": f"Bearer {server.token}"}
        super().__init__(timeout=_TIMEOUT, headers=headers, mounts=_NO_PROXY)
        self._url = server.url

    def request(self, *args: Any, **more: Any) -> httpx.Response:
        """The response, when it is a good one. Raises StoreUnreachable, StoreDamaged (what was asked for is not there) or StoreError."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                response = super().request(*args, **more)
            except httpx.TransportError as error:
                failure = StoreUnreachable(self._unreachable(str(error) or type(error).__name__))
                failure.__cause__ = error
            except httpx.InvalidURL as error:
                raise SettingsError(f"ASSISTANT_CHROMA_URL cannot be {self._url!r} ({error})") from error
            else:
                if response.status_code not in _BUSY:
                    return self._good(response)
                failure = StoreUnreachable(self._unreachable(f"HTTP {response.status_code}"))
            if time.monotonic() >= deadline:
                raise failure
            time.sleep(_PAUSE_SECONDS)

    def _unreachable(self, reason: str) -> str:
        return f"Chroma's server at {self._url} does not answer ({reason}): start it with chroma run, or change ASSISTANT_CHROMA_URL"

    def _good(self, response: httpx.Response) -> httpx.Response:
        if response.status_code in (401, 403):
            raise StoreError(f"Chroma's server at {self._url} lets nobody in without its token: set ASSISTANT_CHROMA_TOKEN to it")
        said = _json(response)
        if response.is_success and said is not None:
            return response
        if not isinstance(said, dict) or not {"error", "message"} <= set(said):
            raise StoreError(f"what answers at {self._url} is not Chroma's server (HTTP {response.status_code}): change ASSISTANT_CHROMA_URL")
        if said["error"] == "NotFoundError":
            raise StoreDamaged(f"Chroma's server at {self._url} has lost the vectors ({said['message']}): run assistant index to build them anew")
        raise StoreError(f"Chroma's server at {self._url} cannot do it ({' '.join(str(said['message']).split())}): see its log")


def _json(response: httpx.Response) -> Any:
    """The body, None where it is no JSON."""
    try:
        return response.json()
    except ValueError:
        return None


class PatientClient(Client):
    """Chroma's client over a PatientSession, from its first request on."""

    def __init__(self, server: "ChromaServer") -> None:
        """Raises SettingsError, StoreUnreachable or StoreError: nobody there, somebody else, another token, no such tenant or database."""
        self._place = server
        settings = Settings(
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host=server.url,
            chroma_server_http_port=0,  # the URL has it
            anonymized_telemetry=False,
        )
        super().__init__(server.tenant, server.database, settings)

    def get_user_identity(self) -> UserIdentity:
        """Not asked of the server, whose word on tenants the settings overrule; the first thing done, so the session is put in place here."""
        session = PatientSession(self._place)
        self._server._session = session  # type: ignore[attr-defined]
        weakref.finalize(self._server, session.close)
        return UserIdentity(user_id="")

    def _validate_tenant_database(self, tenant: str, database: str) -> None:
        url = self._place.url
        beat = self._server._session.request("GET", f"{self._server.get_api_url()}/heartbeat").json()  # type: ignore[attr-defined]
        if not isinstance(beat, dict) or "nanosecond heartbeat" not in beat:
            raise StoreError(f"what answers at {url} is not Chroma's server: change ASSISTANT_CHROMA_URL")
        try:
            self._server.get_database(database, tenant)
        except StoreDamaged as error:
            cure = "make it there, or change ASSISTANT_CHROMA_TENANT and ASSISTANT_CHROMA_DATABASE"
            raise StoreError(f"Chroma's server at {url} has no database {database} of a tenant {tenant}: {cure}") from error
