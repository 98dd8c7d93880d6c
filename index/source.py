"""Source files: read whole, decoded as UTF-8 with their line ends kept."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from index.errors import SourceError

SUFFIXES = (".txt", ".md")


@dataclass(frozen=True, slots=True)
class Source:
    """One document.

    `name` is the path below the source folder with forward slashes, the same in every locale. Offsets everywhere count Python
    characters of `text`. `sha256` is of the file's bytes.
    """

    name: str
    text: str
    sha256: str


def source_files(folder: Path) -> list[Path]:
    """The .txt and .md files below `folder`, sorted; hidden ones and each folder's README left out.

    Raises SourceError if the folder is missing, is a file, cannot be read or holds no such file.
    """
    found: list[Path] = []
    try:
        if not folder.exists():
            raise SourceError(f"no source folder at {_shown(folder)}: give one with --sources DIR")
        if not folder.is_dir():
            raise SourceError(f"{_shown(folder)} is not a folder: give the folder that holds it with --sources")
        pending = [folder]
        while pending:
            for path in sorted(pending.pop().iterdir()):
                if path.name.startswith("."):
                    continue
                if path.suffix.lower() in SUFFIXES:
                    if path.stem.lower() != "readme":
                        found.append(path)
                elif path.is_dir() and not path.is_symlink():
                    pending.append(path)
    except OSError as error:
        raise SourceError(f"cannot list {_shown(folder)} ({error.strerror}): make it readable, or give another folder with --sources") from error
    if not found:
        raise SourceError(f"no .txt or .md file in {_shown(folder)}: put one there, or give another folder with --sources")
    return sorted(found)


def read_source(path: Path, folder: Path, max_bytes: int = 20_000_000) -> Source:
    """Read one file. `max_bytes` bounds its size.

    Raises SourceError for a folder, a broken link, an unreadable, empty, over-long or non-UTF-8 file.
    """
    shown = _shown(path)
    try:
        if path.is_symlink() and not path.exists():
            raise SourceError(f"{shown} is a link to nothing: remove it or restore what it points to")
        if not path.is_file():
            raise SourceError(f"{shown} is not a regular file: move it out of the source folder")
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
            size = os.fstat(file.fileno()).st_size
        if len(data) > max_bytes:
            raise SourceError(f"{shown} is {size:,} bytes long, over the limit of {max_bytes:,}: split it, or raise ASSISTANT_MAX_SOURCE_BYTES")
    except OSError as error:
        raise SourceError(f"cannot read {shown} ({error.strerror}): make it readable, or move it out of the source folder") from error
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"{shown} is not UTF-8 (byte {error.start:,}): save it as UTF-8") from error
    if all(c.isspace() or c in "\ufeff\x00" for c in text):
        raise SourceError(f"{shown} is empty: write something into it, or remove it")
    name = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "surrogateescape")
    return Source(name, text, hashlib.sha256(data).hexdigest())


def _shown(path: Path) -> str:
    """A path as it can be shown on one line, whatever bytes its name holds."""
    return repr(str(path)) if any(not c.isprintable() for c in str(path)) else str(path)
