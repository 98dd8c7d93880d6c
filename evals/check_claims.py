"""How well the check of drafted sentences does: precision and recall on labelled ones.

`python -m evals.check_claims [--split dev|test] [--show]` reads claims.jsonl: a line a sentence as a model might
draft it, whose markers count the article's sentences from 1, whether the article supports it, and what is wrong.
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from assistant.support import Cited
from assistant.verify import verify
from index.passages import split
from index.source import Source, read_source

CLAIMS = Path(__file__).with_name("claims.jsonl")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A drafted sentence with its markers, and whether it follows from what it cites."""

    claim: str
    supported: bool
    kind: str
    split: str


@dataclass(frozen=True, slots=True)
class Score:
    """Of the sentences kept: how many are supported (precision), of the supported: how many are kept (recall); and of the dropped."""

    kept_precision: float
    kept_recall: float
    dropped_precision: float
    dropped_recall: float


def read_claims(half: str) -> list[Labelled]:
    """The labelled sentences of one half, "dev" or "test"."""
    rows = (json.loads(line) for line in CLAIMS.read_text(encoding="utf-8").splitlines())
    return [labelled for row in rows if (labelled := Labelled(**row)).split == half]


def numbered(source: Source) -> list[Cited]:
    """Every sentence of a source as evidence, in its order."""
    sentences = split(source)[1]
    return [Cited.of(sentences, s.number) for s in sentences]


def score(labelled: list[Labelled], evidence: list[Cited]) -> tuple[Score, list[tuple[Labelled, str]]]:
    """The score, and the sentences judged wrongly with the reason given ("" for one that was kept)."""
    counts: Counter[tuple[bool, bool]] = Counter()
    wrong = []
    for one in labelled:
        checked = verify(one.claim, evidence)
        stands = not checked.dropped and bool(checked.claims)
        counts[one.supported, stands] += 1
        if stands != one.supported:
            wrong.append((one, checked.dropped[0].reason if checked.dropped else ""))
    right, lost, let_through, caught = (counts[pair] for pair in ((True, True), (True, False), (False, True), (False, False)))
    return Score(right / (right + let_through), right / (right + lost), caught / (caught + lost), caught / (caught + let_through)), wrong


def main() -> None:
    """Print precision and recall of one half."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--show", action="store_true", help="list what was judged wrongly")
    parser.add_argument("--source", type=Path, default=Path("source_docs/putin-inf-treaty-statement.txt"))
    given = parser.parse_args()
    labelled = read_claims(given.split)
    found, wrong = score(labelled, numbered(read_source(given.source, given.source.parent, 1_000_000)))
    print(f"{len(labelled)} sentences of the {given.split} half, {sum(one.supported for one in labelled)} supported")  # noqa: T201
    print(f"kept:    precision {found.kept_precision:.3f}, recall {found.kept_recall:.3f}")  # noqa: T201
    print(f"dropped: precision {found.dropped_precision:.3f}, recall {found.dropped_recall:.3f}")  # noqa: T201
    for one, reason in wrong if given.show else []:
        print(f"{'LOST' if one.supported else 'KEPT'} ({one.kind}) {one.claim}  {reason}")  # noqa: T201


if __name__ == "__main__":
    main()
