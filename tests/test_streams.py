"""The command line with its standard streams closed, full, cut short or in another encoding."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.process import ASSISTANT, clean_environment, one_line, run

BEGAN = "When did the US begin to withdraw from the INF Treaty?"


@pytest.fixture(scope="module")
def where(built_index: Path, sources: Path) -> tuple[str, ...]:
    return ("--index", str(built_index), "--sources", str(sources))


def in_shell(line: str, where: tuple[str, ...], **env: str) -> subprocess.CompletedProcess[str]:
    """A shell line, in which "$@" stands for the assistant and WHERE for its folders."""
    command = ["bash", "-o", "pipefail", "-c", line.replace("WHERE", " ".join(where)), "bash", *ASSISTANT]
    return subprocess.run(command, capture_output=True, text=True, env=clean_environment(**env), timeout=120, check=False)


@pytest.mark.parametrize("how", ["", "--json"])
def test_a_full_disk_behind_the_output(where: tuple[str, ...], how: str) -> None:
    finished = in_shell(f'"$@" ask {how} hello WHERE > /dev/full', where)
    assert finished.returncode == 2
    assert finished.stderr == "assistant: cannot write (No space left on device): free some space, or write elsewhere\n"


def test_closed_streams(where: tuple[str, ...]) -> None:
    assert in_shell('"$@" ask hello WHERE >&-', where).returncode == 0
    for line, said in (('"$@" ask WHERE <&-', "no question"), ('"$@" ask --batch - WHERE <&-', "no standard input")):
        finished = in_shell(line, where)
        assert (finished.returncode, finished.stdout) == (2, "")
        assert said in finished.stderr
        assert finished.stderr.count("\n") == 1
    assert in_shell('"$@" chat WHERE <&-', where).returncode == 0


def test_an_endless_input_ends_with_an_error() -> None:
    finished = in_shell('yes when | "$@" ask', ())
    assert (finished.returncode != 0, finished.stdout) == (True, "")
    assert "over the limit of 2,000" in finished.stderr


def test_the_first_line_of_a_batch_is_enough(where: tuple[str, ...], tmp_path: Path) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text((json.dumps({"question": BEGAN}) + "\n") * 40)
    finished = in_shell(f'"$@" ask --batch {batch} WHERE | head -1', where)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert json.loads(finished.stdout)["status"] == "answered"


def test_an_encoding_that_lacks_a_character(where: tuple[str, ...]) -> None:
    question = "To what did Putin confirm his commitment?"  # the article has "his side’s" there
    finished = run("ask", question, *where, PYTHONIOENCODING="ascii")
    assert finished.returncode == 0
    assert b"side\\u2019s commitment" in finished.stdout
    (reply,) = map(json.loads, run("ask", question, "--json", *where, PYTHONIOENCODING="ascii").stdout.splitlines())
    assert "side’s commitment" in reply["answer"]


def test_a_question_typed_in_utf8_where_the_locale_is_ascii(where: tuple[str, ...]) -> None:
    finished = run("ask", "Wo liegt Kölпи?", "--json", *where, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert json.loads(finished.stdout)["question"] == "Wo liegt Kölпи?"


def test_150_questions_with_history_in_one_process(where: tuple[str, ...], sources: Path) -> None:
    history = [{"role": "user", "content": BEGAN}, {"role": "assistant", "content": "In February 2019. [1]"}]
    questions = ["And when did they formally leave?", "Who signed the INF Treaty?", "How old is Putin?"]
    lines = [json.dumps({"question": questions[n % 3], "history": history * (n % 4), "id": n}) for n in range(150)]
    finished = run("ask", "--batch", "-", *where, given="\n".join(lines).encode())
    assert (finished.returncode, finished.stderr) == (0, b"")
    replies = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [reply["id"] for reply in replies] == list(range(150))
    text = (sources / "putin-inf-treaty-statement.txt").read_bytes().decode()
    cited = [citation for reply in replies for citation in reply["citations"]]
    assert len(cited) >= 50
    assert all(text[citation["start"] : citation["end"]] == citation["quote"] for citation in cited)


@pytest.mark.parametrize("name", ["SOURCES", "INDEX"])
def test_a_path_that_is_too_long(name: str, tmp_path: Path) -> None:
    other = {"ASSISTANT_SOURCES": str(tmp_path), "ASSISTANT_INDEX": str(tmp_path / "index")}
    (tmp_path / "a.txt").write_text("A text.")
    said = one_line(run("ask", "Why?", **other | {f"ASSISTANT_{name}": "n" * 5_000}))
    assert "too long" in said


def test_an_index_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text.")
    assert "is a file" in one_line(run("ask", "Why?", "--sources", tmp_path, "--index", tmp_path / "a.txt"))
