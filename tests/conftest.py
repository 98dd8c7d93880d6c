"""What tests share: one index of the real article, built once a run with the real model."""

import shutil
from pathlib import Path

import pytest

from index.build import build
from index.encoder import DEFAULT_MODEL

ROOT = Path(__file__).resolve().parent.parent
MAX_BYTES = 20_000_000


@pytest.fixture(scope="session")
def sources() -> Path:
    """The folder of the article and its questions."""
    return ROOT / "source_docs"


@pytest.fixture(scope="session")
def built_index(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> Path:
    """A ready index of the article; do not write to it (copy it with `own_index`)."""
    index = tmp_path_factory.mktemp("built") / "index"
    ready = ROOT / ".index"
    if ready.is_dir():
        shutil.copytree(ready, index, ignore=shutil.ignore_patterns("lock", "partial"))
    build(sources, index, DEFAULT_MODEL, MAX_BYTES)
    return index


@pytest.fixture(scope="session")
def exported(built_index: Path) -> Path:
    """The folder `encoder` of a ready index: link it as <index>/encoder to spare a new index the export."""
    return built_index / "encoder"


@pytest.fixture
def own_index(tmp_path: Path, built_index: Path, exported: Path) -> Path:
    """A copy of the ready index that a test may damage."""
    index = tmp_path / "own-index"
    shutil.copytree(built_index, index, ignore=shutil.ignore_patterns("encoder"))
    (index / "encoder").symlink_to(exported)
    return index


@pytest.fixture
def new_index(tmp_path: Path, exported: Path) -> Path:
    """The path of an index yet to be built; the model's export is there already."""
    index = tmp_path / "new-index"
    index.mkdir()
    (index / "encoder").symlink_to(exported)
    return index
