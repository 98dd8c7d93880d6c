import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import SourceError
from index.source import read_source, source_files
from tests.process import clean_environment, one_line, run

LIMIT = 1_000


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def refused(path: Path, folder: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read_source(path, folder, LIMIT)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    return message


def test_the_article_is_the_file_as_received(sources: Path) -> None:
    data = (sources / "putin-inf-treaty-statement.txt").read_bytes()
    assert len(data) == 2_673
    assert hashlib.sha256(data).hexdigest() == "4b2b50e274e01640463ecccdc174df32ef43b2d706686932806f453c9577166a"


def test_its_readme_says_so_too(sources: Path) -> None:
    readme = (sources / "README.md").read_text(encoding="utf-8")
    assert "4b2b50e274e01640463ecccdc174df32ef43b2d706686932806f453c9577166a" in readme
    assert "2,673" in readme


def test_line_ends_and_every_character_are_kept(tmp_path: Path) -> None:
    data = "\ufeffOne.\r\n\r\nTwo\r\n\tthree\u2028\x00\U0001f600".encode()
    source = read_source(write(tmp_path, "below/a.txt", data), tmp_path)
    assert source.text.encode() == data
    assert source.name == "below/a.txt"
    assert source.sha256 == hashlib.sha256(data).hexdigest()


def test_text_and_markdown_are_found_sorted_and_readmes_and_hidden_ones_left_out(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "sub/C.TXT", "README.md", "sub/readme.txt", ".hidden.txt", ".git/x.txt", "c.pdf", "b.questions.jsonl"):
        write(tmp_path, name, b"text")
    assert [path.relative_to(tmp_path).as_posix() for path in source_files(tmp_path)] == ["a.md", "b.txt", "sub/C.TXT"]


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    path = write(tmp_path, os.fsdecode(b"caf\xe9.txt"), b"text")
    assert [read_source(found, tmp_path).text for found in source_files(tmp_path)] == ["text"]
    path.write_bytes(b"")
    with pytest.raises(SourceError, match=r"caf.*is empty") as caught:
        read_source(path, tmp_path)
    str(caught.value).encode()


def test_a_name_is_the_same_in_every_locale(tmp_path: Path) -> None:
    write(tmp_path, "é İ.txt", b"text")
    script = (
        f"import sys; from pathlib import Path; from index.source import *; f = Path({str(tmp_path)!r}); print(ascii(read_source(source_files(f)[0], f).name))"
    )
    names = {
        subprocess.check_output([sys.executable, "-c", script], env=clean_environment(**env), text=True)
        for env in ({"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    }
    assert names == {ascii("é İ.txt") + "\n"}


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\x00\x00", "\u00a0\u3000\u2028".encode()])
def test_an_empty_file(tmp_path: Path, data: bytes) -> None:
    assert "empty" in refused(write(tmp_path, "a.txt", data), tmp_path)


def test_a_file_that_is_not_utf8_names_the_byte(tmp_path: Path) -> None:
    assert "byte 4" in refused(write(tmp_path, "a.txt", b"caf\xc3\xe9"[:3] + b"e\xff more"), tmp_path)
    assert "UTF-8" in refused(write(tmp_path, "b.txt", "text".encode("utf-16")), tmp_path)


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    message = refused(path, tmp_path)
    assert "50,000,000" in message
    assert "ASSISTANT_MAX_SOURCE_BYTES" in message


def test_a_folder_a_broken_link_and_a_pipe_with_the_name_of_a_text(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.txt")
    assert [path.name for path in source_files(tmp_path)] == ["folder.txt", "link.txt", "pipe.txt"]
    assert "not a regular file" in refused(tmp_path / "folder.txt", tmp_path)
    assert "link to nothing" in refused(tmp_path / "link.txt", tmp_path)
    assert "not a regular file" in refused(tmp_path / "pipe.txt", tmp_path)


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", b"text")
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    assert [path.name for path in source_files(tmp_path)] == ["a.txt", "self.txt"]
    refused(tmp_path / "self.txt", tmp_path)


@pytest.mark.parametrize("name", ["missing", "a.txt", "empty", "n" * 5_000])
def test_a_folder_that_cannot_be_used(tmp_path: Path, name: str) -> None:
    write(tmp_path, "a.txt", b"text")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=re.escape(name)):
        source_files(tmp_path / name)


@pytest.mark.parametrize("locked", ["a.txt", "a.questions.jsonl", "."])
def test_what_may_not_be_read(tmp_path: Path, locked: str) -> None:
    folder = tmp_path / "docs"
    write(folder, "a.txt", b"A text.")
    write(folder, "a.questions.jsonl", b"{}")
    (folder / locked).chmod(0o400 if locked == "." else 0)  # a folder that can be listed and not entered
    try:
        finished = run("index", "--sources", folder, "--index", tmp_path / "index", permissions=True)
    finally:
        (folder / locked).chmod(0o700)
    assert "Permission denied" in one_line(finished)
    assert not (tmp_path / "index").exists()
