"""Fit the numbers of assistant/gate.json: python -m evals.fit [--squad FILE]. Each part of the file has a function here.

The part for documents with questions is fitted on the dev half of the cases, the part for those without on a file
in SQuAD 2.0 form, where one is given.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.gate import NUMBERS
from index.errors import UserError

if TYPE_CHECKING:
    from evals.fit_squad import Held
    from index.build import Progress

_DIGITS = 4


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--squad", type=click.Path(path_type=Path), metavar="FILE", help="Articles and questions in SQuAD 2.0 form.")
@click.option("--write/--no-write", default=True, help="Write the numbers into assistant/gate.json (default: yes).")
def main(squad: Path | None, write: bool) -> None:
    """Fit when to answer, and print how well it goes on articles that nothing was fitted on."""
    from rich.console import Console

    from assistant.progress import shown_progress

    try:
        with shown_progress(Console(stderr=True)) as progress:
            parts = {"with_questions": with_questions(progress)}
            if squad is not None:
                parts["without_questions"] = without_questions(squad, progress)
        for name, part in parts.items() if write else ():
            write_part(name, part)
    except UserError as error:
        click.echo(f"evals.fit: {' '.join(str(error).split())}", err=True)
        sys.exit(2)


def with_questions(progress: "Progress") -> dict[str, Any]:
    """Fit the part for documents with questions on the dev half, and print how well it goes by cross-validation."""
    from assistant.settings import load_settings
    from evals import fit_statement

    part, accuracy = fit_statement.with_questions(load_settings(), progress)
    click.echo(f"with questions, dev half, balanced accuracy by cross-validation: {accuracy:.3f}")
    return part


def without_questions(squad_file: Path, progress: "Progress") -> dict[str, Any]:
    """Fit the part for documents without questions on the articles of a SQuAD 2.0 file, and print the cross-validation."""
    import numpy as np

    from assistant.settings import load_settings
    from evals.fit_squad import ask_all, fit, leave_one_out
    from evals.logistic import thresholds
    from evals.squad import read_squad

    settings = load_settings()
    exported = settings.index / "encoder"
    asked = ask_all(read_squad(squad_file), settings.embedding_model, exported if exported.is_dir() else None, progress)
    held, probabilities = leave_one_out(asked)
    fitted = fit(asked)
    _show(held)
    click.echo("weights of index/rank.py: " + ", ".join(f"{name} {weight:.2f}" for name, weight in fitted.weights._asdict().items()))
    return {
        "intercept": fitted.gate.intercept,
        "coefficients": fitted.gate.coefficients,
        "thresholds": thresholds(probabilities, np.array([one.answerable for one in asked])),
    }


def write_part(name: str, part: dict[str, Any], path: Path = NUMBERS) -> None:
    """Put one part into the file, the others staying as they are."""
    numbers = json.loads(path.read_text(encoding="utf-8"))
    numbers[name] = {key: {k: round(v, _DIGITS) for k, v in value.items()} if isinstance(value, dict) else round(value, _DIGITS) for key, value in part.items()}
    path.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")


def _show(held: list["Held"]) -> None:
    row = "{:42} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8}"
    click.echo(row.format("article left out", "questions", "hit", "cosine", "ours", "kept", "refused"))
    for one in held:
        shares = (one.hit_rate, one.baseline, one.ours, one.kept, one.refused)
        click.echo(row.format(one.article[:42], one.questions, *(f"{share:.3f}" for share in shares)))
    means = (sum(getattr(one, name) for one in held) / len(held) for name in ("hit_rate", "baseline", "ours", "kept", "refused"))
    click.echo(row.format("mean", sum(one.questions for one in held), *(f"{mean:.3f}" for mean in means)))


if __name__ == "__main__":
    main(prog_name="python -m evals.fit")
