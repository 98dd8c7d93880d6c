import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from tests.process import ASSISTANT, clean_environment, run

BEGAN = "When did the US begin to withdraw from the INF Treaty?"
FOLLOW_UP = "And when did they formally leave?"
LEANING = "What does it say about it?"  # means something else in each conversation
ARTICLE = "putin-inf-treaty-statement.txt"
LEFT = "In August of the same year, the United States formally withdrew from the Treaty."
PROMPT, TAKEN = "\x1b[?2004h", "\x1b[?2004l"  # bracketed paste goes on with each prompt and off once a line is taken
CODE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[=>]")

Starting = Callable[[], "pexpect.spawn[str]"]


@pytest.fixture
def start(built_index: Path, sources: Path, tmp_path: Path) -> Iterator[Starting]:
    """Starts a chat on a terminal of 100 columns, at its first prompt."""
    started = []
    env = clean_environment(TERM="xterm", XDG_STATE_HOME=str(tmp_path / "state"), PROMPT_TOOLKIT_NO_CPR="1")
    args = [*ASSISTANT[1:], "chat", "--index", str(built_index), "--sources", str(sources)]

    def starting() -> "pexpect.spawn[str]":
        chat = pexpect.spawn(sys.executable, args, env=env, cwd=tmp_path, encoding="utf-8", timeout=60, dimensions=(50, 100))
        started.append(chat)
        chat.expect_exact(PROMPT)
        return chat

    yield starting
    for chat in started:
        chat.close(force=True)


def say(chat: "pexpect.spawn[str]", line: str) -> str:
    """What the chat prints between a line and the next prompt, without colours, its white space folded."""
    chat.send(line + "\r")
    chat.expect_exact(TAKEN)
    chat.expect_exact(PROMPT)
    return " ".join(CODE.sub("", chat.before).split())


def leave(chat: "pexpect.spawn[str]", key: str) -> int | None:
    chat.send(key)
    chat.expect(pexpect.EOF)
    chat.close()
    return chat.exitstatus


def test_a_conversation(start: Starting, tmp_path: Path) -> None:
    chat = start()
    assert "Ask about the statement." in chat.before
    assert say(chat, "/sources") == "Nothing was asked yet."
    assert say(chat, "/save early.md") == "There is nothing to save yet."

    first = say(chat, BEGAN)
    assert "In February 2019, the United States unilaterally began" in first
    assert f"[1] {ARTICLE}, paragraph 7" in first
    follow_up = say(chat, FOLLOW_UP)
    assert f"(August 2019), the United States formally withdrew from the Treaty. [2] [1][2] {ARTICLE}, paragraph 7" in follow_up
    assert "«" not in first + follow_up  # colour marks the quotes here

    shown = say(chat, "/sources")
    assert shown.startswith(f"{ARTICLE}, paragraph 7 In February 2019")
    assert shown.endswith(LEFT)
    assert say(chat, "/save talk.md") == "Saved to talk.md."
    assert say(chat, "/save talk.md") == "talk.md is there already; give another name."
    assert say(chat, "/save") == "Give a file: /save conversation.md"
    assert say(chat, "/save no/such/folder.md") == "Cannot write no/such/folder.md: No such file or directory."
    saved = (tmp_path / "talk.md").read_text(encoding="utf-8")
    assert [line for line in saved.splitlines() if line.startswith("**")] == [f"**{BEGAN}**", f"**{FOLLOW_UP}**"]
    assert f"> [2] {LEFT} ({ARTICLE}, paragraph 7), characters 2589 to 2669" in saved

    for command in ("/sources", "/save", "/clear", "/help", "/quit"):
        assert command in say(chat, "/help")
    assert say(chat, "/nonsense now") == "There is no command /nonsense; /help lists them."
    assert "over the limit of 2,000" in say(chat, "x" * 2_001)
    assert say(chat, "") == ""

    with_history = say(chat, LEANING)
    assert say(chat, "/clear") == "The conversation is forgotten."
    assert say(chat, "/sources") == "Nothing was asked yet."
    assert say(chat, LEANING) != with_history
    say(chat, "/save after.md")
    after = (tmp_path / "after.md").read_text(encoding="utf-8")
    assert [line for line in after.splitlines() if line.startswith("**")] == [f"**{LEANING}**"]
    assert leave(chat, "\x04") == 0
    kept = (tmp_path / "state" / "statement-assistant" / "history").read_text(encoding="utf-8")
    assert f"+{BEGAN}\n" in kept


def test_keys(start: Starting) -> None:
    chat = start()
    chat.send("half a question\x03")  # Ctrl-C drops the line and the chat goes on
    chat.expect_exact(PROMPT)
    assert say(chat, "/nonsense") == "There is no command /nonsense; /help lists them."
    assert say(chat, "\x1b[A") == "There is no command /nonsense; /help lists them."  # the line before, with the arrow up
    chat.send("/cl\t")
    chat.expect_exact("ear")  # the rest of /clear
    assert say(chat, "") == "The conversation is forgotten."
    assert leave(chat, "/quit\r") == 0


def test_a_chat_in_a_pipe(built_index: Path, sources: Path) -> None:
    finished = run("chat", "--index", built_index, "--sources", sources, given=f"\n{BEGAN}\n/nope\n\xff\0\n".encode("latin-1"))
    shown = finished.stdout.decode()
    assert (finished.returncode, finished.stderr) == (0, b"")
    assert "\x1b" not in shown
    assert "«In February 2019" in shown.replace("*", "")
    assert "There is no command /nope" in shown


def test_missing_sources(tmp_path: Path) -> None:
    said = run("chat", "--index", tmp_path / "new", "--sources", tmp_path / "nowhere", given=BEGAN.encode())
    assert (said.returncode, len(said.stderr.splitlines())) == (2, 1)
    assert str(tmp_path / "nowhere") in said.stderr.decode()
