import re
from pathlib import Path

import pytest

from assistant.settings import PREFIX, Settings, load_settings
from index.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


def refused(**given: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**given)
    return str(caught.value)


def test_the_command_line_goes_before_the_environment_and_that_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("ASSISTANT_SOURCES=file\nASSISTANT_INDEX=file\nASSISTANT_STRICTNESS=strict\n")
    monkeypatch.setenv("ASSISTANT_SOURCES", "environment")
    monkeypatch.setenv("ASSISTANT_INDEX", "environment")
    settings = load_settings(sources=Path("given"), index=None)
    assert (settings.sources, settings.index, settings.strictness) == (Path("given"), Path("environment"), "strict")


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_MAX_QUESTION_CHARS", "")
    assert load_settings() == Settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().index = Path("other")  # type: ignore[misc]


def test_an_unknown_variable_is_refused_with_the_nearest_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_STRICTNES", "strict")
    assert refused() == "unknown setting ASSISTANT_STRICTNES: did you mean ASSISTANT_STRICTNESS?"


def test_an_unknown_variable_that_is_near_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_QQQ", "1")
    assert "ASSISTANT_QQQ" in refused()
    assert ".env.example" in refused()


def test_an_unknown_line_of_the_file() -> None:
    Path(".env").write_text("ASSISTANT_QQQ=1\n")
    assert "ASSISTANT_QQQ in .env" in refused()


def test_a_file_that_is_not_utf8() -> None:
    Path(".env").write_bytes(b"ASSISTANT_INDEX=\xff\n")
    assert "cannot read .env" in refused()


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAX_QUESTION_CHARS", "0"), ("MAX_QUESTION_CHARS", "many"), ("MAX_HISTORY_TURNS", "-1"), ("STRICTNESS", "mild"), ("MAX_SOURCE_BYTES", "1.5")],
)
def test_a_value_out_of_bounds_names_the_setting_and_the_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    assert re.match(rf"ASSISTANT_{name} cannot be '{re.escape(value)}': ", refused())


def test_the_example_lists_every_setting_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^#(ASSISTANT_[A-Z_]+)=(\S*)", text, re.MULTILINE))
    assert set(listed) == {PREFIX + name.upper() for name in Settings.model_fields}
    Path(".env").write_text("".join(f"{name}={value}\n" for name, value in listed.items()))
    assert load_settings() == Settings(_env_file=None)  # type: ignore[call-arg]
