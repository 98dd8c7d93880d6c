import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process import clean_environment

TEXT = "Ann Brown opened a tea shop in Rome in 1987.\n\nThe shop was sold to Carl Green in 2004.\n"
QUESTION = "Who opened a tea shop in Rome?"
CUT_OFF = """
import socket

tried = []

def refused(*args, **kwargs):
    tried.append(repr(args))
    raise OSError("no network in this test")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refused
"""
COMMANDS = """
import sys
from assistant.cli import main

sources, index, batch = sys.argv[1:]
where = ["--sources", sources, "--index", index]
for command in (["index"], ["ask", "--json", QUESTION], ["ask", "--batch", batch]):
    assert not main([*command, *where], standalone_mode=False), command
"""


def works(new_index: Path, tmp_path: Path, script: str, *launcher: str) -> None:
    """Indexes a new folder of documents, then asks it one question and a batch of one, all in one process."""
    docs, batch = tmp_path / "docs", tmp_path / "batch.jsonl"
    docs.mkdir()
    (docs / "shop.txt").write_text(TEXT)
    batch.write_text(json.dumps({"question": QUESTION, "id": 5}))
    command = [*launcher, sys.executable, "-c", f"QUESTION = {QUESTION!r}\n{script}", str(docs), str(new_index), str(batch)]
    finished = subprocess.run(command, capture_output=True, text=True, env=clean_environment(), cwd=tmp_path, timeout=120, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    added, holds, *replies = finished.stdout.splitlines()
    assert added.startswith("1 added")
    assert "2 passages, 2 sentences" in holds
    asked, from_batch = (json.loads(reply) for reply in replies)
    assert [citation["quote"] for citation in asked["citations"]] == [TEXT.splitlines()[0]]
    assert (from_batch["answer"], from_batch["id"]) == (asked["answer"], 5)


def test_no_connection_is_tried(new_index: Path, tmp_path: Path) -> None:
    works(new_index, tmp_path, CUT_OFF + COMMANDS + "assert tried == [], tried\n")


def test_a_machine_without_a_network(new_index: Path, tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare here to take the network away")
    launcher = ("unshare", "--map-root-user", "--net")
    tried = subprocess.run([*launcher, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"taking the network away is not permitted here: {tried.stderr.strip()}")
    works(new_index, tmp_path, COMMANDS, *launcher)
