"""Files of the index: written through to the disk, copied, and summed up."""

import hashlib
import os
import shutil
from pathlib import Path

from index.errors import StoreDamaged


def write_synced(path: Path, text: str) -> None:
    """Write a text and wait until the disk has it."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def copy_files(source: Path, target: Path) -> None:
    """Copy the files below a folder, their permissions left behind. Raises OSError."""
    target.mkdir()
    for path in source.rglob("*"):
        if path.is_file():
            copied = target / path.relative_to(source)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)


def sha256(path: Path) -> str:
    """The checksum of a file. Raises StoreDamaged where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:  # a name that no file can have
        raise StoreDamaged(f"cannot read {str(path)!r}: run assistant index to build it anew") from error
