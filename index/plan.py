"""Source folder -> what the index should hold."""

import errno
import hashlib
from dataclasses import dataclass
from pathlib import Path

from index.documents import Document
from index.errors import QuestionFileError
from index.passages import split
from index.questions import IndexedQuestion, question_file, read_questions
from index.source import Source, read_source, source_files


@dataclass(frozen=True)
class Planned:
    """A source that is to be indexed, and the questions beside it."""

    document: Document
    questions: tuple[IndexedQuestion, ...]


def plan(sources: Path, max_bytes: int) -> list[Document]:
    """Every source below the folder, with what tells whether it has changed: texts and checksums, not split yet.

    Raises SourceError or QuestionFileError.
    """
    planned = []
    owners: dict[Path, Path] = {}
    for path in source_files(sources):
        source = read_source(path, sources, max_bytes)
        beside = question_file(path)
        digest = _question_digest(beside)
        if digest and owners.setdefault(beside, path) != path:
            raise QuestionFileError(f"{beside} stands beside both {owners[beside].name} and {path.name}: rename one of these two")
        planned.append(Document(source.name, source.sha256, digest, source.text, (), ()))
    return planned


def parse(planned: Document, sources: Path) -> Planned:
    """Split one, and read its questions. Raises QuestionFileError."""
    source = Source(planned.name, planned.text, planned.sha256)
    beside = question_file(sources / planned.name)
    passages, sentences = split(source)
    digest = _question_digest(beside)
    questions = read_questions(beside, source, sentences) if digest else ()
    examples = tuple(q.question for q in questions if q.example)
    return Planned(Document(source.name, source.sha256, digest, source.text, passages, sentences, examples), questions)


def _question_digest(path: Path) -> str:
    """Empty where there is no such file, or can be none since its name would be too long."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG):
            return ""
        raise QuestionFileError(f"cannot read {path} ({error.strerror}): put it right, or remove it") from error
