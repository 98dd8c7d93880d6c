"""What tests share: one index of the real article, built once a run with the real model."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from index.build import build, encoder_for
from index.embedding_model import DEFAULT_MODEL

ROOT = Path(__file__).resolve().parent.parent
MAX_BYTES = 20_000_000

settings.register_profile("fuzz", max_examples=4_000, deadline=None)  # of make fuzz


@pytest.fixture(scope="session")
def sources() -> Path:
    """The folder of the article and its questions."""
    return ROOT / "source_docs"


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `encoder` of an index: link it as <index>/encoder to spare a new index the export of the model."""
    index = tmp_path_factory.mktemp("exported")
    if (ROOT / ".index" / "encoder").is_dir():
        shutil.copytree(ROOT / ".index" / "encoder", index / "encoder", ignore=shutil.ignore_patterns("*.partial-*"))
    encoder_for(index, DEFAULT_MODEL).export()
    return index / "encoder"


@pytest.fixture(scope="session")
def built_index(tmp_path_factory: pytest.TempPathFactory, sources: Path, exported: Path) -> Path:
    """A ready index of the article; do not write to it (copy it with `own_index`)."""
    index = tmp_path_factory.mktemp("built") / "index"
    if (ROOT / ".index").is_dir():
        shutil.copytree(ROOT / ".index", index, ignore=shutil.ignore_patterns("lock", "partial", "encoder"))
    index.mkdir(exist_ok=True)
    (index / "encoder").symlink_to(exported)
    build(sources, index, DEFAULT_MODEL, MAX_BYTES)
    return index


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


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder of two small documents."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text("The treaty was signed in 1987.")
    (folder / "b.md").write_text("# Bases\nInspectors visit them. They look for rockets.")
    return folder


@pytest.fixture(scope="session")
def server(built_index: Path, sources: Path) -> Iterator[str]:
    """The address of the web chat over the ready index."""
    from tests.serving import served, settings_for

    with served(settings_for(built_index, sources)) as address:
        yield address
