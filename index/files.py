"""Files of the index: written through to the disk, copied, held while they are in use, and summed up."""

import hashlib
import os
import shutil
import sys
import weakref
from contextlib import suppress
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


class Hold:
    """A file that is_held as long as this object, or its process, lives. Raises OSError."""

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, descriptor)
        if sys.platform != "win32":
            import fcntl

            with suppress(OSError):  # a file system without locks
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


def is_held(path: Path) -> bool:
    """Whether anybody holds a file; never on a system or a file system without locks. Raises OSError where it is not there."""
    if sys.platform == "win32":
        return False
    import fcntl

    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
    return False


def sha256(path: Path) -> str:
    """The checksum of a file. Raises StoreDamaged where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:  # a name that no file can have
        raise StoreDamaged(f"cannot read {str(path)!r}: run assistant index to build it anew") from error
