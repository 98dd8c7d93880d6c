import functools
import json
import random
import re
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from index import store
from index.build import build, encoder_for
from index.chroma import record_id
from index.embedding_model import DEFAULT_MODEL
from index.encoder import Encoder
from index.errors import StoreDamaged, StoreError, StoreMissing, StoreStale
from index.questions import IndexedQuestion, write_questions
from index.search import EvidenceRetriever
from index.source import read_source
from tests.conftest import MAX_BYTES
from tests.process import one_line, run

TEXT = "The treaty was signed in 1987 by two states. It ended in 2019.\n\nInspectors visit the base in Ruritania. They look for rockets.\n"
QUESTION = "When was the treaty signed?"
FLIPS = 2  # bytes flipped in each file, one at a time


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, exported: Path) -> tuple[Path, Path]:
    """(sources, index) of one short text with a few questions: an index with every kind of file."""
    folder = tmp_path_factory.mktemp("small")
    sources, index = folder / "docs", folder / "index"
    sources.mkdir()
    index.mkdir()
    (index / "encoder").symlink_to(exported)
    (sources / "a.txt").write_text(TEXT)
    source = read_source(sources / "a.txt", sources)
    signed, inspected = (15, 29), (64, 102)
    questions = [IndexedQuestion(QUESTION, (signed,)), IndexedQuestion("Who visits?", (inspected,)), IndexedQuestion("Who paid for it?", ())]
    write_questions(sources / "a.questions.jsonl", source, questions)
    build(sources, index, DEFAULT_MODEL, MAX_BYTES)
    return sources, index


@pytest.fixture
def copy(tmp_path: Path, small: tuple[Path, Path]) -> Path:
    """A copy of that index that a test may damage."""
    index = tmp_path / "index"
    shutil.copytree(small[1], index, symlinks=True)
    return index


def opened(index: Path) -> store.Store:
    return store.open_store(index, encoder_for(index, DEFAULT_MODEL))


def found(index: Path) -> list[tuple[str, float]]:
    """What a question finds, best first, with its scores."""
    encoder = _encoder((index / "encoder").resolve().parent)
    retriever = EvidenceRetriever.over(store.open_store(index, encoder), encoder)
    return [(e.sentence.text, round(e.score, 4)) for e in retriever.find(QUESTION)]


@functools.cache
def _encoder(index: Path) -> Encoder:
    """The model, loaded once."""
    return encoder_for(index, DEFAULT_MODEL)


def files_of(index: Path) -> list[str]:
    return sorted(p.relative_to(index).as_posix() for p in index.rglob("*") if p.is_file() and "encoder" not in p.parts and p.name != "lock")


def test_what_is_stored_is_read(small: tuple[Path, Path]) -> None:
    held = opened(small[1])
    (document,) = held.documents
    assert document.text == TEXT
    assert [(s.number, s.passage, s.leans_on) for s in document.sentences] == [(0, 1, None), (1, 1, 0), (2, 2, None), (3, 2, 2)]
    assert all(document.text[s.start : s.end] == s.text for s in document.sentences)
    assert [held.positions[record_id(d, s)] for d, s in held.sentences] == [0, 1, 2, 3]
    assert set(held.question_models) == {document.key}
    assert held.vectors._collection.count() == 4


def test_vectors_in_chroma_are_those_of_the_encoder(small: tuple[Path, Path]) -> None:
    held = opened(small[1])
    rows = held.vectors._collection.get(include=["embeddings"])
    vectors = encoder_for(small[1], DEFAULT_MODEL).encode([s.read for _, s in held.sentences])
    assert rows["embeddings"] is not None
    for record, vector in zip(rows["ids"], rows["embeddings"], strict=True):
        assert np.allclose(vector, vectors[held.positions[record]], atol=1e-6)


def test_reading_changes_no_checksum(copy: Path) -> None:
    before = found(copy)
    for _ in range(3):
        assert found(copy) == before


def test_every_file_is_known_here(small: tuple[Path, Path]) -> None:
    names = {re.sub(r"[0-9a-f-]{16,}", "X", name) for name in files_of(small[1])}
    assert {"CURRENT", "generation-1/manifest.json", "generation-1/documents.json", "generation-1/questions/X.npz"} < names
    assert {"generation-1/chroma/chroma.sqlite3", "generation-1/chroma/X/data_level0.bin", "generation-1/bm25/vocab.index.json"} < names


def test_a_flipped_byte_is_found_or_changes_nothing(tmp_path: Path, small: tuple[Path, Path]) -> None:
    """Of every file of the index: opening says that it is damaged, or the answer is the same."""
    rng, right = random.Random(5), found(small[1])
    for name in files_of(small[1]):
        size = (small[1] / name).stat().st_size
        for number in range(min(size, FLIPS * (10 if name.endswith("sqlite3") else 1))):
            index = tmp_path / f"{number}-{name.replace('/', '-')}"
            shutil.copytree(small[1], index, symlinks=True)
            data = bytearray((index / name).read_bytes())
            place = rng.randrange(size)
            data[place] ^= 1 << rng.randrange(8)
            (index / name).write_bytes(data)
            with suppress(StoreDamaged, StoreStale, StoreMissing):
                assert found(index) == right, (name, place)
            shutil.rmtree(index)


def test_a_file_that_is_cut_off_or_gone_is_found_and_built_anew(tmp_path: Path, small: tuple[Path, Path]) -> None:
    sources, whole = small
    right = found(whole)
    for number, name in enumerate(files_of(whole)):
        index = tmp_path / str(number)
        shutil.copytree(whole, index, symlinks=True)
        data = (index / name).read_bytes()
        if number % 2 and len(data) > 1:
            (index / name).write_bytes(data[: len(data) // 2])
        elif data:
            (index / name).unlink()
        else:
            continue
        with pytest.raises((StoreDamaged, StoreMissing)):
            opened(index)
        if number % 4 == 0:
            assert build(sources, index, DEFAULT_MODEL, MAX_BYTES).added == 1, name
            assert found(index) == right, name


def test_a_damaged_database_is_built_anew_by_assistant_index(copy: Path, small: tuple[Path, Path]) -> None:
    database = copy / "generation-1/chroma/chroma.sqlite3"
    data = bytearray(database.read_bytes())
    place = data.index(b"Ruritania")
    data[place] ^= 1
    database.write_bytes(data)
    with pytest.raises(StoreDamaged, match="run assistant index"):
        opened(copy)
    right = found(small[1])
    assert build(small[0], copy, DEFAULT_MODEL, MAX_BYTES).added == 1
    assert found(copy) == right


def test_a_damaged_export_of_the_model_is_found(tmp_path: Path, copy: Path, exported: Path) -> None:
    (copy / "encoder").unlink()
    shutil.copytree(exported, copy / "encoder")
    (weights,) = (copy / "encoder").glob("*/model.onnx.data")
    with weights.open("r+b") as file:
        file.seek(50_000_000)
        byte = file.read(1)
        file.seek(50_000_000)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(StoreDamaged, match="exported model"):
        opened(copy)


def test_an_index_of_another_version_or_model_is_stale(copy: Path) -> None:
    path = copy / "generation-1/manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(StoreStale, match="format 99"):
        opened(copy)
    path.write_text(json.dumps(manifest | {"model": "another-model"}))
    with pytest.raises(StoreStale, match="another-model"):
        opened(copy)


@pytest.mark.parametrize("text", ["[]", "{}", "null", "5", '{"format": 1}', '{"format": 1, "model": "x", "files": [], "rows": ""}', "\x00", "[" * 100_000])
def test_a_manifest_that_is_none(copy: Path, text: str) -> None:
    (copy / "generation-1/manifest.json").write_text(text)
    with pytest.raises(StoreDamaged):
        opened(copy)


@pytest.mark.parametrize("name", ["", "generation-9", "../index", "/", "\x00", "é", "generation-1\ngeneration-1"])
def test_a_pointer_to_nothing(copy: Path, name: str) -> None:
    (copy / "CURRENT").write_text(name, encoding="utf-8")
    with pytest.raises(StoreDamaged):
        opened(copy)


def test_no_index_and_a_file_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="run assistant index"):
        store.current(tmp_path)
    (tmp_path / "file").write_text("text")
    with pytest.raises(StoreError, match="is a file"):
        store.current(tmp_path / "file")


def test_a_read_only_index_is_read_and_never_written(copy: Path, small: tuple[Path, Path]) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file() and "encoder" not in path.parts}
    for path in [copy, *copy.rglob("*")]:
        if not path.is_symlink() and "encoder" not in path.parts:
            path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        asked = run("ask", QUESTION, "--sources", small[0], "--index", copy, permissions=True)
        (small[0] / "b.txt").write_text("Another text.")
        changed = run("index", "--sources", small[0], "--index", copy, permissions=True)
    finally:
        (small[0] / "b.txt").unlink(missing_ok=True)
        for path in [copy, *copy.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755)
    assert asked.returncode == 0, asked.stderr
    assert b"1987" in asked.stdout
    assert "make it writable" in one_line(changed)
    assert before == {path: path.read_bytes() for path in before}


def test_a_read_only_index_without_room_for_a_copy(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_found(*_: object) -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile._get_default_tempdir", none_found)
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(StoreError, match="set TMPDIR to a folder that can be written"):
        opened(copy)
