"""Ask an answerer every case and keep what comes back, case by case, so that a run that is cut off can go on."""

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.documents import Document
from langchain_core.runnables import Runnable

from assistant import quotes
from assistant.reply import Ask, Citation, Dropped, Milliseconds, Near, Reply
from evals.cases import Case, read_lines
from index.errors import CaseError

Place = tuple[str, int, int]  # document, start, end
Quoted = tuple[str, tuple[Citation, ...]]  # an answer and its citations


@dataclass(frozen=True, slots=True)
class Finished:
    """A case and what was made of it.

    `ranking` is what was retrieved, best first; None where the answerer retrieves nothing. `instead` is the answer
    that stood ready where the reply refuses. `milliseconds` is wall time.
    """

    case: Case
    reply: Reply
    ranking: tuple[Place, ...] | None
    instead: Quoted | None
    milliseconds: float


def quoted_evidence(question: str, documents: list[Document]) -> Quoted:
    """The answer in quotes from retrieved evidence; nothing where there is none."""
    evidence = [document.metadata["evidence"] for document in documents if "evidence" in document.metadata]
    return quotes.cite(quotes.choose(question, evidence)) if evidence else ("", ())


@dataclass(frozen=True, slots=True)
class Answerer:
    """Anything that answers. `would_quote` gives, from what was retrieved, the answer that a refusal holds back."""

    name: str
    chain: Runnable[Ask, Reply]
    would_quote: Callable[[str, list[Document]], Quoted] = quoted_evidence


class _Retrieved(BaseCallbackHandler):
    """Keeps what the chain's retriever returned last."""

    def __init__(self) -> None:
        self.documents: list[Document] | None = None

    def on_retriever_end(self, documents: Sequence[Document], **_: Any) -> None:
        self.documents = list(documents)


def ask_case(answerer: Answerer, case: Case) -> Finished:
    """Ask one case. Raises what the answerer raises."""
    retrieved = _Retrieved()
    started = time.perf_counter()
    reply = answerer.chain.invoke(Ask(case.question, case.history), {"callbacks": [retrieved]})
    milliseconds = 1000 * (time.perf_counter() - started)
    documents = retrieved.documents
    ranking = None if documents is None else tuple(_place(document) for document in documents)
    refused = reply.status == "not_stated"
    instead = answerer.would_quote(reply.standalone_question, documents or []) if refused else None
    return Finished(case, reply, ranking, instead, milliseconds)


def ask_cases(answerer: Answerer, cases: Iterable[Case], done: Callable[[], None] = lambda: None) -> list[Finished]:
    """Ask the cases in order; `done` is called after each."""
    finished = []
    for case in cases:
        finished.append(ask_case(answerer, case))
        done()
    return finished


def ask_cases_kept(answerer: Answerer, cases: Sequence[Case], journal: Path, about: dict[str, str], resume: bool, done: Callable[[], None]) -> list[Finished]:
    """As ask_cases, with each finished case written to `journal` at once; `resume` takes over what is there.

    `about` says what the run depends on: a journal of another run is not taken over. Raises CaseError.
    """
    head = about | {"answerer": answerer.name, "cases": hashlib.sha256(repr(cases).encode()).hexdigest()}
    kept = _read_journal(journal, head, {case.id: case for case in cases}) if resume and journal.exists() else {}
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        with journal.open("w", encoding="utf-8") as file:
            for row in (head, *(as_row(finished) for finished in kept.values())):
                file.write(json.dumps(row) + "\n")
            for case in cases:
                if case.id not in kept:
                    kept[case.id] = ask_case(answerer, case)
                    file.write(json.dumps(as_row(kept[case.id])) + "\n")
                    file.flush()
                done()
    except OSError as error:
        raise CaseError(f"cannot write {journal} ({error.strerror}): give another folder with --out DIR") from error
    return [kept[case.id] for case in cases]


def _place(document: Document) -> Place:
    known = document.metadata
    if "evidence" in known:
        return known["evidence"].document.name, known["evidence"].start, known["evidence"].end
    return known["source"], known["start_index"], known["start_index"] + len(document.page_content)


def as_row(finished: Finished) -> dict[str, Any]:
    """As plain JSON values; read_row reads it."""
    return {
        "id": finished.case.id,
        "reply": dataclasses.asdict(finished.reply),
        "ranking": finished.ranking,
        "instead": finished.instead and {"answer": finished.instead[0], "citations": [dataclasses.asdict(c) for c in finished.instead[1]]},
        "milliseconds": round(finished.milliseconds, 3),
    }


def read_row(row: dict[str, Any], case: Case) -> Finished:
    """What as_row wrote. Raises KeyError or TypeError for anything else."""
    ranking, instead = row["ranking"], row["instead"]
    return Finished(
        case,
        _reply(row["reply"]),
        None if ranking is None else tuple((document, start, end) for document, start, end in ranking),
        None if instead is None else (instead["answer"], tuple(_citation(c) for c in instead["citations"])),
        row["milliseconds"],
    )


def _reply(row: dict[str, Any]) -> Reply:
    parts = {
        "citations": tuple(_citation(c) for c in row["citations"]),
        "dropped": tuple(Dropped(**d) for d in row["dropped"]),
        "near": row["near"] and Near(**row["near"]),
        "suggestions": tuple(row["suggestions"]),
        "milliseconds": Milliseconds(**row["milliseconds"]),
    }
    return Reply(**(row | parts))


def _citation(row: dict[str, Any]) -> Citation:
    return Citation(**(row | {"highlights": tuple((start, end) for start, end in row["highlights"])}))


def _read_journal(journal: Path, head: dict[str, str], cases: dict[str, Case]) -> dict[str, Finished]:
    """What was finished; a last line that was cut off is left out."""
    lines = read_lines(journal)
    kept: dict[str, Finished] = {}
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            if number > 1:
                kept[row["id"]] = read_row(row, cases[row["id"]])
            elif row != head:
                raise CaseError(f"{journal} is of another run (other cases, sources or settings): run without --resume")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            if number == len(lines):
                break
            raise CaseError(f"{journal}, line {number}: not what a run writes: run without --resume") from error
    return kept
