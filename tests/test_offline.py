import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process import clean_environment, run

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


# The command line as `python -m assistant` runs it, sockets forbidden: none can be made but a local one (asyncio
# wakes its loop with such a pair), and using one, or looking up a name, ends the process. urllib3 tries on import
# whether one of IPv6 can be made, and takes no for an answer.
FORBIDDEN = """
import os, socket, sys

def forbid(event, args):
    if event == "socket.__new__" and args[1] != socket.AF_UNIX:
        probe = sys._getframe(2).f_code.co_name == "_has_ipv6"
        if not probe:
            os.write(2, f"{event} {args}".encode())
            os._exit(86)
        raise OSError("no sockets in this test")
    if event.startswith("socket.") and event.split(".")[1] in ("connect", "bind", "sendto", "sendmsg", "getaddrinfo", "gethostbyname"):
        os.write(2, f"{event} {args}".encode())
        os._exit(86)

sys.addaudithook(forbid)
"""


def without_sockets(*args: object, given: str = "") -> str:
    """What a command prints, run to its end."""
    script = f"{FORBIDDEN}\nfrom assistant.cli import main\nmain(sys.argv[1:])"
    command = [sys.executable, "-c", script, *map(str, args)]
    finished = subprocess.run(command, input=given, capture_output=True, text=True, env=clean_environment(), timeout=120, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout


@pytest.mark.parametrize("use", ["socket.create_connection(('127.0.0.1', 9))", "socket.getaddrinfo('localhost', 80)", "socket.socket()"])
def test_the_guard_sees_a_socket(use: str) -> None:
    assert subprocess.run([sys.executable, "-c", FORBIDDEN + use], capture_output=True, check=False).returncode == 86


def test_index_ask_and_chat_open_no_socket(new_index: Path, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "shop.txt").write_text(TEXT)
    where = ("--sources", docs, "--index", new_index)
    assert "1 added" in without_sockets("index", *where)
    assert "Ann Brown" in without_sockets("ask", QUESTION, *where)
    assert "Ann Brown" in without_sockets("chat", *where, given=f"{QUESTION}\n/sources\n/quit\n")


def test_the_first_index_with_its_export_opens_no_socket(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "shop.txt").write_text(TEXT)
    assert "1 added" in without_sockets("index", "--sources", docs, "--index", tmp_path / "index")


def test_nothing_reports_home(new_index: Path, tmp_path: Path) -> None:
    """onnxruntime would write an id and a database of what it sends to Microsoft into the home; with it told not to, nobody writes there."""
    home, docs = tmp_path / "home", tmp_path / "docs"
    home.mkdir()
    docs.mkdir()
    (docs / "shop.txt").write_text(TEXT)
    env = {name: str(home) for name in ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    finished = run("ask", QUESTION, "--sources", docs, "--index", new_index, **env)
    assert finished.returncode == 0
    assert list(home.rglob("*")) == []
