"""Numbers -> rows of text, for the terminal, for the README and for the report: one table, shown three ways. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from evals.metrics import MEASURES, Number, by_kind, numbers
from evals.score import Scored

UNMEASURED = "–"
SHORT_OF_KIND = ("recall_at_1", "right", "citation_precision", "refused")
LONG_OF_KIND = ("recall_at_1", "recall_at_3", "recall_at_5", "mrr", "right", "citation_recall", "citation_precision", "refused")


@dataclass(frozen=True)
class Column:
    """One answerer on one set of cases. `peak_mib` is the highest memory use of the process by then."""

    answerer: str
    what: str
    scored: tuple[Scored, ...]
    peak_mib: float | None = None

    @cached_property
    def numbers(self) -> dict[str, Number]:
        """Every measure, by key."""
        return numbers(self.scored)

    @cached_property
    def kinds(self) -> dict[str, dict[str, Number]]:
        """Every measure of each kind of question."""
        return by_kind(self.scored)


@dataclass(frozen=True, slots=True)
class Table:
    """A head and rows of cells, all of one length; the first cell of a row is its title."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def cell(number: Number, unit: str = "share") -> str:
    """A value with its interval, or a dash where it is unmeasured."""
    if number.value is None:
        return UNMEASURED
    digits = 1 if unit == "ms" else 3
    if number.low is None or number.high is None:
        return f"{number.value:.{digits}f}"
    return f"{number.value:.{digits}f} ({number.low:.{digits}f} to {number.high:.{digits}f})"


def overall(columns: Sequence[Column]) -> Table:
    """A row a measure, a column an answerer."""
    head = ("", *(f"{column.answerer}, {column.what}" for column in columns))
    questions = ("questions (with an answer)", *(f"{len(c.scored)} ({sum(s.case.answerable for s in c.scored)})" for c in columns))
    measured = [(m.title, *(cell(column.numbers[m.key], m.unit) for column in columns)) for m in MEASURES]
    memory = ("peak memory, MiB", *(UNMEASURED if c.peak_mib is None else f"{c.peak_mib:.0f}" for c in columns))
    return Table(head, (questions, *measured, memory))


def of_kinds(column: Column, keys: Sequence[str] = LONG_OF_KIND) -> Table:
    """A row a kind of question, a column a measure."""
    titles = [next(m.title for m in MEASURES if m.key == key) for key in keys]
    counts = {kind: sum(s.case.kind == kind for s in column.scored) for kind in column.kinds}
    rows = [(kind.replace("_", " "), str(counts[kind]), *(cell(found[key]) for key in keys)) for kind, found in column.kinds.items()]
    return Table(("kind", "questions", *titles), tuple(rows))


def as_markdown(table: Table) -> str:
    """A table in GitHub's Markdown, a newline at its end."""
    lines = [table.head, ("---",) * len(table.head), *table.rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
