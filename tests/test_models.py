import importlib.util
import re
import sys
from pathlib import Path

import pytest

from assistant.models import open_model
from assistant.settings import load_settings
from index.errors import ModelError


def needs(module: str) -> pytest.MarkDecorator:
    """The package of an extra that make does not install."""
    return pytest.mark.skipif(importlib.util.find_spec(module) is None, reason=f"{module} is not installed")


def opened(**given: object) -> object:
    return open_model(load_settings(**given), lambda *_: None)


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("model", "cure"),
    [
        ("openai:gpt-5-mini", "export OPENAI_API_KEY="),
        pytest.param("anthropic:claude-haiku-4-5", "export ANTHROPIC_API_KEY=", marks=needs("langchain_anthropic")),
        ("local", "assistant model pull"),
        pytest.param("/no/such/file.gguf", "/no/such/file.gguf", marks=needs("xllamacpp")),
        ("nobody-knows-this", "openai:NAME"),
        ("nosuchprovider:model", "openai:NAME"),
        ("mistralai:large", "-m pip install langchain-mistralai"),
    ],
)
def test_a_model_that_cannot_be_had_is_one_line_with_the_cure(model: str, cure: str) -> None:
    with pytest.raises(ModelError) as raised:
        opened(model=model)
    assert cure in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("module", "model", "extra"),
    [
        ("xllamacpp", "some.gguf", "local"),
        ("langchain.chat_models", "openai:gpt-5-mini", "openai"),
        ("langchain_ollama", "ollama:qwen3", "ollama"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch, module: str, model: str, extra: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModelError, match=rf'{re.escape(sys.executable)} -m pip install -e "\.\[{extra}\]"'):
        opened(model=model)


def test_a_base_url_needs_a_name() -> None:
    with pytest.raises(ModelError, match="--model NAME"):
        opened(base_url="http://127.0.0.1:1/v1")


def test_a_key_may_come_from_the_settings() -> None:
    assert opened(model="openai:gpt-5-mini", api_key="sk-none").name == "openai:gpt-5-mini"  # type: ignore[attr-defined]


def test_a_key_for_openai_is_not_sent_to_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    chat = opened(model="any", base_url="http://127.0.0.1:1/v1").chat  # type: ignore[attr-defined]
    assert chat.openai_api_key.get_secret_value() == "none"


@needs("xllamacpp")
def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF but not really")
    with pytest.raises(ModelError, match="cannot load"):
        opened(model=str(broken))
