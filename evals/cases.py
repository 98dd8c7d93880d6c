"""The cases: questions, and the facts of a document that answer them, each with its spans; checked as they are read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.reply import Turn
from index.errors import CaseError, SourceError
from index.source import read_source

HERE = Path(__file__).parent
STATEMENT = HERE / "statement.jsonl"
FACTS = HERE / "facts.jsonl"
SOURCES = HERE.parent / "source_docs"

Split = Literal["dev", "test"]
Span = tuple[int, int]
_SPLITS = ("dev", "test")
_CASE_FIELDS = {"id", "split", "kind", "question", "facts", "okay", "short", "history"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One atomic fact. Each of `spans`, half-open offsets in `document`, states it; the first is the primary one."""

    id: str
    text: str
    document: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what a right answer to it holds.

    `facts` are the ids of all the facts that it asks for; none: the text does not answer it. `okay` are facts that
    an answer may cite too. `short` are forms of the short answer, any of which must be said. `history` is oldest first.
    """

    id: str
    split: Split
    kind: str
    question: str
    facts: tuple[str, ...]
    okay: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    history: tuple[Turn, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether the text answers the question."""
        return bool(self.facts)


def load_facts(path: Path = FACTS, sources: Path = SOURCES) -> dict[str, Fact]:
    """The facts by id. Raises CaseError with file and line, e.g. for a span whose quote is not what the source says."""
    facts: dict[str, Fact] = {}
    texts: dict[str, str] = {}
    for number, row in _rows(path):
        where = f"{path}, line {number}"
        fields = {"id": str, "fact": str, "document": str, "spans": list}
        if set(row) != set(fields) or not all(isinstance(row[name], kind) for name, kind in fields.items()) or not row["spans"]:
            raise CaseError(f'{where}: expected {{"id": "...", "fact": "...", "document": "...", "spans": [{{"start": 0, "end": 1, "quote": "..."}}]}}')
        if row["id"] in facts:
            raise CaseError(f"{where}: the fact {row['id']!r} stands there twice: give one another id")
        name = row["document"]
        if name not in texts:
            texts[name] = _document(sources, name, where)
        facts[row["id"]] = Fact(row["id"], row["fact"], name, tuple(_span(span, texts[name], name, where) for span in row["spans"]))
    return facts


def load_cases(path: Path = STATEMENT, facts: dict[str, Fact] | None = None) -> tuple[Case, ...]:
    """The cases, in file order. `facts` are those that may be named: by default, of facts.jsonl beside `path`.

    Raises CaseError with the file, the line and what is wrong with it.
    """
    known = load_facts(path.with_name(FACTS.name)) if facts is None else facts
    cases: list[Case] = []
    ids: set[str] = set()
    asked: dict[tuple[str, tuple[Turn, ...]], str] = {}
    for number, row in _rows(path):
        where = f"{path}, line {number}"
        case = _case(row, where)
        unknown = [fact for fact in (*case.facts, *case.okay) if fact not in known]
        if unknown:
            raise CaseError(f"{where}: there is no fact {unknown[0]!r}")
        if case.id in ids:
            raise CaseError(f"{where}: the id {case.id!r} stands there twice: give one case another")
        before = asked.setdefault((" ".join(case.question.split()), case.history), case.id)
        if before != case.id:
            raise CaseError(f"{where}: {case.question!r} is asked by {before!r} already: remove one")
        ids.add(case.id)
        cases.append(case)
    if not cases:
        raise CaseError(f"{path} holds no case")
    return tuple(cases)


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file. Raises CaseError."""
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise CaseError(f"{path} is not UTF-8 (byte {error.start:,}): save it as UTF-8") from error
    except OSError as error:
        raise CaseError(f"cannot read {path}: {error.strerror}") from error


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CaseError(f"{path}, line {number}: not JSON ({error})") from error
        if not isinstance(row, dict):
            raise CaseError(f"{path}, line {number}: a JSON object is expected")
        yield number, row


def _document(sources: Path, name: str, where: str) -> str:
    try:
        return read_source(sources / name, sources).text
    except SourceError as error:
        raise CaseError(f"{where}: the document {name!r} cannot be used: {error}") from error


def _span(row: Any, text: str, name: str, where: str) -> Span:
    fits = isinstance(row, dict) and set(row) == {"start", "end", "quote"} and type(row["start"]) is int and type(row["end"]) is int
    if not fits:
        raise CaseError(f'{where}: a span is {{"start": 0, "end": 1, "quote": "..."}}, not {row!r}')
    start, end = row["start"], row["end"]
    if not 0 <= start < end <= len(text):
        raise CaseError(f"{where}: the span {start} to {end} is not inside {name}, which is {len(text):,} characters long")
    if text[start:end] != row["quote"]:
        raise CaseError(f"{where}: {name} says {text[start:end]!r} at {start} to {end}, not {row['quote']!r}")
    return start, end


def _case(row: dict[str, Any], where: str) -> Case:
    unknown = set(row) - _CASE_FIELDS
    if unknown:
        raise CaseError(f"{where}: a case has no field {sorted(unknown)[0]!r}: the fields are {', '.join(sorted(_CASE_FIELDS))}")
    for name in ("id", "split", "kind", "question"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise CaseError(f'{where}: the field "{name}" must be a string that is not empty')
    if row["split"] not in _SPLITS:
        raise CaseError(f'{where}: the field "split" is {row["split"]!r}, and it must be dev or test')
    lists = {}
    for name in ("facts", "okay", "short"):
        value = row.get(name, None if name == "facts" else [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise CaseError(f'{where}: the field "{name}" must be a list of strings')
        lists[name] = tuple(value)
    if lists["short"] and not lists["facts"]:
        raise CaseError(f'{where}: a case without facts has no answer, so "short" must be left out')
    return Case(row["id"], row["split"], row["kind"], row["question"], **lists, history=_history(row.get("history", []), where))


def _history(rows: Any, where: str) -> tuple[Turn, ...]:
    fields = {"role", "content"}
    if not isinstance(rows, list) or not all(isinstance(row, dict) and set(row) == fields and isinstance(row["content"], str) for row in rows):
        raise CaseError(f'{where}: the field "history" must be a list of {{"role": "...", "content": "..."}}')
    if any(row["role"] not in ("user", "assistant") for row in rows):
        raise CaseError(f'{where}: the "role" of a turn must be user or assistant')
    return tuple(Turn(row["role"], row["content"]) for row in rows)
