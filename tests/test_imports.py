import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from index import errors
from tests.conftest import ROOT
from tests.process import clean_environment

MAY_IMPORT = {"index": {"index"}, "assistant": {"index", "assistant"}, "evals": {"index", "assistant", "evals"}}
OURS = {*MAY_IMPORT, "tests"}
HEAVY = ["torch", "transformers", "chromadb", "langchain_core", "onnxruntime", "numpy", "rich", "prompt_toolkit", "pydantic"]
LOADED = """
import json, sys
import assistant.cli
assistant.cli.main({args}, standalone_mode=False)
print(json.dumps(sorted(sys.modules)))
"""


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add(str(node.module).split(".")[0])
    return found


def files(package: str) -> list[Path]:
    found = sorted((ROOT / package).rglob("*.py"))
    assert found
    return found


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_run_one_way(package: str) -> None:
    against = {path.name: wrong for path in files(package) if (wrong := imported(path) & OURS - MAY_IMPORT[package])}
    assert against == {}


def test_three_files_import_chroma_and_the_textbook_that_they_are_measured_against() -> None:
    paths = [path for package in MAY_IMPORT for path in files(package)]
    assert [str(path.relative_to(ROOT)) for path in paths if imported(path) & {"chromadb", "langchain_chroma"}] == [
        "index/chroma.py",
        "index/chroma_http.py",
        "index/chroma_server.py",
        "evals/bench/textbook.py",
    ]


def test_help_loads_nothing_heavy() -> None:
    script = LOADED.format(args=["--help"])
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=clean_environment(), timeout=60, check=True)
    *shown, modules = finished.stdout.splitlines()
    assert shown[0].startswith("Usage:")
    assert set(HEAVY) & set(json.loads(modules)) == set()


def caught(path: Path) -> set[str]:
    """The names in the except clauses of a file."""
    handlers = [node.type for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ExceptHandler) and node.type is not None]
    return {name.id for handler in handlers for name in ast.walk(handler) if isinstance(name, ast.Name)}


def test_user_errors_are_caught_at_the_edges_only() -> None:
    catching = {str(path.relative_to(ROOT)) for package in MAY_IMPORT for path in files(package) if "UserError" in caught(path)}
    edges = {
        "assistant/cli.py",
        "assistant/chat.py",
        "assistant/batch.py",
        "evals/fit.py",
        "evals/check_written.py",
        *(f"evals/{part}__main__.py" for part in ("", "bench/", "faults/")),
    }
    web = {"assistant/api.py", "assistant/openai_api.py", "assistant/service.py"}
    assert {name for name in catching - edges - web if not name.startswith("assistant/web")} == set()


def test_nothing_is_caught_blindly() -> None:
    blind = {str(path) for package in MAY_IMPORT for path in files(package) if caught(path) & {"Exception", "BaseException"}}
    assert blind == set()


def test_the_index_takes_plain_arguments() -> None:
    foreign = {"click", "rich", "pydantic", "pydantic_settings", "prompt_toolkit", "fastapi"}
    assert {str(path) for path in files("index") if imported(path) & foreign} == set()


def test_the_tree_of_errors_is_the_one_that_is_drawn() -> None:
    for name, kind in vars(errors).items():
        if isinstance(kind, type):
            assert issubclass(kind, errors.UserError)
            assert name in (errors.__doc__ or "")


@pytest.mark.parametrize("module", ["assistant.cli", "index.errors", "assistant.question", "assistant.reply"])
def test_an_import_that_loads_nothing_heavy(module: str) -> None:
    script = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=clean_environment(), timeout=60, check=True)
    assert set(HEAVY) & set(json.loads(finished.stdout)) == set()


def test_torch_is_not_loaded_to_answer(built_index: Path, sources: Path) -> None:
    asked = ["ask", "When was the INF Treaty signed?", "--index", str(built_index), "--sources", str(sources)]
    finished = subprocess.run(
        [sys.executable, "-c", LOADED.format(args=asked)], capture_output=True, text=True, env=clean_environment(), timeout=60, check=True
    )
    assert "1987" in finished.stdout
    assert {"torch", "transformers", "sentence_transformers"} & set(json.loads(finished.stdout.splitlines()[-1])) == set()
