"""How long a language model makes a reader wait: python -m evals.bench.model, on the dev half's plain questions. Exit code 1 above the bounds."""

import statistics
import sys
import time

import click

from assistant import chain
from assistant.reply import Ask, Delta
from assistant.settings import load_settings
from evals.bench.figure import Figure
from evals.cases import load_cases

FIRST_WORD_SECONDS = 1.5
WHOLE_SECONDS = 5.0


def waits(assistant: chain.Assistant, question: str) -> tuple[float, float] | None:
    """Seconds to the first word and to the whole answer; None where the question is refused."""
    started = time.perf_counter()
    first = None
    for event in assistant.chain.stream(Ask(question)):
        if first is None and isinstance(event, Delta):
            first = time.perf_counter() - started
        last = event
    return None if first is None or last.status == "not_stated" else (first, time.perf_counter() - started)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--model", default="local", metavar="NAME", help="The language model (default: local).")
@click.option("--questions", type=click.IntRange(min=2), default=30, metavar="N", help="How many questions (default: 30).")
def main(model: str, questions: int) -> None:
    """Print the medians over answered questions, and whether they are within their bounds."""
    assistant = chain.load(load_settings(model=model), lambda what, done, of: None)
    asked = [case.question for case in load_cases() if case.split == "dev" and case.kind == "plain"][:questions]
    found = [waited for question in asked if (waited := waits(assistant, question)) is not None]
    figures = [
        Figure("first word, median, s", statistics.median(first for first, _ in found), most=FIRST_WORD_SECONDS),
        Figure("whole answer, median, s", statistics.median(whole for _, whole in found), most=WHOLE_SECONDS),
    ]
    click.echo(f"{len(found)} answers by {model}")
    for figure in figures:
        click.echo(figure.line())
    sys.exit(0 if all(figure.holds for figure in figures) else 1)


if __name__ == "__main__":
    main(prog_name="python -m evals.bench.model")
