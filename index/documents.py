"""The documents of a generation: texts as indexed, with their offsets, and the statistics of their words."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import word_scores
from index.dates import DateReading
from index.errors import StoreDamaged
from index.files import write_synced
from index.passages import Passage, Sentence
from index.words import stems


@dataclass(frozen=True, slots=True)
class Document:
    """A source as indexed. `questions_sha256` is of its question file, empty without one."""

    name: str
    sha256: str
    questions_sha256: str
    text: str
    passages: tuple[Passage, ...]
    sentences: tuple[Sentence, ...]
    examples: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A short name for records and files, safe whatever the document's name holds."""
        return hashlib.sha256(f"{self.name}\0{self.sha256}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def write_documents(generation: Path, documents: tuple[Document, ...]) -> None:
    """documents.json and the BM25 statistics."""
    write_synced(generation / "documents.json", json.dumps([_packed(document) for document in documents], ensure_ascii=True))
    word_scores.write(generation / "bm25", [stems(sentence.read) for document in documents for sentence in document.sentences])


def _packed(document: Document) -> dict[str, Any]:
    return {
        "name": document.name,
        "sha256": document.sha256,
        "questions_sha256": document.questions_sha256,
        "text": document.text,
        "passages": [[p.start, p.end] for p in document.passages],
        "sentences": [[s.passage, s.start, s.end, s.leans_on, [[d.start, d.end, d.meaning] for d in s.dates]] for s in document.sentences],
        "examples": list(document.examples),
    }


def _unpacked(row: dict[str, Any]) -> Document:
    text = row["text"]
    return Document(
        name=row["name"],
        sha256=row["sha256"],
        questions_sha256=row["questions_sha256"],
        text=text,
        passages=tuple(Passage(number, start, end) for number, (start, end) in enumerate(row["passages"], start=1)),
        sentences=tuple(
            Sentence(number, passage, start, end, text[start:end], leans_on, tuple(DateReading(*date) for date in dates))
            for number, (passage, start, end, leans_on, dates) in enumerate(row["sentences"])
        ),
        examples=tuple(row["examples"]),
    )


def read_documents(generation: Path) -> tuple[Document, ...]:
    """The documents of a generation. Raises StoreDamaged."""
    try:
        rows = json.loads((generation / "documents.json").read_text(encoding="utf-8"))
        return tuple(_unpacked(row) for row in rows)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreDamaged(f"the documents of the index in {generation.parent} are damaged: run assistant index") from error
