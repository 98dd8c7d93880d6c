"""Source folder -> index: what is unchanged is kept, the rest is embedded, and the new generation is swapped in whole."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from index import store
from index.chroma_server import ChromaServer, open_shared
from index.documents import Document, read_documents
from index.embedding_model import model_key
from index.encoder import Encoder
from index.errors import StoreDamaged, StoreError, StoreMissing, StoreStale
from index.generation import Change, Previous, sweep_partials, write_generation
from index.manifest import check_files, check_model, check_server, read_manifest
from index.plan import Planned, parse, plan

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a build did: counts of documents by what happened to them, and of what the index now holds."""

    added: int
    changed: int
    removed: int
    unchanged: int
    passages: int
    sentences: int
    questions: int

    @property
    def anything_new(self) -> bool:
        """Whether the documents are others than before."""
        return bool(self.added or self.changed or self.removed)


def _silent(_what: str, _done: int, _of: int) -> None:
    return None


def encoder_for(index: Path, model: str) -> Encoder:
    """The encoder of an index, with its export inside the index's folder."""
    return Encoder(model, index / "encoder" / model_key(model).replace("/", "--"))


def is_fresh(index: Path, sources: Path, model: str, max_bytes: int, server: ChromaServer | None = None) -> bool:
    """Whether the index holds just what the sources say now, by content hash.

    Raises StoreMissing or StoreDamaged where it cannot be read, StoreStale where another model or version built
    it or its vectors are elsewhere than on `server` (None: in its folder), SourceError for the sources.
    """
    generation = store.current(index)
    manifest = read_manifest(generation)
    check_model(generation, manifest, model)
    check_server(generation, manifest, server)
    held = {(d.name, d.sha256, d.questions_sha256) for d in read_documents(generation)}
    return held == {(d.name, d.sha256, d.questions_sha256) for d in plan(sources, max_bytes)}


def build(sources: Path, index: Path, model: str, max_bytes: int, progress: Progress = _silent, server: ChromaServer | None = None) -> Summary:
    """Bring the index up to date with the sources; `progress(what, done, of)` is called as it goes.

    The index in use is not touched before its successor is whole, and a second builder waits for the first.
    Vectors go to Chroma on `server`, or into the index. Raises SourceError, QuestionFileError, EncoderError or StoreError.
    """
    planned = plan(sources, max_bytes)
    try:
        if index.exists() and not index.is_dir():
            raise StoreError(f"{index} is a file, and the index is a folder: give another one with --index DIR")
        index.mkdir(parents=True, exist_ok=True)
        with _alone(index, progress):
            return _build(planned, sources, index, model, progress, server)
    except OSError as error:
        cure = "free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "make it writable, or give another one with --index DIR"
        raise StoreError(f"cannot write the index in {index} ({error.strerror}): {cure}") from error


@contextmanager
def _alone(index: Path, progress: Progress) -> Iterator[None]:
    lock = FileLock(index / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress("waiting for another process that indexes", 0, 1)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _build(planned: list[Document], sources: Path, index: Path, model: str, progress: Progress, server: ChromaServer | None) -> Summary:
    encoder = encoder_for(index, model)
    sweep_partials(index)
    old = _previous(index, model, server)
    held = {d.name: d for d in old.documents} if old else {}
    read = [Planned(held[d.name], ()) if not d.questions_sha256 and _is_same(d, held) else parse(d, sources) for d in planned]
    progress("preparing the model", 0, 1)
    encoder.export()
    try:
        return _renew(read, index, encoder, old, progress, server)
    except StoreDamaged:
        if old is None:
            raise
        return _renew(read, index, encoder, None, progress, server)  # no checksum tells, but Chroma cannot take it over


def _is_same(document: Document, held: dict[str, Document]) -> bool:
    before = held.get(document.name)
    return before is not None and (before.sha256, before.questions_sha256) == (document.sha256, document.questions_sha256)


def _renew(planned: list[Planned], index: Path, encoder: Encoder, old: Previous | None, progress: Progress, server: ChromaServer | None) -> Summary:
    held = {d.name: d for d in old.documents} if old else {}
    wanted = {p.document.name: p for p in planned}
    work = [p for p in planned if not _is_same(p.document, held)]
    gone = [d for name, d in held.items() if name not in wanted or not _is_same(wanted[name].document, held)]
    summary = Summary(
        added=sum(p.document.name not in held for p in work),
        changed=sum(p.document.name in held for p in work),
        removed=sum(name not in wanted for name in held),
        unchanged=len(planned) - len(work),
        passages=sum(len(p.document.passages) for p in planned),
        sentences=sum(len(p.document.sentences) for p in planned),
        questions=sum(len(p.questions) for p in planned),
    )
    if old is None or not old.has_vectors or summary.anything_new:
        write_generation(index, encoder, Change(old, work, gone, tuple(p.document for p in planned)), progress, server)
    return summary


def _previous(index: Path, model: str, server: ChromaServer | None) -> Previous | None:
    """The generation in use, if what it holds can be taken over, with its vectors where these can be. Raises StoreError for the server."""
    try:
        generation = store.current(index)
        manifest = read_manifest(generation)
        check_model(generation, manifest, model)
        check_files(generation, manifest)
        documents = read_documents(generation)
    except (StoreMissing, StoreStale, StoreDamaged):
        return None
    try:
        check_server(generation, manifest, server)
        shared = open_shared(server, manifest["collection"], sum(len(d.sentences) for d in documents)) if server else None
    except (StoreStale, StoreDamaged):
        return Previous(generation, documents, has_vectors=False)
    return Previous(generation, documents, has_vectors=True, shared=shared, removed=manifest["removed"])
