"""Settings, read once from ASSISTANT_* variables, a .env file and the command line; the only reader of the environment."""

import difflib
import os
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from index.chroma_server import ChromaServer
from index.embedding_model import DEFAULT_MODEL
from index.errors import SettingsError

PREFIX = "ASSISTANT_"
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#@]*)?")
Strictness = Literal["lenient", "balanced", "strict"]


class Settings(BaseSettings):
    """Every setting, with its bounds. Frozen; names carry their units."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", frozen=True, extra="forbid", env_ignore_empty=True)

    sources: Path = Field(Path("source_docs"), description="folder of .txt and .md files")
    index: Path = Field(Path(".index"), description="folder of the index")
    embedding_model: str = Field(DEFAULT_MODEL, min_length=1, description="the packaged model, a folder, or a hub name")
    strictness: Strictness = Field("balanced", description="how sure the assistant must be before it answers")
    max_question_chars: int = Field(2_000, ge=1, le=1_000_000, description="longest question, in characters")
    max_history_turns: int = Field(20, ge=0, le=1_000, description="turns of the conversation that are read; older ones are left out")
    max_source_bytes: int = Field(20_000_000, ge=1, description="longest source file, in bytes")

    chroma_url: str = Field(
        "", description="Chroma's server that keeps the vectors for many machines, e.g. http://127.0.0.1:8001; the index's folder unless set"
    )
    chroma_token: SecretStr | None = Field(None, description="token that this server asks for")
    chroma_tenant: str = Field("default_tenant", min_length=1, description="tenant on this server")
    chroma_database: str = Field("default_database", min_length=1, description="database of the tenant")

    model: str = Field("", description="language model that writes the answers: local, a .gguf file, openai:NAME, anthropic:NAME, ollama:NAME; none quotes")
    base_url: str = Field("", description="a server in OpenAI's form for that model, e.g. http://127.0.0.1:8080/v1")
    api_key: SecretStr | None = Field(None, description="key for that server or model, where its own variable (OPENAI_API_KEY, ...) is not set")
    model_seconds: float = Field(45, gt=0, le=3_600, description="time that writing an answer may take, further tries included")
    model_retries: int = Field(2, ge=0, le=10, description="further tries when the model's server fails before its first word")
    model_url: str = Field("", description="where assistant model pull gets the local model; the package index unless set")

    host: str = Field("127.0.0.1", min_length=1, description="address that the web chat binds; one that others can reach needs a token")
    port: int = Field(8000, ge=0, le=65_535, description="port of the web chat; 0 takes a free one")
    token: SecretStr | None = Field(None, description="what clients of the web chat send as Authorization: Bearer")
    allowed_hosts: str = Field("", description="further names that requests may call the web chat by, comma-separated")
    cors_origins: str = Field("", description="origins whose pages may call the web chat, comma-separated; * for any")
    trusted_proxies: str = Field("127.0.0.1", description="addresses whose X-Forwarded-For is believed, comma-separated")
    rate_limit: str = Field("", description='requests a client, e.g. "60/minute", or "off"; off on loopback unless set, else 60/minute')
    max_body_bytes: int = Field(1_000_000, ge=1, description="longest request body, in bytes")
    max_body_seconds: float = Field(10, gt=0, description="time that a request body may take to arrive")
    max_answer_seconds: float = Field(60, gt=0, description="time that an answer may take, waiting included")
    answering_threads: int = Field(2, ge=1, le=256, description="questions answered at once")
    max_waiting_questions: int = Field(128, ge=0, description="questions that may wait beyond those; more are sent away with 503")
    log_questions: bool = Field(False, description="whether the web chat's log holds the questions")

    @property
    def chroma(self) -> ChromaServer | None:
        """Chroma's server, None where the index's folder has the vectors."""
        if not self.chroma_url:
            return None
        token = self.chroma_token.get_secret_value() if self.chroma_token else ""
        return ChromaServer(self.chroma_url, token, self.chroma_tenant, self.chroma_database)

    @field_validator("chroma_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not _ADDRESS.fullmatch(value):
            raise PydanticCustomError("address", "write it as http://host:port or https://host, without a password in it")
        return value.rstrip("/")

    @field_validator("rate_limit")
    @classmethod
    def _is_rate(cls, value: str) -> str:
        if value and value != "off":
            from limits import parse

            try:
                parse(value)
            except ValueError as error:
                raise PydanticCustomError("rate", 'write it as "60/minute", or "off"') from error
        return value


def load_settings(**given: Any) -> Settings:
    """Settings from what was given on the command line (None: not given), the environment and .env, in that order.

    Raises SettingsError for an unknown ASSISTANT_* variable and for a value out of bounds.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name.removeprefix(PREFIX).lower(), Settings.model_fields, 1)
            cure = f"did you mean {PREFIX}{close[0].upper()}?" if close else "unset it; .env.example lists them all"
            raise SettingsError(f"unknown setting {name}: {cure}")
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingsError(f"unknown setting {name.upper()} in .env: .env.example lists them all") from error
        raise SettingsError(f"{PREFIX}{name.upper()} cannot be {first['input']!r}: {first['msg'].lower()}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read .env ({error}): save it as UTF-8, or remove it") from error
