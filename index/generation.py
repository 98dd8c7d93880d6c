"""A generation of the index, written beside the one in use and swapped in whole; and what older ones left, swept."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index import chroma, question_model, store
from index.chroma_server import ChromaServer, collection_name, complete, is_complete, make_shared, remove_shared
from index.documents import Document, write_documents
from index.embedding_model import model_key
from index.encoder import Encoder
from index.errors import StoreDamaged, StoreError, StoreStale
from index.files import copy_files, is_held
from index.manifest import MANIFEST, read_manifest, write_manifest
from index.plan import Planned
from index.questions import IndexedQuestion

if TYPE_CHECKING:
    from index.build import Progress
    from index.chroma import Chroma

_BATCH = 256  # texts between two reports of progress
_MOST_REMOVED = 0.1  # share of the sentences that may be deleted from a collection before it is written anew


@dataclass(frozen=True)
class Previous:
    """The generation before, to take over from; `shared` is its collection where that is on the server of the new one.

    Its vectors cannot be had where the collection is gone, or where they are kept elsewhere. `removed` sentences were
    deleted from the collection in its folder since that was written.
    """

    folder: Path
    documents: tuple[Document, ...]
    has_vectors: bool
    shared: "Chroma | None" = None
    removed: int = 0

    def removed_with(self, gone: list[Document]) -> int:
        """`removed` once the documents `gone` are deleted too; 0 where that is too much, and the rest is written anew."""
        removed = self.removed + sum(len(document.sentences) for document in gone)
        return removed if removed <= _MOST_REMOVED * sum(len(document.sentences) for document in self.documents) else 0


@dataclass(frozen=True)
class Change:
    """What is to come after `old`: all `documents`, of which `work` are new or changed; `gone` are those of `old` that are not taken over."""

    old: Previous | None
    work: list[Planned]
    gone: list[Document]
    documents: tuple[Document, ...]


def write_generation(index: Path, encoder: Encoder, change: Change, progress: "Progress", server: ChromaServer | None) -> None:
    """Write a generation of the documents and make it the one in use. Raises StoreError."""
    old, gone = change.old, change.gone
    numbers = [int(p.name.split("-")[1]) for p in index.glob("generation-*") if p.name.split("-")[1].isdecimal()]
    generation = index / f"generation-{max(numbers, default=0) + 1}"
    partial = index / "partial"
    partial.mkdir()
    try:
        if old is not None and (old.folder / "questions").is_dir():
            copy_files(old.folder / "questions", partial / "questions")
        (partial / "questions").mkdir(exist_ok=True)
        for document in gone:
            (partial / "questions" / f"{document.key}.npz").unlink(missing_ok=True)
        name = collection_name(encoder.model, change.documents) if server else ""
        with chroma.chroma_errors(index):
            _write_vectors(partial, encoder, change, progress, make_shared(server, name) if server else None)
        write_documents(partial, change.documents)
        chroma.release_chroma()
        removed = old.removed_with(gone) if old is not None and old.has_vectors and server is None else 0
        write_manifest(partial, model_key(encoder.model), server, name, removed)
        partial.rename(generation)
        store.point_to(index, generation)
    finally:
        if partial.exists():  # it is not finished
            chroma.release_chroma()
            shutil.rmtree(partial, ignore_errors=True)
    _sweep(index, {generation, old.folder} if old else {generation}, server)


def _write_vectors(partial: Path, encoder: Encoder, change: Change, progress: "Progress", shared: "Chroma | None") -> None:
    """The vectors of all sentences, and the question models of what is new or changed."""
    old, work = change.old, change.work
    count = sum(len(document.sentences) for document in change.documents)
    if shared is not None and is_complete(shared, count):
        absent: tuple[Document, ...] = ()
        vectors = shared
    elif old is None or not old.has_vectors:
        absent = change.documents
        vectors = shared or chroma.open_in_folder(partial)
    else:
        absent = tuple(p.document for p in work)
        vectors = _kept_vectors(old, partial, change.gone, shared)
    texts = [s.read for document in absent for s in document.sentences] + [text for p in work for text in _question_texts(p.questions)]
    embedded = iter(_embed(encoder, texts, progress))
    chroma.add_vectors(vectors, absent, embedded)
    if shared is not None:
        complete(shared, count)
    for number, p in enumerate(work):
        if p.questions:
            progress("learning questions", number, len(work))
            matrix = np.array([next(embedded) for _ in _question_texts(p.questions)])
            joined, asked = matrix[: len(p.questions)], matrix[len(p.questions) :]
            question_model.fit(p.questions, joined, asked, p.document.sentences).save(partial / "questions" / f"{p.document.key}.npz")


def _kept_vectors(old: Previous, partial: Path, gone: list[Document], shared: "Chroma | None") -> "Chroma":
    """The new collection, with what stays of the old one.

    Where much goes, the rest is carried into a new collection: Chroma's graph loses its way to neighbours when much is deleted from it.
    """
    if shared is None and (not gone or old.removed_with(gone)):
        copy_files(old.folder / "chroma", partial / "chroma")
        vectors = chroma.open_in_folder(partial)
        chroma.remove_vectors(vectors, gone)
        return vectors
    before = old.shared or chroma.open_in_folder(old.folder)
    kept = [document for document in old.documents if document not in gone]
    carried = list(chroma.vectors_of(before, kept))
    vectors = shared or chroma.open_in_folder(partial)
    chroma.add_vectors(vectors, kept, carried)
    return vectors


def _question_texts(questions: tuple[IndexedQuestion, ...]) -> list[str]:
    """What is embedded of them: every one standing alone, then the follow-ups as they are asked."""
    return [q.standalone for q in questions] + [q.question for q in questions if q.after]


def _embed(encoder: Encoder, texts: list[str], progress: "Progress") -> "Iterator[np.ndarray[Any, Any]]":
    progress("embedding", 0, len(texts))
    for start in range(0, len(texts), _BATCH):
        vectors = encoder.encode(texts[start : start + _BATCH])
        progress("embedding", min(start + _BATCH, len(texts)), len(texts))
        yield from vectors


def sweep_partials(index: Path) -> None:
    """Remove what a builder left that was killed at work."""
    for path in (index / "partial", *index.glob("encoder/*.partial-*")):
        shutil.rmtree(path, ignore_errors=True)


def _sweep(index: Path, kept: set[Path], server: ChromaServer | None) -> None:
    """Remove generations but the one in use, the one before it, which a reader may be about to open, and those that are read.

    Each goes with its collection on `server`.
    """
    kept = kept | {path for path in index.glob("generation-*") if _is_read(path)}
    in_use = {_manifest(path).get("collection") for path in kept}
    for path in index.glob("generation-*"):
        if path not in kept:
            written = _manifest(path)
            with suppress(OSError, StoreError):
                if server is not None and written.get("server") == server.name and written["collection"] not in in_use:
                    remove_shared(server, written["collection"])
                shutil.rmtree(path)
    for path in index.glob("CURRENT.*"):
        if path.name != f"CURRENT.{os.getpid()}":
            with suppress(OSError):
                path.unlink()


def _is_read(generation: Path) -> bool:
    try:
        return is_held(generation / MANIFEST)
    except OSError:  # half a generation has no manifest, and no reader
        return False


def _manifest(generation: Path) -> dict[str, Any]:
    """The manifest, empty where none can be read."""
    try:
        return read_manifest(generation)
    except (StoreDamaged, StoreStale):
        return {}
