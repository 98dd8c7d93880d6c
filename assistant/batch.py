"""Batch: a JSON object a line in, a Reply a line out, in the same order; a bad line gives an error in its place."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from langchain_core.runnables import Runnable

from assistant.render import as_json
from assistant.reply import Ask, Reply, Turn
from index.errors import BatchError, UserError


def answer_lines(lines: Iterable[bytes], chain: Runnable[Ask, Reply]) -> Iterator[dict[str, Any]]:
    """One object a line: the Reply, or {"error": ...}, each with the line's "id" if it has one. Blank lines are skipped."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row: dict[str, Any] = {}
        try:
            row = read_object(line, number)
            yield as_json(chain.invoke(read_ask(row, number))) | _id(row)
        except UserError as error:
            yield {"error": str(error)} | _id(row)


def read_object(line: bytes, number: int) -> dict[str, Any]:
    """The JSON object of a line. Raises BatchError."""
    try:
        row = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BatchError(f'line {number} is not JSON ({error}): write {{"question": "..."}}') from error
    if not isinstance(row, dict):
        raise BatchError(f'line {number} is not a JSON object: write {{"question": "..."}}')
    return row


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def read_ask(row: dict[str, Any], number: int) -> Ask:
    """The question and history of an object. Raises BatchError with what is wrong."""
    question, history = row.get("question"), row.get("history", [])
    if not isinstance(question, str):
        raise BatchError(f'line {number} has no "question" that is a string')
    if not isinstance(history, list):
        raise BatchError(f'line {number}: "history" is not a list')
    turns = []
    for turn in history:
        fits = isinstance(turn, dict) and turn.get("role") in ("user", "assistant") and isinstance(turn.get("content"), str)
        if not fits:
            raise BatchError(f'line {number}: a turn of "history" is not {{"role": "user" or "assistant", "content": "..."}}')
        turns.append(Turn(turn["role"], turn["content"]))
    return Ask(question, tuple(turns))


def _id(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["id"]} if "id" in row else {}
