"""A GGUF model run in this process by xllamacpp (llama.cpp), serving on loopback in OpenAI's form."""

import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from index.errors import ModelError

_CONTEXT = 8_192  # tokens of prompt and answer together


class LocalModel:
    """A loaded model. Its prompt cache keeps the last prompt, so that one that begins alike is fast.

    What it has read is also kept in files of the folder `prompts`, so that the next process need not read it again.
    """

    def __init__(self, path: Path, prompts: Path) -> None:
        """Load the file. Raises ModelError where it, or xllamacpp, cannot be had."""
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that spin at barriers make it 15 times slower on a busy machine
        try:
            import xllamacpp
        except ImportError as error:
            raise ModelError(f'a model in this process needs xllamacpp: run {sys.executable} -m pip install -e ".[local]"') from error
        if not path.is_file():
            raise ModelError(f"no model file at {path}: run assistant model pull, or give the path of a .gguf file with --model")
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.n_ctx = _CONTEXT
        params.n_parallel = 1
        params.cache_prompt = True
        params.offline = True
        params.ui = False
        params.verbosity = -1
        self._prompts = prompts
        with suppress(OSError):
            prompts.mkdir(parents=True, exist_ok=True)
            params.slot_save_path = f"{prompts}/"
        self._about = f"{path.name} {path.stat().st_size} {_CONTEXT} {version('xllamacpp')}"
        try:
            self._server: Any = xllamacpp.Server(params)
        except RuntimeError as error:
            raise ModelError(f"cannot load {path} as a language model ({' '.join(str(error).split())}): give a .gguf file that llama.cpp runs") from error

    @property
    def base_url(self) -> str:
        """Where it serves, in OpenAI's form."""
        return f"{self._server.listening_address}/v1"

    def read_once(self, prompt: str, read: Callable[[], object]) -> None:
        """Have `prompt`, with which later ones begin, in the prompt cache: from a file of an earlier process, or by `read`."""
        key = hashlib.sha256(f"{self._about}\n{prompt}".encode()).hexdigest()[:32]
        if self._restored(key):
            return
        read()
        with suppress(OSError):
            self._keep(key)

    def _restored(self, key: str) -> bool:
        for file in self._prompts.glob(f"{key}-*.bin"):
            with suppress(OSError):
                if file.name == f"{key}-{_checksum(file)}.bin" and self._slot("restore", file.name):
                    return True
        return False

    def _keep(self, key: str) -> None:
        """Under a name with its checksum; what was kept before goes."""
        partial = self._prompts / f"partial-{os.getpid()}"
        if self._slot("save", partial.name):
            for old in self._prompts.glob("*.bin"):
                old.unlink()
            partial.replace(self._prompts / f"{key}-{_checksum(partial)}.bin")

    def _slot(self, action: str, filename: str) -> bool:
        import httpx

        with suppress(httpx.HTTPError):
            url = f"{self._server.listening_address}/slots/0"
            return httpx.post(url, params={"action": action}, json={"filename": filename}, timeout=60, trust_env=False).is_success
        return False


def _checksum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()[:32]
