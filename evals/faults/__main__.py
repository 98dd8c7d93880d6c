"""The command line of the fault experiments: python -m evals.faults. Exit code 1 when anything was lost, 2 for what cannot be used."""

import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from evals.faults.outcome import Experiment, Outcome, Setting
from index.errors import UserError

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- faults: python -m evals.faults --write-readme -->", "<!-- end of faults -->"


def experiments() -> Sequence[Experiment]:
    """Every experiment, in the order of the table."""
    from evals.faults import disks, flips, homes, kills, readers, sources, swaps, writers

    return (
        Experiment("`kill -9` while indexing, spread over the build and its swap", kills.kills),
        Experiment("a full disk while indexing", disks.full_disk),
        Experiment("flipped bits in every file of the index", flips.flips),
        Experiment("flipped bits in the model's export", flips.export_flips),
        Experiment("a power cut's half-written swap", swaps.cuts),
        Experiment("a reader while a writer swaps", readers.readers),
        Experiment("three writers at once", writers.writers),
        Experiment("a clock set back, file times that lie", writers.clocks),
        Experiment("sources that change while they are read", sources.changing),
        Experiment("file names with anything in them", sources.names),
        Experiment("no home, a broken home, no folder for temporary files", homes.homes),
        Experiment("an index that may only be read", homes.permissions),
        Experiment("a disk that may only be read", disks.read_only_disk),
        Experiment("other locales, terminals without UTF-8", homes.locales),
    )


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--short", is_flag=True, help="Fewer trials of each, in about a minute.")
@click.option("--only", metavar="WORD", help="Only the experiments whose title holds WORD.")
@click.option("--write-readme", is_flag=True, help="Write the table into README.md.")
@click.pass_context
def main(ctx: click.Context, short: bool, only: str | None, write_readme: bool) -> None:
    """Do to the program what may make it lose something, and say what it lost."""
    from index.errors import CaseError

    try:
        if write_readme and (short or only):
            raise CaseError("--write-readme needs every trial of every experiment: leave out --short and --only")
        found = run([one for one in experiments() if only is None or only in one.title], short)
        if write_readme:
            _write(found)
    except UserError as error:
        click.echo(f"faults: {error}", err=True)
        ctx.exit(2)
    lost = [f"LOST {title}: {line}" for title, outcome in found for line in outcome.lost]
    for line in lost:
        click.echo(line)
    sys.exit(1 if lost else 0)


def run(chosen: Sequence[Experiment], short: bool) -> list[tuple[str, Outcome]]:
    """Run the experiments two at a time, each in a process and a folder of its own, and print the table. Raises UserError."""
    from evals.faults.outcome import as_table
    from evals.faults.program import CONTEXT
    from evals.table import as_markdown

    outcomes: dict[str, Outcome] = {}
    with TemporaryDirectory(prefix="faults-") as folder:
        exported = _export(Path(folder, "export"))
        with ProcessPoolExecutor(2, CONTEXT) as pool:
            settings = {one.title: Setting(Path(folder, str(number)), exported, short) for number, one in enumerate(chosen)}
            for setting in settings.values():
                setting.folder.mkdir()
            under_way = {pool.submit(one.run, settings[one.title]): one.title for one in chosen}
            for done in as_completed(under_way):
                outcomes[under_way[done]] = done.result()
                click.echo(f"{len(outcomes)} of {len(chosen)}: {under_way[done]}", err=True)
    found = [(one.title, outcomes[one.title]) for one in chosen]
    click.echo(as_markdown(as_table(found)))
    return found


def _export(index: Path) -> Path:
    """The model's export, taken over from the index in use where there is one."""
    from index.build import encoder_for
    from index.embedding_model import DEFAULT_MODEL

    used = Path(".index", "encoder")
    if used.is_dir():
        shutil.copytree(used, index / "encoder", ignore=shutil.ignore_patterns("*.partial-*"))
    encoder_for(index, DEFAULT_MODEL).export()
    return index / "encoder"


def _write(found: list[tuple[str, Outcome]]) -> None:
    from evals.faults.outcome import as_table
    from evals.readme import write_between
    from evals.table import as_markdown

    write_between(README, BEGIN, END, as_markdown(as_table(found)))


if __name__ == "__main__":
    main(prog_name="python -m evals.faults")
