"""The floors: what numbers must reach, and whether they do."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.cases import HERE
from evals.metrics import MEASURES, numbers
from evals.score import Scored
from index.errors import CaseError

FLOORS = HERE / "floors.toml"


@dataclass(frozen=True, slots=True)
class Floor:
    """A bound on a measure, of all questions or of one kind; either end may be open."""

    measure: str
    kind: str | None
    at_least: float | None
    at_most: float | None

    @property
    def title(self) -> str:
        """What is bounded, in words."""
        title = next(measure.title for measure in MEASURES if measure.key == self.measure)
        return f"{title}, {self.kind.replace('_', ' ')}" if self.kind else title

    def holds(self, value: float | None) -> bool:
        """Whether the value keeps to the bound; what is unmeasured does not."""
        if value is None:
            return False
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        bounds = [f"at least {self.at_least:g}"] if self.at_least is not None else []
        return " and ".join(bounds + ([f"at most {self.at_most:g}"] if self.at_most is not None else []))


@dataclass(frozen=True, slots=True)
class Checked:
    """A floor and the value that was held against it; None is unmeasured."""

    floor: Floor
    value: float | None

    @property
    def holds(self) -> bool:
        """Whether the floor is kept."""
        return self.floor.holds(self.value)


def read_floors(path: Path = FLOORS) -> tuple[Floor, ...]:
    """The floors of a TOML file. Raises CaseError."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("floor")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CaseError(f"cannot read {path}: {error}") from error
    if not isinstance(rows, list) or not rows:
        raise CaseError(f"{path} holds no [[floor]]")
    return tuple(_floor(row, f"{path}, floor {number}") for number, row in enumerate(rows, start=1))


def _floor(row: dict[str, Any], where: str) -> Floor:
    unknown = set(row) - {"measure", "kind", "at_least", "at_most"}
    if unknown:
        raise CaseError(f"{where}: there is no field {sorted(unknown)[0]!r}: the fields are measure, kind, at_least, at_most")
    if row.get("measure") not in {measure.key for measure in MEASURES}:
        raise CaseError(f"{where}: there is no measure {row.get('measure')!r}")
    bounds = [row[name] for name in ("at_least", "at_most") if name in row]
    if not bounds or not all(type(bound) in (int, float) for bound in bounds):
        raise CaseError(f"{where}: give at_least or at_most, a number")
    return Floor(row["measure"], row.get("kind"), row.get("at_least"), row.get("at_most"))


def check_floors(floors: Sequence[Floor], scored: Sequence[Scored]) -> tuple[Checked, ...]:
    """Every floor with its value on these cases."""
    kinds = {floor.kind for floor in floors}
    measured = {kind: numbers([s for s in scored if kind in (None, s.case.kind)]) for kind in kinds}
    return tuple(Checked(floor, measured[floor.kind][floor.measure].value) for floor in floors)
