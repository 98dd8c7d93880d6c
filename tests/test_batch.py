import json

import pytest
from langchain_core.runnables import RunnableLambda

from assistant.batch import answer_lines, read_ask, read_object
from assistant.question import checked
from assistant.reply import Ask, Reply, Turn
from index.errors import BatchError


def echo(ask: Ask) -> Reply:
    valid = checked(ask, 100, 20)
    return Reply(valid.question, valid.question, "not_stated", f"after {len(valid.history)} turns", 0.0, "quotes")


CHAIN = RunnableLambda(echo)


def answers(*lines: bytes) -> list[dict[str, object]]:
    return list(answer_lines(lines, CHAIN))


def test_replies_in_order_with_ids_and_history() -> None:
    history = [{"role": "user", "content": "When?"}, {"role": "assistant", "content": "In 1987."}]
    rows = answers(
        json.dumps({"question": "One?", "id": 7}).encode(),
        b"  \n",
        json.dumps({"question": "Two?", "history": history, "id": None}).encode() + b"\r\n",
        b'\xef\xbb\xbf{"question": "Three?"}',
    )
    assert [(row["question"], row["answer"], row.get("id", "none")) for row in rows] == [
        ("One?", "after 0 turns", 7),
        ("Two?", "after 2 turns", None),
        ("Three?", "after 0 turns", "none"),
    ]


def test_a_bad_line_gets_an_error_in_its_place_with_its_id() -> None:
    rows = answers(b'{"question": "One?"}', b'{"question": "", "id": "x"}', b"nonsense", b'{"question": "Two?"}')
    assert [sorted(row) == ["error"] or "error" in row for row in rows] == [False, True, True, False]
    assert rows[1]["id"] == "x"
    assert "line 3" in str(rows[2]["error"])


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"{",
        b"\xff\xfe",
        b"\x00",
        b"[" * 100_000,
        b"9" * 5_000,
        b'{"question": "a"} {"question": "b"}',
        b'{"question": NaN}',
        b'{"question": "a", "id": Infinity}',
    ],
)
def test_a_line_that_is_not_json(line: bytes) -> None:
    with pytest.raises(BatchError, match="line 4 is not JSON"):
        read_object(line, 4)


@pytest.mark.parametrize("line", [b"5", b"null", b'"text"', b"[]"])
def test_a_line_that_is_no_object(line: bytes) -> None:
    with pytest.raises(BatchError, match="line 4 is not a JSON object"):
        read_object(line, 4)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"question": 5},
        {"question": None},
        {"question": "a", "history": "b"},
        {"question": "a", "history": None},
        {"question": "a", "history": [5]},
        {"question": "a", "history": [{"role": "system", "content": "b"}]},
        {"question": "a", "history": [{"role": "user"}]},
        {"question": "a", "history": [{"role": "user", "content": ["b"]}]},
        {"question": "a", "history": [{"role": ["user"], "content": "b"}]},
    ],
)
def test_an_object_that_asks_nothing_readable(row: dict[str, object]) -> None:
    with pytest.raises(BatchError, match="line 4"):
        read_ask(row, 4)


def test_what_is_read() -> None:
    row = {"question": "Why?", "history": [{"role": "assistant", "content": "Hello."}], "more": 1}
    assert read_ask(row, 1) == Ask("Why?", (Turn("assistant", "Hello."),))
