"""Sentence vectors in Chroma: how they are put there and found, and Chroma's errors as the user's. The server's part is in chroma_server."""

import gc
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.documents import Document
from index.errors import StoreDamaged, StoreError
from index.passages import Sentence

if TYPE_CHECKING:
    import numpy as np
    from langchain_chroma import Chroma as Chroma

    from index.encoder import Encoder

COLLECTION = "sentences"
_BATCH = 2_000  # records a call, or fewer where Chroma takes no more
_FULL = ("disk is full", "os error 27", "os error 28", "code: 778")  # what Chroma says of a full disk, where it does
_LITTLE = 65_536  # bytes
# Written out at every call, so that reading leaves the files as the manifest has them.
_HNSW = {"hnsw:space": "cosine", "hnsw:batch_size": 2, "hnsw:sync_threshold": 2}


def record_id(document: Document, sentence: Sentence) -> str:
    """The Chroma id of a sentence."""
    return f"{document.key}-{sentence.number}"


@contextmanager
def chroma_errors(index: Path) -> Iterator[None]:
    """The errors of Chroma in the index's folder, and of the file system, as StoreError, with the cure."""
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


def open_in_folder(generation: Path, encoder: "Encoder | None" = None) -> "Chroma":
    """The Chroma collection in the folder of a generation, made if it is not there; no telemetry."""
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


def add_vectors(collection: "Chroma", documents: Iterable[Document], vectors: "Iterable[np.ndarray[Any, Any]]") -> None:
    """Put the sentences of the documents into the collection, with their vectors, which come in that order.

    Many documents go in one call, since Chroma writes its files out at each.
    """
    given = iter(vectors)
    for part in _batches(collection, documents):
        collection._collection.upsert(
            ids=[record_id(*pair) for pair in part],
            embeddings=list(islice(given, len(part))),
            documents=[sentence.read for _, sentence in part],
            metadatas=[{"document": document.name.encode("utf-8", "replace").decode(), "sentence": sentence.number} for document, sentence in part],
        )


def remove_vectors(collection: "Chroma", documents: Iterable[Document]) -> None:
    """Take the sentences of the documents out of the collection."""
    for part in _batches(collection, documents):
        collection._collection.delete(ids=[record_id(*pair) for pair in part])


def nearest(collection: "Chroma", vector: "np.ndarray[Any, Any]", k: int) -> list[tuple[str, float]]:
    """The ids and cosines of the `k` records nearest to a unit vector; their texts are at hand and not fetched."""
    found = collection._collection.query(query_embeddings=[vector], n_results=k, include=["distances"])
    distances = found["distances"] or [[]]
    return [(record, 1.0 - distance) for record, distance in zip(found["ids"][0], distances[0], strict=True)]


def vectors_of(collection: "Chroma", documents: Iterable[Document]) -> "Iterator[np.ndarray[Any, Any]]":
    """The vectors of the documents' sentences, in order."""
    for part in _batches(collection, documents):
        ids = [record_id(*pair) for pair in part]
        found = collection._collection.get(ids=ids, include=["embeddings"])
        vectors = dict(zip(found["ids"], found["embeddings"], strict=True))  # type: ignore[arg-type]
        yield from (vectors[record] for record in ids)


def _batches(collection: "Chroma", documents: Iterable[Document]) -> Iterator[list[tuple[Document, Sentence]]]:
    size = min(_BATCH, collection._client.get_max_batch_size())
    pairs = ((document, sentence) for document in documents for sentence in document.sentences)
    while part := list(islice(pairs, size)):
        yield part
