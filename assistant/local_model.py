"""A GGUF model run in this process by xllamacpp (llama.cpp), serving on loopback in OpenAI's form."""

import os
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assistant.prompt_files import PromptFiles
from index.errors import ModelError

_CONTEXT = 8_192  # tokens of prompt and answer together


class LocalModel:
    """A loaded model. Its prompt cache keeps the last prompt, so that one that begins alike is fast.

    What it has read once for all goes through `prompts`, which keep it for the next process.
    """

    def __init__(self, path: Path, prompts_folder: Path) -> None:
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
        about = f"{path.name} {path.stat().st_size} {_CONTEXT} {version('xllamacpp')}"
        self.prompts = PromptFiles(prompts_folder, about, self._slot)
        if prompts_folder.is_dir():
            params.slot_save_path = f"{prompts_folder}/"
        try:
            self._server: Any = xllamacpp.Server(params)
        except RuntimeError as error:
            raise ModelError(f"cannot load {path} as a language model ({' '.join(str(error).split())}): give a .gguf file that llama.cpp runs") from error

    @property
    def base_url(self) -> str:
        """Where it serves, in OpenAI's form."""
        return f"{self._server.listening_address}/v1"

    def _slot(self, action: str, filename: str) -> bool:
        import httpx

        url = f"{self._server.listening_address}/slots/0"
        with suppress(httpx.HTTPError):
            return httpx.post(url, params={"action": action}, json={"filename": filename}, timeout=60, trust_env=False).is_success
        return False
