import dataclasses
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assistant.cli import main
from assistant.reply import Citation, Reply
from tests.process import ASSISTANT, clean_environment

BEGAN = "When did the US begin to withdraw from the INF Treaty?"
ARTICLE = "putin-inf-treaty-statement.txt"
LEFT = "In August of the same year, the United States formally withdrew from the Treaty."

Asking = Callable[..., Result]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting from outside, and no .env."""
    for name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def ask(built_index: Path, sources: Path) -> Asking:
    def asking(*args: str, given: str | bytes = "") -> Result:
        return CliRunner().invoke(main, ["ask", "--index", str(built_index), "--sources", str(sources), *args], input=given)

    return asking


@pytest.fixture
def text(sources: Path) -> str:
    return (sources / ARTICLE).read_bytes().decode()


def only_line(result: Result) -> str:
    """What a refused command says: exit code 2 and one line on standard error, nothing on standard output."""
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("assistant: ")
    return line


def rows(result: Result) -> list[dict[str, Any]]:
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_answer_and_its_passage_plain_in_a_pipe(ask: Asking) -> None:
    result = ask(BEGAN)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout
    answer, blank, place, passage = result.stdout.splitlines()
    assert answer.startswith("In February 2019, the United States")
    assert answer.endswith(" [1]")
    assert blank == ""
    assert place == f"[1] {ARTICLE}, paragraph 7"
    quote, around = passage.strip().removeprefix("«").split("»")
    assert quote.replace("*", "") == answer.removesuffix(" [1]")
    assert around.strip() == LEFT


def test_json_has_the_keys_of_a_reply(ask: Asking, text: str) -> None:
    (reply,) = rows(ask("--json", given=BEGAN))  # the question on standard input
    assert list(reply) == [field.name for field in dataclasses.fields(Reply)]
    assert {"question", "standalone_question", "status", "answer", "confidence", "answerer", "citations", "dropped", "milliseconds"} <= set(reply)
    (citation,) = reply["citations"]
    assert list(citation) == [field.name for field in dataclasses.fields(Citation)]
    assert (reply["question"], reply["status"], reply["answerer"], citation["number"], citation["paragraph"]) == (BEGAN, "answered", "quotes", 1, 7)
    assert 0 <= reply["confidence"] <= 1
    assert list(reply["milliseconds"]) == ["search", "answer", "total"]
    assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_a_batch_goes_on_past_bad_lines(ask: Asking, text: str, tmp_path: Path) -> None:
    history = [{"role": "user", "content": BEGAN}, {"role": "assistant", "content": "In February 2019. [1]"}]
    asked = [
        json.dumps({"question": BEGAN, "id": "first"}),
        "",
        "nonsense",
        "   ",
        json.dumps({"question": "And when did they formally leave?", "history": history, "id": 2}),
        json.dumps({"question": " ", "id": [3]}),
        json.dumps({"question": "x" * 2_000_000, "id": 4}),
        json.dumps({"question": "Who won the World Cup in 1998?"}),
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(asked))
    first, bad, follow_up, blank, long, other = rows(ask("--batch", str(file)))
    assert [row.get("id", "none") for row in (first, bad, follow_up, blank, long, other)] == ["first", "none", 2, [3], 4, "none"]
    assert [list(row) for row in (bad, blank, long)] == [["error"], ["error", "id"], ["error", "id"]]
    assert "line 3" in bad["error"]
    assert "2,000,000" in long["error"]
    assert [row["status"] for row in (first, follow_up, other)] == ["answered", "answered", "not_stated"]
    assert follow_up["standalone_question"] != follow_up["question"]
    assert LEFT in [citation["quote"] for citation in follow_up["citations"]]
    assert other["citations"] == []
    for citation in first["citations"] + follow_up["citations"]:
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert all(citation["start"] <= start < end <= citation["end"] for start, end in citation["highlights"])


@pytest.mark.parametrize("question", ["", "  \t\n ", "\0\x01\x02", "\x1b[31m", "\u202e", "\u200d"])
def test_nothing_asked(ask: Asking, question: str) -> None:
    assert "empty" in only_line(ask(question))
    assert "empty" in only_line(ask(given=question))


def test_too_long_a_question(ask: Asking) -> None:
    for said in (only_line(ask("é" * 2_000_000)), only_line(ask(given="é" * 2_000_000))):
        assert "over the limit of 2,000" in said
        assert "ASSISTANT_MAX_QUESTION_CHARS" in said


def test_odd_characters_are_answered_without_steering_the_terminal(ask: Asking) -> None:
    odd = [
        "When did\0 the \x1b[31mUS\x07 begin\r to\x9b withdraw?",
        "متى بدأ الانسحاب؟",
        "\u202eWhen\u2066 did it end?",
        "🚀👩\u200d🚀",
        "\ud800?",
        "'; DROP TABLE--",
        "**",
    ]
    replies = rows(ask("--batch", "-", given="\n".join(json.dumps({"question": question}) for question in odd)))
    assert [set(reply) == {"error"} for reply in replies] == [False] * len(odd)
    assert [reply["question"] for reply in replies[:4]] == ["When did the US begin to withdraw?", odd[1], "When did it end?", odd[3]]
    shown = ask(given=odd[0].encode() + b"\xff\xfe")
    assert shown.exit_code == 0
    assert all(c.isprintable() or c == "\n" for c in shown.stdout)


def test_a_question_and_a_batch_together(ask: Asking) -> None:
    assert "not both" in only_line(ask(BEGAN, "--batch", "-"))


def test_a_batch_file_that_is_not_there(ask: Asking) -> None:
    assert "cannot read" in only_line(ask("--batch", "no\nsuch\x1b[31m.jsonl"))


def test_an_unknown_setting_names_the_near_one(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_STRICTNES", "strict")
    said = only_line(ask(BEGAN))
    assert "ASSISTANT_STRICTNES:" in said
    assert "ASSISTANT_STRICTNESS?" in said


def test_missing_sources(built_index: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere")
    for command in ("index", "ask"):
        asked = [BEGAN] if command == "ask" else []
        assert missing in only_line(CliRunner().invoke(main, [command, "--sources", missing, "--index", str(tmp_path / "new"), *asked]))
    with_index = CliRunner().invoke(main, ["ask", "--sources", missing, "--index", str(built_index), BEGAN])
    assert (with_index.exit_code, with_index.stdout[:16]) == (0, "In February 2019")


def test_a_closed_pipe_ends_quietly(built_index: Path, sources: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [*ASSISTANT, "ask", "--index", str(built_index), "--sources", str(sources), "--batch", "-"]
    given = json.dumps({"question": BEGAN}).encode() + b"\n"
    finished = subprocess.run(command, input=given * 3, stdout=write, stderr=subprocess.PIPE, env=clean_environment(), timeout=60, check=False)
    os.close(write)
    assert (finished.returncode, finished.stderr) == (0, b"")
