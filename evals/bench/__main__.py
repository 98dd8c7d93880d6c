"""The command line of the benchmarks: python -m evals.bench. Exit code 1 when a bound is missed, 2 for what cannot be used."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.errors import UserError

if TYPE_CHECKING:
    from evals.bench.figure import Figure
    from evals.bench.plot import Points

ROOT = Path(__file__).resolve().parents[2]
README, PLOT = ROOT / "README.md", ROOT / ".github" / "bench.svg"
BEGIN, END = "<!-- bench: python -m evals.bench --write-readme -->", "<!-- end of bench -->"
PARTS = ("start", "answer", "indexing", "size", "workers")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--short", is_flag=True, help="Fewer rounds and smaller sizes, in a minute or two; bounds may be missed by half.")
@click.option("--only", type=click.Choice(PARTS), help="Only that part.")
@click.option("--write-readme", is_flag=True, help="Write the table and the plot into README.md.")
@click.pass_context
def main(ctx: click.Context, short: bool, only: str | None, write_readme: bool) -> None:
    """Time it beside what stands for it in the textbook, in turn, and print the ratios."""
    from index.errors import CaseError

    try:
        if write_readme and (short or only):
            raise CaseError("--write-readme needs every part in full: leave out --short and --only")
        figures, plots = run(PARTS if only is None else (only,), short)
        if write_readme:
            _write(figures, plots)
    except UserError as error:
        click.echo(f"bench: {error}", err=True)
        ctx.exit(2)
    sys.exit(0 if all(figure.is_near() if short else figure.holds for figure in figures) else 1)


def run(parts: tuple[str, ...], short: bool) -> "tuple[list[Figure], list[tuple[str, str, Points]]]":
    """Every figure, printed as it comes, and what is to be plotted. Raises UserError."""
    from assistant.settings import load_settings
    from evals.bench import answer, indexing, size, start, workers
    from index.build import build

    settings = load_settings()
    build(settings.sources, settings.index, settings.embedding_model, settings.max_source_bytes)
    figures: list[Figure] = []
    plots: list[tuple[str, str, Points]] = []
    for part in parts:
        if part == "size":
            found, sizes = size.figures(settings, short)
            plots.append(("milliseconds a question", "passages", [(at.passages, at.milliseconds) for at in sizes]))
            plots.append(("MiB of memory", "passages", [(at.passages, at.peak_mib) for at in sizes]))
            plots.append(("milliseconds a question", "words of the question", size.by_length(settings)))
        elif part == "workers":
            found, rates = workers.figures(settings, short)
            plots.append(("answers a second", "web workers", rates))
        else:
            found = {"start": start.figures, "answer": answer.figures, "indexing": indexing.figures}[part](settings, short)
        for figure in found:
            click.echo(figure.line())
        figures += found
    return figures, plots


def _write(figures: "list[Figure]", plots: "list[tuple[str, str, Points]]") -> None:
    from evals.bench.figure import as_table
    from evals.bench.plot import panels
    from evals.readme import write_between
    from evals.record import write_text
    from evals.table import as_markdown

    write_between(README, BEGIN, END, as_markdown(as_table(figures)))
    write_text(PLOT, panels(plots))


if __name__ == "__main__":
    main(prog_name="python -m evals.bench")
