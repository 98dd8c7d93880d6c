"""The README shows what the program prints."""

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from assistant.cli import main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r'^    \$ make ask Q="(.+)"\n((?:    .*\n|\n(?=    [^$]))+)', README, re.MULTILINE)


def folded(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("question", "shown"), SHOWN)
def test_the_answers_it_shows_are_the_ones_given(question: str, shown: str, built_index: Path, sources: Path) -> None:
    printed = CliRunner().invoke(main, ["ask", question, "--index", str(built_index), "--sources", str(sources)])
    assert printed.exit_code == 0
    assert folded(printed.output) == folded(shown)


def test_it_shows_an_answer_and_a_refusal() -> None:
    assert len(SHOWN) == 2
    assert "[1]" in SHOWN[0][1]
    assert "The statement does not say." in SHOWN[1][1]


def test_the_count_of_indexed_questions_is_the_files() -> None:
    questions = len((ROOT / "source_docs" / "putin-inf-treaty-statement.questions.jsonl").read_text(encoding="utf-8").splitlines()) - 1
    assert f"{questions:,} questions" in README


def test_every_make_target_and_file_it_names_is_there() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)\b(?= |`|$)", README, re.MULTILINE)) <= set(targets)
    for path in re.findall(r"\]\(([\w./-]+)\)", README):
        assert (ROOT / path).exists(), path


def test_the_version_of_torch_it_names_is_the_locked_one() -> None:
    version = next(d for d in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"] if d.startswith("torch=="))
    assert version in README
    assert version in (ROOT / "requirements.lock").read_text()
