"""The index on disk: one folder a generation, vectors in Chroma; the only file that imports Chroma.

    <index>/CURRENT                  the name of the generation in use
    <index>/<generation>/chroma/     sentence vectors, cosine space
                         documents.json   sources as indexed, with the offsets of passages and sentences
                         bm25/            term statistics of the sentences
                         questions/       the question model of each document that has one
                         manifest.json    format, model, and checksums of all of it
    <index>/encoder/<model>/         the embedding model's export

A generation is written beside the one in use, then named in CURRENT by an atomic rename: readers see the old
or the new one, whole.
"""

import gc
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.documents import Document, read_documents
from index.errors import StoreDamaged, StoreError, StoreMissing
from index.files import copy_files, write_synced
from index.manifest import check_files, check_model, read_manifest
from index.passages import Sentence
from index.question_model import QuestionModel

if TYPE_CHECKING:
    import bm25s
    import numpy as np
    from langchain_chroma import Chroma

    from index.encoder import Encoder

COLLECTION = "sentences"
_BATCH = 2_000  # records a call
_FULL = ("disk is full", "os error 27", "os error 28", "code: 778")  # what Chroma says of a full disk, where it does
_LITTLE = 65_536  # bytes
# Written out at every call, so that reading leaves the files as the manifest has them.
_HNSW = {"hnsw:space": "cosine", "hnsw:batch_size": 2, "hnsw:sync_threshold": 2}


@dataclass(frozen=True)
class Store:
    """One generation, open for reading. `sentences` holds (document, sentence) in the order of the BM25 index.

    `copy` keeps the vectors of a read-only index, and goes with the Store.
    """

    folder: Path
    model: str
    documents: tuple[Document, ...]
    sentences: tuple[tuple[Document, Sentence], ...]
    positions: dict[str, int]
    vectors: "Chroma"
    bm25: "bm25s.BM25 | None"
    question_models: dict[str, QuestionModel]
    copy: "tempfile.TemporaryDirectory[str] | None" = None


def record_id(document: Document, sentence: Sentence) -> str:
    """The Chroma id of a sentence."""
    return f"{document.key}-{sentence.number}"


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


@contextmanager
def chroma_errors(index: Path) -> Iterator[None]:
    """Chroma's and the file system's own errors as StoreError, with the cure."""
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, sqlite3.Error) as error:
        reason = " ".join(str(error).split())
        if any(said in reason for said in _FULL) or shutil.disk_usage(index).free < _LITTLE:
            raise StoreError(f"no space left on the disk of {index}: free some and run assistant index; the old index is kept") from error
        if "readonly" in reason or "read-only" in reason or "unable to open database" in reason:
            raise StoreError(f"cannot write to the index in {index} ({reason}): make it writable, or give another one with --index DIR") from error
        raise StoreDamaged(f"the vectors of the index in {index} are damaged ({reason}): run assistant index to build them anew") from error


def open_collection(generation: Path, encoder: "Encoder | None" = None) -> "Chroma":
    """The Chroma collection of a generation, made if it is not there; no telemetry."""
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings
    from langchain_chroma import Chroma

    SharedSystemClient.clear_system_cache()  # which knows folders by name; they are renamed and removed
    client = chromadb.PersistentClient(str(generation / "chroma"), settings=Settings(anonymized_telemetry=False))
    return Chroma(COLLECTION, encoder, client=client, collection_metadata=_HNSW)


def release_chroma() -> None:
    """Let Chroma close what nobody uses any more."""
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient.clear_system_cache()
    gc.collect()


def add_vectors(collection: "Chroma", document: Document, vectors: list[list[float]]) -> None:
    """Put a document's sentences and their vectors into the collection."""
    for start in range(0, len(document.sentences), _BATCH):
        part = document.sentences[start : start + _BATCH]
        collection._collection.upsert(
            ids=[record_id(document, sentence) for sentence in part],
            embeddings=vectors[start : start + _BATCH],  # type: ignore[arg-type]
            documents=[sentence.read for sentence in part],
            metadatas=[{"document": document.name.encode("utf-8", "replace").decode(), "sentence": sentence.number} for sentence in part],
        )


def nearest(collection: "Chroma", vector: "np.ndarray[Any, Any]", k: int) -> list[tuple[str, float]]:
    """The ids and cosines of the `k` records nearest to a unit vector; their texts are at hand and not fetched."""
    found = collection._collection.query(query_embeddings=[vector], n_results=k, include=["distances"])
    distances = found["distances"] or [[]]
    return [(record, 1.0 - distance) for record, distance in zip(found["ids"][0], distances[0], strict=True)]


def vectors_of(collection: "Chroma", document: Document) -> list[list[float]]:
    """The vectors of a document's sentences, in order."""
    ids = [record_id(document, sentence) for sentence in document.sentences]
    found: dict[str, list[float]] = {}
    for start in range(0, len(ids), _BATCH):
        part = collection._collection.get(ids=ids[start : start + _BATCH], include=["embeddings"])
        found |= {record: vector.tolist() for record, vector in zip(part["ids"], part["embeddings"], strict=True)}  # type: ignore[arg-type]
    return [found[record] for record in ids]


def open_store(index: Path, encoder: "Encoder") -> Store:
    """Open the generation in use, after its checksums. Raises StoreMissing, StoreStale, StoreDamaged or StoreError."""
    generation = current(index)
    manifest = read_manifest(generation)
    check_model(generation, manifest, encoder.model)
    check_files(generation, manifest)
    encoder.check()
    documents = read_documents(generation)
    sentences = tuple((document, sentence) for document in documents for sentence in document.sentences)
    import bm25s

    copy = _copy_to_write(generation)
    with chroma_errors(index):
        collection = open_collection(Path(copy.name) if copy else generation, encoder)
    has_terms = (generation / "bm25").is_dir()
    return Store(
        folder=generation,
        model=manifest["model"],
        documents=documents,
        sentences=sentences,
        positions={record_id(*pair): position for position, pair in enumerate(sentences)},
        vectors=collection,
        bm25=bm25s.BM25.load(str(generation / "bm25"), mmap=True) if has_terms else None,
        question_models={d.key: QuestionModel.load(generation / "questions" / f"{d.key}.npz") for d in documents if d.questions_sha256},
        copy=copy,
    )


def _copy_to_write(generation: Path) -> "tempfile.TemporaryDirectory[str] | None":
    """The vectors in a folder of their own where the index is read-only: Chroma writes when it only reads."""
    source = generation / "chroma"
    if all(os.access(path, os.W_OK) for path in (source, source / "chroma.sqlite3")):
        return None
    copy = tempfile.TemporaryDirectory(prefix="assistant-index-")
    copy_files(source, Path(copy.name, "chroma"))
    return copy
