"""The index on disk: one folder a generation, its vectors in it or on Chroma's server.

    <index>/CURRENT                  the name of the generation in use
    <index>/<generation>/chroma/     sentence vectors, cosine space; not there when a server keeps them
                         documents.json   sources as indexed, with the offsets of passages and sentences
                         bm25/            term statistics of the sentences
                         questions/       the question model of each document that has one
                         manifest.json    format, model, and checksums of all of it
    <index>/encoder/<model>/         the embedding model's export

A generation is written beside the one in use, then named in CURRENT by an atomic rename: readers see the old
or the new one, whole.
"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.chroma import chroma_errors, open_in_folder, record_id
from index.chroma_server import ChromaServer, open_shared
from index.documents import Document, read_documents
from index.errors import StoreDamaged, StoreError, StoreMissing
from index.files import Hold, copy_files, write_synced
from index.manifest import MANIFEST, check_files, check_model, check_server, read_manifest
from index.passages import Sentence
from index.question_model import QuestionModel
from index.word_scores import WordScores

if TYPE_CHECKING:
    from index.chroma import Chroma
    from index.encoder import Encoder


@dataclass(frozen=True)
class Store:
    """One generation, open for reading. `sentences` holds (document, sentence) in the order of the BM25 index.

    `held` keeps builders from removing the generation while it is read; `copy` keeps the vectors of a read-only
    index. Both go with the Store.
    """

    folder: Path
    model: str
    documents: tuple[Document, ...]
    sentences: tuple[tuple[Document, Sentence], ...]
    positions: dict[str, int]
    vectors: "Chroma"
    bm25: WordScores
    question_models: dict[str, QuestionModel]
    held: Hold
    copy: "tempfile.TemporaryDirectory[str] | None" = None


def current(index: Path) -> Path:
    """The folder of the generation in use. Raises StoreMissing or StoreDamaged."""
    pointer = index / "CURRENT"
    try:
        if index.exists() and not index.is_dir():
            raise StoreError(f"{index} is a file, and the index is a folder: give another one with --index DIR")
        name = pointer.read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise StoreMissing(f"no index in {index}: run assistant index") from error
    except (OSError, UnicodeDecodeError) as error:
        raise StoreDamaged(f"cannot read {pointer}: remove {index} and run assistant index") from error
    if not name or "/" in name or not (index / name).is_dir():
        raise StoreDamaged(f"the index in {index} names a generation that is not there: run assistant index")
    return index / name


def point_to(index: Path, generation: Path) -> None:
    """Make `generation` the one in use, atomically."""
    partial = index / f"CURRENT.{os.getpid()}"
    write_synced(partial, generation.name)
    partial.replace(index / "CURRENT")


def open_store(index: Path, encoder: "Encoder", server: ChromaServer | None = None) -> Store:
    """Open the generation in use, after its checksums. Raises StoreMissing, StoreStale, StoreDamaged, StoreUnreachable or StoreError."""
    generation = current(index)
    manifest = read_manifest(generation)
    try:
        held = Hold(generation / MANIFEST)
    except OSError as error:
        raise StoreDamaged(f"cannot read the index in {index} ({error.strerror}): run assistant index") from error
    check_model(generation, manifest, encoder.model)
    check_server(generation, manifest, server)
    check_files(generation, manifest)
    documents = read_documents(generation)
    sentences = tuple((document, sentence) for document in documents for sentence in document.sentences)
    copy = None
    if server is not None:
        vectors = open_shared(server, manifest["collection"], len(sentences), encoder)
    else:
        copy = _copy_to_write(generation)
        with chroma_errors(index):
            vectors = open_in_folder(Path(copy.name) if copy else generation, encoder)
    encoder.check()
    return Store(
        folder=generation,
        model=manifest["model"],
        documents=documents,
        sentences=sentences,
        positions={record_id(*pair): position for position, pair in enumerate(sentences)},
        vectors=vectors,
        bm25=WordScores.load(generation / "bm25", len(sentences)),
        question_models={d.key: QuestionModel.load(generation / "questions" / f"{d.key}.npz") for d in documents if d.questions_sha256},
        held=held,
        copy=copy,
    )


def _copy_to_write(generation: Path) -> "tempfile.TemporaryDirectory[str] | None":
    """The vectors in a folder of their own where the index is read-only: Chroma writes when it only reads. Raises StoreError."""
    source = generation / "chroma"
    if all(os.access(path, os.W_OK) for path in (source, source / "chroma.sqlite3")):
        return None
    try:
        copy = tempfile.TemporaryDirectory(prefix="assistant-index-")
        copy_files(source, Path(copy.name, "chroma"))
    except OSError as error:
        reason = f"the index in {generation.parent} is read-only, and its vectors cannot be copied ({error.strerror})"
        raise StoreError(f"{reason}: set TMPDIR to a folder that can be written") from error
    return copy
