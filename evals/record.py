"""What a run leaves behind as JSON, and the comparison of two such files."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.cases import Fact, read_lines
from evals.judge import Judged
from evals.run import as_row
from evals.score import GOOD, VERDICTS, Scored
from evals.table import Column
from index.errors import CaseError

FORMAT = 1


def record(columns: Sequence[Column], cases: Sequence[Scored], facts: Mapping[str, Fact], judged: Judged | None) -> dict[str, Any]:
    """The numbers of every column, overall and by kind, and every case of the answerer under test."""
    return {
        "format": FORMAT,
        "answerer": columns[0].answerer,
        "columns": [
            {
                "answerer": column.answerer,
                "what": column.what,
                "questions": len(column.scored),
                "peak_mib": column.peak_mib,
                "overall": {key: dataclasses.asdict(number) for key, number in column.numbers.items()},
                "kinds": {kind: {key: dataclasses.asdict(n) for key, n in found.items()} for kind, found in column.kinds.items()},
            }
            for column in columns
        ],
        "judge": judged and dataclasses.asdict(judged),
        "cases": [_case(one, facts) for one in cases],
    }


def _case(one: Scored, facts: Mapping[str, Fact]) -> dict[str, Any]:
    case = one.case
    return as_row(one.finished) | {
        "split": case.split,
        "kind": case.kind,
        "history": [dataclasses.asdict(turn) for turn in case.history],
        "question": case.question,
        "facts": {name: facts[name].text for name in case.facts},
        "short": list(case.short),
        "verdict": one.verdict,
        "supports": list(one.supports),
        "citation_recall": one.recall,
        "citation_precision": one.precision,
        "recall_at": {str(depth): value for depth, value in one.recall_at.items()},
        "reciprocal_rank": one.reciprocal_rank,
    }


def write_record(path: Path, found: Mapping[str, Any]) -> None:
    """Write the JSON. Raises CaseError."""
    write_text(path, json.dumps(found, ensure_ascii=False, indent=1))


def write_text(path: Path, text: str) -> None:
    """Write a file and the folder that it lies in; it appears whole or not at all. Raises CaseError."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise CaseError(f"cannot write {path} ({error.strerror}): give another folder with --out DIR") from error


@dataclass(frozen=True, slots=True)
class Change:
    """A case whose verdict differs between two runs."""

    id: str
    question: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What got better and worse among the `shared` cases of two runs; `p` is of McNemar's exact test on the two counts."""

    shared: int
    only_before: int
    only_after: int
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    otherwise: tuple[Change, ...]
    p: float


def compare(before: Path, after: Path) -> Comparison:
    """Compare two JSON reports case by case. Raises CaseError.

    A case is good or not; the cases that are so in one run alone are a fair coin's throws if the runs are alike
    (McNemar 1947).
    """
    from scipy.stats import binomtest

    old, new = _verdicts(before), _verdicts(after)
    shared = [name for name in old if name in new]
    if not shared:
        raise CaseError(f"{before} and {after} have no case in common: compare runs over the same cases")
    changes = [(Change(name, old[name][0], old[name][1], new[name][1])) for name in shared if old[name][1] != new[name][1]]
    better = tuple(c for c in changes if c.after in GOOD and c.before not in GOOD)
    worse = tuple(c for c in changes if c.before in GOOD and c.after not in GOOD)
    rest = tuple(c for c in changes if c not in better and c not in worse)
    p = float(binomtest(len(better), len(better) + len(worse), 0.5).pvalue) if better or worse else 1.0
    return Comparison(len(shared), len(old) - len(shared), len(new) - len(shared), better, worse, rest, p)


def _verdicts(path: Path) -> dict[str, tuple[str, str]]:
    """Question and verdict of each case, by id."""
    try:
        rows = json.loads("\n".join(read_lines(path)))["cases"]
        found = {str(row["id"]): (str(row["question"]), str(row["verdict"])) for row in rows}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CaseError(f"{path} is not a report of python -m evals ({type(error).__name__}: {error})") from error
    strange = sorted({verdict for _, verdict in found.values()} - set(VERDICTS))
    if strange:
        raise CaseError(f"{path} holds a verdict that is none: {strange[0]!r}")
    return found
