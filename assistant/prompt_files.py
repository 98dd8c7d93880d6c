"""What a model has read, kept in files, so that the next process need not read it again."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class PromptFiles:
    """One file in `folder`, under a name that tells what was read and the checksum of what is kept of it.

    `slot(action, filename)` has the model "save" what it holds into a file of the folder, or "restore" it, and says
    whether it did. `about` is whatever a kept file depends on besides the prompt. Where files cannot be written, nothing is kept.
    """

    def __init__(self, folder: Path, about: str, slot: Callable[[str, str], bool]) -> None:
        self._folder = folder
        self._about = about
        self._slot = slot
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)

    def read_once(self, prompt: str, read: Callable[[], object]) -> None:
        """Have the model hold `prompt`: from the file of an earlier process, or by `read`. Raises what `read` raises."""
        key = hashlib.sha256(f"{self._about}\n{prompt}".encode()).hexdigest()[:32]
        with suppress(OSError):
            if any(self._restored(file, key) for file in self._folder.glob(f"{key}-*")):
                return
        read()
        with suppress(OSError):
            self._keep(key)

    def _restored(self, file: Path, key: str) -> bool:
        return file.name == f"{key}-{_checksum(file)}" and self._slot("restore", file.name)

    def _keep(self, key: str) -> None:
        """What was kept before goes."""
        partial = self._folder / f"partial-{os.getpid()}"
        if not self._slot("save", partial.name):
            return
        for old in self._folder.iterdir():
            if old != partial:
                old.unlink()
        partial.replace(self._folder / f"{key}-{_checksum(partial)}")


def _checksum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()[:32]
