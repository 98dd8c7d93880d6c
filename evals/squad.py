"""A file in SQuAD 2.0 form -> documents, facts and cases: how the assistant does on text that nobody wrote for it.

Each article becomes a document, its paragraphs parted by blank lines; each question a case, its answers the spans
of the one fact that it asks for (Rajpurkar, Jia and Liang 2018, "Know What You Don't Know").
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.cases import Case, Fact, read_lines
from index.errors import CaseError

_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Squad:
    """Documents by file name, facts by id, the cases about them, and the document that each case's id is about."""

    documents: dict[str, str]
    facts: dict[str, Fact]
    cases: tuple[Case, ...]
    about: dict[str, str]


def read_squad(path: Path, limit: int | None = None) -> Squad:
    """Every article, and `limit` questions spread evenly over the file (all by default). Raises CaseError."""
    documents: dict[str, str] = {}
    facts: dict[str, Fact] = {}
    cases: list[Case] = []
    about: dict[str, str] = {}
    try:
        for number, article in enumerate(json.loads("\n".join(read_lines(path)))["data"], start=1):
            name = f"{number:03}-{re.sub(r'[^A-Za-z0-9_-]+', '-', article['title'])[:80]}.txt"
            documents[name] = _GAP.join(paragraph["context"] for paragraph in article["paragraphs"])
            offset = 0
            for paragraph in article["paragraphs"]:
                for row in paragraph["qas"]:
                    found = _fact(row, name, documents[name], offset, path)
                    if found.spans:
                        facts[found.id] = found
                    cases.append(_case(row, found))
                    about[found.id] = name
                offset += len(paragraph["context"]) + len(_GAP)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CaseError(f"{path} is not in SQuAD 2.0 form ({type(error).__name__}: {error})") from error
    if not cases:
        raise CaseError(f"{path} holds no question")
    if limit is not None and limit < len(cases):
        cases = [cases[number * len(cases) // limit] for number in range(limit)]
    return Squad(documents, facts, tuple(cases), about)


def write_documents(squad: Squad, folder: Path) -> None:
    """Write each article as a file that the index reads; line ends are kept as they are."""
    for name, text in squad.documents.items():
        (folder / name).write_bytes(text.encode("utf-8"))


def _fact(row: dict[str, Any], name: str, text: str, offset: int, path: Path) -> Fact:
    spans: dict[tuple[int, int], None] = {}
    for answer in row["answers"]:
        start = offset + answer["answer_start"]
        end = start + len(answer["text"])
        if not answer["text"] or text[start:end] != answer["text"]:
            raise CaseError(f"{path}: the answer {answer['text']!r} of question {row['id']!r} is not at {answer['answer_start']}")
        spans[start, end] = None
    if bool(spans) == bool(row["is_impossible"]):
        raise CaseError(f"{path}: question {row['id']!r} has {len(spans)} answers and is_impossible is {row['is_impossible']!r}")
    return Fact(str(row["id"]), row["question"], name, tuple(spans))


def _case(row: dict[str, Any], fact: Fact) -> Case:
    answerable = bool(fact.spans)
    short = tuple(dict.fromkeys(answer["text"] for answer in row["answers"]))
    return Case(fact.id, "test", "answerable" if answerable else "unanswerable", row["question"], (fact.id,) if answerable else (), (), short)
