"""What an experiment found, and the table of them all. Pure, but for the clean folder that each experiment gets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evals.table import UNMEASURED, Table


@dataclass(frozen=True, slots=True)
class Setting:
    """Where an experiment works: its own folder, the model's export (folder `encoder` of an index), and whether to be short."""

    folder: Path
    exported: Path
    short: bool

    def times(self, full: int, short: int) -> int:
        """How often to try."""
        return short if self.short else full


@dataclass(slots=True)
class Outcome:
    """`tried` counts trials, `lost` has a line for each after which something was lost or said badly.

    `note` says what came of it where nothing was lost; `unmeasured` why nothing could be tried.
    """

    tried: int = 0
    lost: list[str] = field(default_factory=list)
    note: str = ""
    unmeasured: str = ""

    def add(self, what: str, problem: str) -> None:
        """Count a trial; an empty `problem` is none."""
        self.tried += 1
        if problem:
            self.lost.append(f"{what}: {problem}")


@dataclass(frozen=True, slots=True)
class Experiment:
    """`title` is its row of the table; `run` must be importable by name, since it runs in a process of its own."""

    title: str
    run: Callable[[Setting], Outcome]


def as_table(found: Sequence[tuple[str, Outcome]]) -> Table:
    """A row an experiment."""
    rows = []
    for title, outcome in found:
        if outcome.unmeasured:
            rows.append((title, UNMEASURED, UNMEASURED, f"not measured: {outcome.unmeasured}"))
        else:
            rows.append((title, f"{outcome.tried:,}", str(len(outcome.lost)), "what was lost is said below" if outcome.lost else outcome.note))
    return Table(("what was done", "times", "lost", "what came of it"), tuple(rows))
