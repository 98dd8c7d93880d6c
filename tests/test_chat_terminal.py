"""The chat on terminals that are narrow, resized, without colour, impatient or broken."""

import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from filelock import FileLock

from tests.fakes import fake_model
from tests.process import ASSISTANT, clean_environment

BEGAN = "When did the US begin to withdraw from the INF Treaty?"
PROMPT, TAKEN = "\x1b[?2004h", "\x1b[?2004l"  # bracketed paste goes on with each prompt and off once a line is taken
CODE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[=>]")

Starting = Callable[..., "pexpect.spawn[bytes]"]


@pytest.fixture
def start(built_index: Path, sources: Path, tmp_path: Path) -> Iterator[Starting]:
    started = []

    def starting(*options: str, columns: int = 80, index: Path = built_index, documents: Path = sources, **env: str) -> "pexpect.spawn[bytes]":
        kept = clean_environment(**{"TERM": "xterm", "XDG_STATE_HOME": str(tmp_path / "state"), "PROMPT_TOOLKIT_NO_CPR": "1"} | env)
        args = [*ASSISTANT[1:], "chat", "--index", str(index), "--sources", str(documents), *options]
        size = (40, columns)
        chat = pexpect.spawn(sys.executable, args, env=kept, cwd=tmp_path, timeout=60, dimensions=size, preexec_fn=heed_control_c)
        started.append(chat)
        chat.expect_exact(PROMPT)
        return chat

    yield starting
    for chat in started:
        if chat.isalive():
            chat.kill(signal.SIGKILL)
            chat.wait()
        chat.close()


def heed_control_c() -> None:
    """As on a terminal, even where the tests run in the background, which ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def say(chat: "pexpect.spawn[bytes]", line: str | bytes) -> str:
    """What the chat prints between a line and the next prompt."""
    chat.send(line)
    chat.send("\r")
    chat.expect_exact(TAKEN)
    chat.expect_exact(PROMPT)
    return chat.before.decode()


def ended(chat: "pexpect.spawn[bytes]") -> tuple[int | None, str]:
    chat.expect(pexpect.EOF)
    chat.close()
    return chat.exitstatus, chat.before.decode()


def widest(printed: str) -> int:
    return max(len(line.rstrip()) for line in CODE.sub("", printed).splitlines())


def test_a_narrow_terminal_and_one_that_is_resized(start: Starting) -> None:
    chat = start(columns=40)
    assert widest(say(chat, BEGAN)) <= 40
    chat.setwinsize(40, 100)
    chat.expect_exact(PROMPT)  # which is drawn again
    assert 60 < widest(say(chat, BEGAN)) <= 100


def test_colour_and_its_absence(start: Starting) -> None:
    coloured, plain = say(start(), BEGAN), say(start(NO_COLOR="1"), BEGAN)
    assert "\x1b[36m[" in coloured
    assert not re.search(r"\x1b\[(?:3\d|1;3\d)m", plain)
    assert "«" in plain


def test_leaving_while_the_models_still_load(start: Starting) -> None:
    chat = start()
    chat.send("\x04")
    status, printed = ended(chat)
    assert status == 0
    assert "Traceback" not in printed


def test_control_c_while_the_answer_waits_for_the_models(start: Starting, new_index: Path, docs: Path) -> None:
    (docs / "a.txt").write_text("In February 2019, the US began to withdraw from the INF Treaty.")
    with FileLock(new_index / "lock"):  # so that they are not loaded before this is let go
        chat = start(index=new_index, documents=docs)
        chat.send(BEGAN + "\r")
        chat.expect_exact(TAKEN)
        chat.expect_exact("waiting for another process")
        chat.send("\x03")
        chat.expect_exact("Stopped.")
        chat.expect_exact(PROMPT)
    assert "February 2019" in say(chat, BEGAN)


def test_a_draft_is_seen_while_it_is_written_and_goes(start: Starting) -> None:
    with fake_model("slow", answer="[12] The withdrawal \x1b[31mbegan in February 2019. [12] The moon is made of cheese.") as fake:
        chat = start("--model", "fake", "--base-url", fake.base_url, columns=100)
        chat.send(BEGAN + "\r")
        chat.expect_exact("writing ...")
        chat.expect_exact("The withdrawal")
        chat.expect_exact("made of")
        assert b"\x1b[31mbegan" not in chat.before
        chat.expect_exact("\x1b[2K")  # the draft is wiped
        chat.expect_exact(PROMPT)
    answer = CODE.sub("", chat.before.decode()).split("\r\n")
    assert answer[-1].strip() == ""
    shown = " ".join(" ".join(answer).split())
    assert "began in February 2019. [1]" in shown
    assert "Left out: The moon is made of cheese." in shown


def test_broken_bytes_and_escapes_do_not_end_it(start: Starting) -> None:
    chat = start()
    say(chat, b"When \xff\xfe\xc3 was it?")
    assert "no command" in say(chat, b"/\xff\xff")
    assert "February 2019" in say(chat, BEGAN)
    chat.send("\x04")
    assert ended(chat)[0] == 0


def test_a_history_that_cannot_be_written_is_done_without(start: Starting, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    chat = start(XDG_STATE_HOME=str(tmp_path / "file"))
    assert "February 2019" in say(chat, BEGAN)
    (tmp_path / "state" / "statement-assistant" / "history").mkdir(parents=True)
    assert "February 2019" in say(start(), BEGAN)


def test_files_that_cannot_be_saved_to(start: Starting, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    chat = start(columns=400)
    say(chat, "hello")
    for name in ("~nobody-of-that-name/a.md", "folder", "no/such/folder.md", "n" * 300):
        said = CODE.sub("", say(chat, f"/save {name}"))
        assert "Cannot write" in said or "is there already" in said, name
