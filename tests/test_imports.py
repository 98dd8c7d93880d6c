import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_one_file_imports_chroma() -> None:
    paths = [path for package in MAY_IMPORT for path in files(package)]
    assert [str(path.relative_to(ROOT)) for path in paths if imported(path) & {"chromadb", "langchain_chroma"}] == ["index/store.py"]


def test_help_loads_nothing_heavy() -> None:
    script = LOADED.format(args=["--help"])
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=clean_environment(), timeout=60, check=True)
    *shown, modules = finished.stdout.splitlines()
    assert shown[0].startswith("Usage:")
    assert set(HEAVY) & set(json.loads(modules)) == set()
