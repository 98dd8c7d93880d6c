"""What a generation of the index holds, by checksum: written last, checked before anything is read.

Every file that reading leaves alone has its sha256. Chroma writes to its SQLite file when it only reads (a counter
of its own), so the rows of that file are summed up instead. Vectors on a server are not summed up: the manifest has
the server and the collection, which is checked by its mark and its count where it is opened.
"""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.embedding_model import model_key
from index.errors import StoreDamaged, StoreStale
from index.files import sha256, write_synced

if TYPE_CHECKING:
    from index.chroma_server import ChromaServer

FORMAT = 1
MANIFEST = "manifest.json"
_DATABASE = "chroma.sqlite3"
_AT_ONCE = 1_000  # rows
_TABLES = ("migrations", "collections", "collection_metadata", "segments", "embeddings", "embedding_metadata", "embeddings_queue", "max_seq_id")


def read_manifest(generation: Path) -> dict[str, Any]:
    """The manifest: `format`, `model`, `files` (name to sha256), `rows`, `removed`, `server` and `collection` (both empty without a server).

    Raises StoreDamaged, or StoreStale for another format.
    """
    try:
        manifest: dict[str, Any] = {"removed": 0, "server": "", "collection": ""} | json.loads((generation / MANIFEST).read_text(encoding="utf-8"))
        version = manifest["format"]
        if version == FORMAT:
            manifest["model"], manifest["files"].items(), manifest["rows"]
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise StoreDamaged(f"the manifest of the index in {generation.parent} is damaged: run assistant index") from error
    if version != FORMAT:
        raise StoreStale(f"the index in {generation.parent} has format {version!r}, and this version reads {FORMAT}: run assistant index")
    return manifest


def write_manifest(generation: Path, model: str, server: "ChromaServer | None" = None, collection: str = "", removed: int = 0) -> None:
    """Sum up what is there; Chroma must have let go of its files. `removed` sentences were deleted from its collection.

    Its vector files are left out while they are not written out: reading changes them until then.
    """
    chroma = generation / "chroma"
    written_out = any(chroma.rglob("index_metadata.pickle"))
    kept = [p for p in sorted(generation.rglob("*")) if p.is_file() and not p.name.startswith(_DATABASE)]
    fixed = [p for p in kept if written_out or chroma not in p.parents]
    files = {path.relative_to(generation).as_posix(): sha256(path) for path in fixed}
    manifest = {"format": FORMAT, "model": model, "files": files, "rows": _rows(generation, look_over=False), "removed": removed}
    if server is not None:
        manifest |= {"server": server.name, "collection": collection}
    write_synced(generation / MANIFEST, json.dumps(manifest, indent=1))


def check_model(generation: Path, manifest: dict[str, Any], model: str) -> None:
    """Raises StoreStale where the index was built with another embedding model."""
    if manifest["model"] != model_key(model):
        raise StoreStale(
            f"the index in {generation.parent} was built with the model {manifest['model']}, not {model_key(model)}: "
            "run assistant index to build it anew, or give another one with --index DIR"
        )


def check_server(generation: Path, manifest: dict[str, Any], server: "ChromaServer | None") -> None:
    """Raises StoreStale where the index keeps its vectors elsewhere than on `server` (None: in its own folder)."""
    wanted = server.name if server else ""
    if manifest["server"] != wanted:
        raise StoreStale(
            f"the index in {generation.parent} keeps its vectors {_place(manifest['server'])}, not {_place(wanted)}: "
            "run assistant index to build it anew, change ASSISTANT_CHROMA_URL, or give another one with --index DIR"
        )


def _place(server: str) -> str:
    return f"on {server}" if server else "in its folder"


def check_files(generation: Path, manifest: dict[str, Any]) -> None:
    """Raises StoreDamaged where a file, or what Chroma's database holds, is not what was written."""
    for name, digest in manifest["files"].items():
        if sha256(generation / name) != digest:
            raise StoreDamaged(f"{generation / name} is not the file that was written: run assistant index to build it anew")
    if _rows(generation, look_over=True) != manifest["rows"]:
        raise StoreDamaged(f"the vectors of the index in {generation.parent} are not those that were written: run assistant index to build them anew")


def _rows(generation: Path, look_over: bool) -> str:
    """The sha256 of every row that answers rest on, empty without a database.

    Raises StoreDamaged where SQLite finds its file broken; with `look_over` it looks over all of it.
    """
    database = (generation / "chroma" / _DATABASE).absolute()
    if not database.parent.is_dir():
        return ""
    total = hashlib.sha256()
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True)) as connection:
            connection.text_factory = bytes
            if look_over and connection.execute("PRAGMA integrity_check(1)").fetchone() != (b"ok",):
                raise StoreDamaged(f"{database} is damaged: run assistant index to build it anew")
            for table in _TABLES:
                rows = connection.execute(f"SELECT * FROM {table} ORDER BY rowid")
                while some := rows.fetchmany(_AT_ONCE):
                    total.update(repr(some).encode())
    except sqlite3.Error as error:
        raise StoreDamaged(f"{database} is damaged ({error}): run assistant index to build it anew") from error
    return total.hexdigest()
