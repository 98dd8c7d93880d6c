"""Settings -> a LangChain chat model: hosted, served (OpenAI's form), or in this process."""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import model_pull
from assistant.settings import Settings
from index.build import Progress
from index.errors import ModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from assistant.local_model import LocalModel

LOCAL = "local"
_PIP = f"{sys.executable} -m pip install"
_MOST_TOKENS = 300  # of an answer, where the server obeys it
_EXTRAS = {"openai": "openai", "anthropic": "anthropic", "ollama": "ollama"}  # provider -> extra of this project
_KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
# The root of what a provider's package raises when the provider fails; each only where it is loaded.
_FAILURES = (
    ("openai", "OpenAIError"),
    ("anthropic", "AnthropicError"),
    ("ollama", "ResponseError"),
    ("httpx", "HTTPError"),
    ("httpx", "StreamError"),
    ("httpx2", "HTTPError"),
    ("httpx2", "StreamError"),
)


@dataclass(frozen=True)
class LanguageModel:
    """A chat model by its name; `failures` are what it may raise when the model or its server fails.

    `server` is what runs a model in this process, which takes a grammar of llama.cpp.
    """

    name: str
    chat: "BaseChatModel"
    failures: tuple[type[BaseException], ...]
    server: "LocalModel | None" = None


def open_model(settings: Settings, progress: Progress) -> LanguageModel:
    """The model of the settings. Raises ModelError with the command that cures it."""
    if not settings.model:
        raise ModelError(
            "a base URL needs the name of a model: give it with --model NAME"
            if settings.base_url
            else "no language model is set: add --model local, or another"
        )
    if settings.model == LOCAL or settings.model.endswith(".gguf"):
        return _local(settings, progress)
    chat = _served(settings) if settings.base_url else _hosted(settings)
    return LanguageModel(settings.model, chat, failures())


def failures() -> tuple[type[BaseException], ...]:
    """What the loaded providers' packages raise when a server fails, is not there, or sends what cannot be read.

    The last three are what they do with JSON of another shape than they expect.
    """
    roots = [getattr(sys.modules[module], name) for module, name in _FAILURES if module in sys.modules]
    return (*roots, OSError, ValueError, TypeError, AttributeError, LookupError)


def _local(settings: Settings, progress: Progress) -> LanguageModel:
    from assistant.local_model import LocalModel

    progress("checking the language model", 0, 1)
    is_default = settings.model == LOCAL
    path = model_pull.find(model_pull.DEFAULT, model_pull.models_folder()) if is_default else Path(settings.model).expanduser()
    progress("loading the language model", 0, 1)
    server = LocalModel(path, model_pull.models_folder() / "prompts")
    package = _package("langchain_openai", LOCAL)
    client = _package("openai", LOCAL).DefaultHttpxClient(trust_env=False)
    chat = package.ChatOpenAI(model=LOCAL, base_url=server.base_url, api_key="none", http_client=client, **_plain(settings))
    return LanguageModel(f"{LOCAL}:{path.stem}", chat, failures(), server)


def _served(settings: Settings) -> "BaseChatModel":
    package = _package("langchain_openai", "openai")
    key = settings.api_key.get_secret_value() if settings.api_key else "none"
    chat: BaseChatModel = package.ChatOpenAI(model=settings.model.removeprefix("openai:"), base_url=settings.base_url, api_key=key, **_plain(settings))
    return chat


def _plain(settings: Settings) -> dict[str, Any]:
    return {"temperature": 0, "max_tokens": _MOST_TOKENS, "timeout": settings.model_seconds, "max_retries": 0, "stream_usage": False}


def _hosted(settings: Settings) -> "BaseChatModel":
    provider = settings.model.partition(":")[0] if ":" in settings.model else ""
    package = _package("langchain.chat_models", _EXTRAS.get(provider, "openai"))
    given: dict[str, Any] = {"timeout": settings.model_seconds, "max_retries": 0} if provider in _KEYS else {}
    if settings.api_key:
        given["api_key"] = settings.api_key.get_secret_value()
    try:
        chat: BaseChatModel = package.init_chat_model(settings.model, **given)
    except ImportError as error:
        raise ModelError(_needs(settings.model, provider, error)) from error
    except ValueError as error:
        raise ModelError(f"no such model {settings.model!r} ({_line(error)}): write it as openai:NAME, anthropic:NAME, ollama:NAME or local") from error
    except failures() as error:
        raise ModelError(_no_key(settings.model, provider)) from error
    secret = getattr(chat, "anthropic_api_key", None)
    if secret is not None and not secret.get_secret_value():
        raise ModelError(_no_key(settings.model, provider))
    return chat


def _package(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ModelError(f'this model needs a package that is not installed ({error.name}): run {_PIP} -e ".[{extra}]"') from error


def _needs(model: str, provider: str, error: ImportError) -> str:
    wanted = f'-e ".[{_EXTRAS[provider]}]"' if provider in _EXTRAS else f"langchain-{provider.replace('_', '-')}"
    return f"the model {model} needs a package that is not installed ({_line(error)}): run {_PIP} {wanted}"


def _no_key(model: str, provider: str) -> str:
    return f"the model {model} needs a key: export {_KEYS.get(provider, 'ASSISTANT_API_KEY')}=..."


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
