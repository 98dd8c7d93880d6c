"""The command line of the evals: python -m evals. Exit code 1 below the floors, 2 for what cannot be used."""

import re
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import CaseError, UserError

if TYPE_CHECKING:
    from evals.evaluation import Evaluation, Subject
    from evals.judge import Judged
    from index.build import Progress


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    answerer: str
    split: str
    out: Path
    resume: bool
    baselines: bool
    compare: tuple[Path, Path] | None
    squad: Path | None
    limit: int | None
    judge: str | None
    write_readme: bool
    sources: Path | None
    index: Path | None

    @property
    def name(self) -> str:
        """What the files of the run are called."""
        what = f"squad-{self.squad.stem}" if self.squad is not None else self.split
        return re.sub(r"[^A-Za-z0-9._-]+", "-", f"{self.answerer}-{what}")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--answerer", default="quotes", metavar="NAME", help="Who answers: quotes, or a language model (default: quotes).")
@click.option("--split", type=click.Choice(["all", "dev", "test"]), default="all", help="Which half of the cases (default: all).")
@click.option("--out", type=click.Path(path_type=Path), default=Path("reports"), metavar="DIR", help="Folder of the reports (default: reports).")
@click.option("--resume", is_flag=True, help="Go on with a run that was cut off.")
@click.option("--baselines/--no-baselines", default=True, help="Measure the two textbook baselines too (default: yes).")
@click.option("--compare", nargs=2, type=click.Path(path_type=Path), metavar="A.json B.json", help="Say what got better and worse, and stop.")
@click.option("--squad", type=click.Path(path_type=Path), metavar="FILE", help="Ask the questions of a file in SQuAD 2.0 form instead.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="With --squad: so many questions, spread over the file.")
@click.option("--judge", metavar="MODEL", help="Have answers judged by a language model, named as for --answerer.")
@click.option("--write-readme", is_flag=True, help="Write the tables into evals/README.md.")
@click.option("--sources", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the documents (default: source_docs).")
@click.option("--index", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the index (default: .index).")
def main(**given: Any) -> None:
    """Ask the cases, and say in numbers how good the answers are."""
    options = Options(**given)
    try:
        held = _compared(*options.compare) if options.compare else _run(options)
    except UserError as error:
        click.echo(f"evals: {' '.join(str(error).split())}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("evals: stopped; the finished cases are kept, and --resume goes on", err=True)
        sys.exit(130)
    sys.exit(0 if held else 1)


def _compared(before: Path, after: Path) -> bool:
    from evals import show
    from evals.record import compare

    show.comparison(compare(before, after))
    return True


def _run(options: Options) -> bool:
    """Whether every floor is kept."""
    from rich.console import Console

    from assistant.progress import shown_progress
    from assistant.settings import load_settings
    from evals import evaluation, show
    from evals.floors import check_floors, read_floors
    from evals.report import write_reports

    if options.limit is not None and options.squad is None:
        raise CaseError("--limit goes with --squad")
    if options.judge and options.squad is not None:
        raise CaseError("--judge goes with the statement's cases, whose labels it is held against: leave out --squad")
    if options.write_readme and (options.squad is not None or options.split != "all" or not options.baselines):
        raise CaseError("--write-readme needs the whole set: give no --squad, --split or --no-baselines")
    floors = read_floors()
    model = "" if options.answerer == evaluation.QUOTES else options.answerer
    settings = load_settings(sources=options.sources, index=options.index, model=model)
    with shown_progress(Console(stderr=True)) as progress:
        opened: AbstractContextManager[Subject]
        if options.squad is not None:
            opened = evaluation.on_squad(settings, options.answerer, options.squad, options.limit, progress)
        else:
            opened = nullcontext(evaluation.on_statement(settings, options.answerer, options.split, progress, options.index is not None))
        with opened as subject:
            journal = options.out / f"{options.name}.partial.jsonl"
            found = evaluation.evaluate(subject, journal, options.resume, options.baselines, progress)
            floored = options.squad is None and options.split != "dev"
            checked = check_floors(floors, found.columns[0].scored) if floored else ()
            judged = _judged(options.judge, subject, found, progress) if options.judge else None
            page = write_reports(options.out, options.name, subject, found, checked, judged)
            journal.unlink()
    show.columns(found.columns, checked, judged)
    click.echo(f"{page} shows every case.")
    if options.write_readme:
        from evals.readme import write_tables

        write_tables(found.columns)
    return all(one.holds for one in checked)


def _judged(name: str, subject: "Subject", found: "Evaluation", progress: "Progress") -> "Judged":
    from assistant.models import open_model
    from evals import judge
    from evals.cases import load_cases

    model = open_model(subject.settings.model_copy(update={"model": name}), progress)
    labelled = judge.load_labels(load_cases())
    of = len(labelled) + len(judge.to_judge(found.scored))
    ticks = iter(range(1, of + 1))
    return judge.judge_run(model, found.scored, labelled, subject.facts, subject.texts, lambda: progress("judging", next(ticks), of))


if __name__ == "__main__":
    main(prog_name="python -m evals")
