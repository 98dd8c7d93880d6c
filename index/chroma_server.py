"""Vectors on Chroma's own server, shared by every machine that answers from the same texts.

A collection is named by what it holds. So builders need not know of each other: those of the same texts find the same
collection, the first fills it, and if two do so at once they write the same records. The mark that it is complete comes last.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.embedding_model import model_key
from index.errors import StoreDamaged, StoreError

if TYPE_CHECKING:
    from langchain_chroma import Chroma

    from index.documents import Document
    from index.encoder import Encoder

_COMPLETE = {"complete": True}
_COSINE = {"hnsw": {"space": "cosine"}}


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """Where Chroma's server is, http(s)://host[:port][/path], and how to be let in."""

    url: str
    token: str = field(default="", repr=False)
    tenant: str = "default_tenant"
    database: str = "default_database"

    @property
    def name(self) -> str:
        """The place of its collections, for people and for the manifest."""
        return f"{self.url} ({self.tenant}/{self.database})"


def collection_name(model: str, documents: "Iterable[Document]") -> str:
    """A name that two collections share when they hold the same records, whoever wrote them and in whatever order."""
    records = sorted(f"{document.key}-{s.number}-{s.read}" for document in documents for s in document.sentences)
    total = hashlib.sha256(model_key(model).encode())
    for record in records:
        total.update(hashlib.sha256(record.encode("utf-8", "surrogatepass")).digest())
    return f"sentences-{total.hexdigest()[:32]}"


def make_shared(server: ChromaServer, name: str) -> "Chroma":
    """The collection, made if it is not there. Raises StoreError."""
    from langchain_chroma import Chroma

    from index.chroma_http import PatientClient

    return Chroma(name, client=PatientClient(server), collection_configuration=_COSINE)  # type: ignore[arg-type]


def open_shared(server: ChromaServer, name: str, count: int, encoder: "Encoder | None" = None) -> "Chroma":
    """The collection of `count` records. Raises StoreDamaged where it is not there or not whole, StoreError for the server."""
    from langchain_chroma import Chroma

    from index.chroma_http import PatientClient

    vectors = Chroma(name, encoder, client=PatientClient(server), create_collection_if_not_exists=False)
    if not is_complete(vectors, count):
        raise StoreDamaged(f"the vectors in the collection {name} on {server.url} are not whole: run assistant index to write them anew")
    return vectors


def is_complete(vectors: "Chroma", count: int) -> bool:
    """Whether a shared collection has the mark and `count` records."""
    return vectors._collection.metadata == _COMPLETE and vectors._collection.count() == count


def complete(vectors: "Chroma", count: int) -> None:
    """Put the mark on a shared collection. Raises StoreError where others than its builders have put records into it."""
    held = vectors._collection.count()
    if held != count:
        name = vectors._collection.name
        raise StoreError(f"the collection {name} on Chroma's server holds {held:,} records instead of {count:,}: delete it there and run assistant index")
    vectors._collection.modify(metadata=_COMPLETE)


def remove_shared(server: ChromaServer, name: str) -> None:
    """Remove a collection, if it is there. Raises StoreError."""
    from contextlib import suppress

    from index.chroma_http import PatientClient

    with suppress(StoreDamaged):
        PatientClient(server).delete_collection(name)
