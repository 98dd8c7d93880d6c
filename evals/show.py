"""The table, the floors and a comparison, on the terminal."""

import re
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as RichTable

from evals import table
from evals.floors import Checked
from evals.judge import Agreement, Judged
from evals.record import Change, Comparison


def columns(found: Sequence[table.Column], checked: Sequence[Checked], judged: Judged | None) -> None:
    """The numbers of every column, those of the first by kind, the floors, and what the judge found."""
    console = Console()
    _print(console, table.overall(found), "95 % bootstrap intervals after each value; – is unmeasured")
    _print(console, table.of_kinds(found[0], table.SHORT_OF_KIND), f"{found[0].answerer}, {found[0].what}, by kind of question")
    if judged:
        console.print(f"judge {judged.model}: {table.cell(judged.right)} of the answers right; {agreed(judged.agreement)}")
    for one in checked:
        value = table.UNMEASURED if one.value is None else f"{one.value:.4f}"
        console.print(
            f"[{'green' if one.holds else 'bold red'}]{'kept ' if one.holds else 'BELOW'}[/] {one.floor.title}: {value}, {one.floor}", highlight=False
        )


def agreed(agreement: Agreement) -> str:
    """The agreement between judge and labels, in words."""
    kappa = "unmeasured" if agreement.kappa is None else f"{agreement.kappa:.2f}"
    return f"Cohen's kappa with {agreement.labels} labels by hand {kappa} (the same {agreement.same} times of {agreement.measured} judged)"


def comparison(found: Comparison) -> None:
    """What got better and worse, case by case, and whether that may be chance."""
    console = Console(highlight=False)
    for title, style, changes in (("better", "green", found.better), ("worse", "red", found.worse), ("wrong in another way", "dim", found.otherwise)):
        console.print(f"{title}: {len(changes)}", style=f"bold {style}")
        for change in changes:
            console.print(f"  {_change(change)}", style=style, markup=False)
    alone = f"; {found.only_before} and {found.only_after} cases are in one of them only" if found.only_before or found.only_after else ""
    console.print(f"{found.shared} cases in both{alone}. McNemar's exact test: p = {found.p:.3g}")


def _change(change: Change) -> str:
    return f"{change.id}: {change.before} -> {change.after}: {change.question}"


def _print(console: Console, shown: table.Table, caption: str) -> None:
    rich = RichTable(caption=caption, caption_justify="left", box=None, pad_edge=False, header_style="bold")
    for number, head in enumerate(shown.head):
        rich.add_column(head, justify="left" if number == 0 else "right", overflow="fold", min_width=len(".000–1.000"))
    for row in shown.rows:
        rich.add_row(*map(_compact, row))
    console.print(rich)
    console.print()


def _compact(cell: str) -> str:
    """ "0.906 (0.873 to 0.932)" as ".906 .873–.932"."""
    value, between, interval = cell.partition(" to ")
    return re.sub(r"\b0\.", ".", f"{value.replace('(', '')}–{interval.rstrip(')')}") if between else cell
