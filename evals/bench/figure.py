"""A measured figure and its bound, as a line and as a row of the table. Pure, but for the clock."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evals.table import UNMEASURED, Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured ratio, time or count, and what it must not pass; `how` says what it was made of."""

    name: str
    value: float
    most: float | None = None
    least: float | None = None
    how: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is within its bound; without one it is."""
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    def is_near(self) -> bool:
        """Whether it holds, or misses its bound by less than half: all that few rounds can tell."""
        return (self.most is None or self.value <= 1.5 * self.most) and (self.least is None or 1.5 * self.value >= self.least)

    @property
    def bound(self) -> str:
        """Its bound in words."""
        if self.most is not None:
            return f"at most {self.most:g}"
        return f"at least {self.least:g}" if self.least is not None else UNMEASURED

    def line(self) -> str:
        """As it is printed."""
        return f"{self.name:<62}{number(self.value):>8}  {self.bound:<14}{'holds' if self.holds else 'MISSED'}  {self.how}".rstrip()


def as_table(figures: Sequence[Figure]) -> Table:
    """A row a figure; one that misses its bound says so."""
    rows = [(f.name, f"**{number(f.value)}**" + ("" if f.holds else " (missed)"), f.bound, f.how) for f in figures]
    return Table(("", "measured", "to reach", "how"), tuple(rows))


def number(value: float) -> str:
    """Two digits behind the point, three where it is small."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def in_turn(rounds: int, *calls: Callable[[], object]) -> list[list[float]]:
    """Seconds of each call, round by round in turn, after a round that warms up."""
    taken = [[seconds(call) for call in calls] for _ in range(1 + rounds)][1:]
    return [list(column) for column in zip(*taken, strict=True)]


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median over the rounds of one time over the other."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
