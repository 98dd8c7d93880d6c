"""The documents that the cases are about, read from their files again, so that nothing is checked against a copy of it."""

from dataclasses import dataclass
from pathlib import Path

from index.passages import Passage, Sentence, split
from index.source import read_source, source_files


@dataclass(frozen=True, slots=True)
class Text:
    """A document as its file has it, with its paragraphs and sentences."""

    name: str
    text: str
    sha256: str
    passages: tuple[Passage, ...]
    sentences: tuple[Sentence, ...]

    def passage_at(self, offset: int) -> Passage:
        """The paragraph that `offset` is in, or the last one before it."""
        return next((p for p in reversed(self.passages) if p.start <= offset), self.passages[0])


def read_texts(sources: Path) -> dict[str, Text]:
    """Every document below the folder, by name. Raises SourceError."""
    texts = {}
    for path in source_files(sources):
        source = read_source(path, sources)
        texts[source.name] = Text(source.name, source.text, source.sha256, *split(source))
    return texts
