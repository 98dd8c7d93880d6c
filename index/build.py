"""Source folder -> index: what is unchanged is kept, the rest is embedded, and the new generation is swapped in whole."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from index import question_model, store
from index.documents import Document, read_documents, write_documents
from index.encoder import Encoder, model_key
from index.errors import StoreDamaged, StoreError, StoreMissing, StoreStale
from index.files import copy_files
from index.manifest import check_files, check_model, read_manifest, write_manifest
from index.plan import Planned, plan
from index.questions import IndexedQuestion

Progress = Callable[[str, int, int], None]
_BATCH = 256  # texts between two reports of progress


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
        """Whether a new generation was written."""
        return bool(self.added or self.changed or self.removed)


def _silent(_what: str, _done: int, _of: int) -> None:
    return None


def encoder_for(index: Path, model: str) -> Encoder:
    """The encoder of an index, with its export inside the index's folder."""
    return Encoder(model, index / "encoder" / model_key(model).replace("/", "--"))


def is_fresh(index: Path, sources: Path, model: str, max_bytes: int) -> bool:
    """Whether the index holds just what the sources say now, by content hash.

    Raises StoreMissing or StoreDamaged where it cannot be read, StoreStale where another model or version built
    it, SourceError for the sources.
    """
    generation = store.current(index)
    check_model(generation, read_manifest(generation), model)
    held = {(d.name, d.sha256, d.questions_sha256) for d in read_documents(generation)}
    return held == {(p.document.name, p.document.sha256, p.document.questions_sha256) for p in plan(sources, max_bytes, parse=False)}


def build(sources: Path, index: Path, model: str, max_bytes: int, progress: Progress = _silent) -> Summary:
    """Bring the index up to date with the sources; `progress(what, done, of)` is called as it goes.

    The index in use is not touched before its successor is whole, and a second builder waits for the first.
    Raises SourceError, QuestionFileError, EncoderError or StoreError.
    """
    planned = plan(sources, max_bytes, parse=True)
    try:
        if index.exists() and not index.is_dir():
            raise StoreError(f"{index} is a file, and the index is a folder: give another one with --index DIR")
        index.mkdir(parents=True, exist_ok=True)
        with _alone(index, progress):
            return _build(planned, index, model, progress)
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


def _build(planned: list[Planned], index: Path, model: str, progress: Progress) -> Summary:
    encoder = encoder_for(index, model)
    _sweep_partials(index)
    progress("preparing the model", 0, 1)
    encoder.export()
    old = _previous(index, model)
    try:
        return _renew(planned, index, encoder, old, progress)
    except StoreDamaged:
        if old is None:
            raise
        return _renew(planned, index, encoder, None, progress)  # no checksum tells, but Chroma cannot take it over


def _renew(planned: list[Planned], index: Path, encoder: Encoder, old: "_Old | None", progress: Progress) -> Summary:
    held = {d.name: d for d in old.documents} if old else {}
    wanted = {p.document.name: p for p in planned}

    def is_same(p: Planned) -> bool:
        before = held.get(p.document.name)
        return before is not None and (before.sha256, before.questions_sha256) == (p.document.sha256, p.document.questions_sha256)

    work = [p for p in planned if not is_same(p)]
    gone = [d for name, d in held.items() if name not in wanted or not is_same(wanted[name])]
    summary = Summary(
        added=sum(p.document.name not in held for p in work),
        changed=sum(p.document.name in held for p in work),
        removed=sum(name not in wanted for name in held),
        unchanged=len(planned) - len(work),
        passages=sum(len(p.document.passages) for p in planned),
        sentences=sum(len(p.document.sentences) for p in planned),
        questions=sum(len(p.questions) for p in planned),
    )
    if old is None or summary.anything_new:
        _write_generation(index, encoder, old, work, gone, tuple(p.document for p in planned), progress)
    return summary


@dataclass(frozen=True)
class _Old:
    generation: Path
    documents: tuple[Document, ...]


def _previous(index: Path, model: str) -> _Old | None:
    """The generation in use, if what it holds can be taken over."""
    try:
        generation = store.current(index)
        manifest = read_manifest(generation)
        check_model(generation, manifest, model)
        check_files(generation, manifest)
        return _Old(generation, read_documents(generation))
    except (StoreMissing, StoreStale, StoreDamaged):
        return None


def _write_generation(
    index: Path,
    encoder: Encoder,
    old: _Old | None,
    work: list[Planned],
    gone: list[Document],
    documents: tuple[Document, ...],
    progress: Progress,
) -> None:
    numbers = [int(p.name.split("-")[1]) for p in index.glob("generation-*") if p.name.split("-")[1].isdecimal()]
    generation = index / f"generation-{max(numbers, default=0) + 1}"
    partial = index / "partial"
    partial.mkdir()
    try:
        if old is not None:
            for part in ("questions",) if gone else ("chroma", "questions"):
                if (old.generation / part).is_dir():
                    copy_files(old.generation / part, partial / part)
        (partial / "questions").mkdir(exist_ok=True)
        with store.chroma_errors(index):
            if old is not None and gone:
                _keep_vectors(old, partial, gone)
            _write_vectors(partial, encoder, work, progress)
        write_documents(partial, documents)
        store.release_chroma()
        write_manifest(partial, model_key(encoder.model))
        partial.rename(generation)
        store.point_to(index, generation)
    finally:
        store.release_chroma()
        shutil.rmtree(partial, ignore_errors=True)
    _sweep(index, kept={generation, old.generation} if old else {generation})


def _keep_vectors(old: _Old, partial: Path, gone: list[Document]) -> None:
    """Carry what stays into a new collection: Chroma's graph loses its way to neighbours when much is deleted from it."""
    for document in gone:
        (partial / "questions" / f"{document.key}.npz").unlink(missing_ok=True)
    before = store.open_collection(old.generation)
    kept = [(document, store.vectors_of(before, document)) for document in old.documents if document not in gone]
    collection = store.open_collection(partial)
    for document, vectors in kept:
        store.add_vectors(collection, document, vectors)


def _write_vectors(partial: Path, encoder: Encoder, work: list[Planned], progress: Progress) -> None:
    collection = store.open_collection(partial)
    texts = [s.read for p in work for s in p.document.sentences] + [text for p in work for text in _question_texts(p.questions)]
    vectors = iter(_embed(encoder, texts, progress))
    for p in work:
        store.add_vectors(collection, p.document, [next(vectors) for _ in p.document.sentences])
    for number, p in enumerate(work):
        if p.questions:
            progress("learning questions", number, len(work))
            matrix = np.array([next(vectors) for _ in _question_texts(p.questions)], dtype=np.float32)
            joined, asked = matrix[: len(p.questions)], matrix[len(p.questions) :]
            question_model.fit(p.questions, joined, asked, p.document.sentences).save(partial / "questions" / f"{p.document.key}.npz")


def _question_texts(questions: tuple[IndexedQuestion, ...]) -> list[str]:
    """What is embedded of them: every one standing alone, then the follow-ups as they are asked."""
    return [q.standalone for q in questions] + [q.question for q in questions if q.after]


def _embed(encoder: Encoder, texts: list[str], progress: Progress) -> list[list[float]]:
    vectors: list[list[float]] = []
    for start in range(0, len(texts), _BATCH):
        progress("embedding", start, len(texts))
        vectors += encoder.embed_documents(texts[start : start + _BATCH])
    progress("embedding", len(texts), len(texts))
    return vectors


def _sweep_partials(index: Path) -> None:
    """Remove what a builder left that was killed at work."""
    for path in (index / "partial", *index.glob("encoder/*.partial-*")):
        shutil.rmtree(path, ignore_errors=True)


def _sweep(index: Path, kept: set[Path]) -> None:
    """Remove generations but the one in use and the one before it, which a reader may have open."""
    for path in index.glob("generation-*"):
        if path not in kept:
            with suppress(OSError):
                shutil.rmtree(path)
    for path in index.glob("CURRENT.*"):
        if path.name != f"CURRENT.{os.getpid()}":
            with suppress(OSError):
                path.unlink()
