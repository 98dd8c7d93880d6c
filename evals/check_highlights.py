"""Are the highlighted words the right ones? python -m evals.check_highlights [--split test]

Checked on the answered cases that have a short answer: a mark is right if it holds a short form, or is part of one.
"""

import sys

import click

from assistant import chain
from assistant.reply import Ask, Reply
from assistant.settings import load_settings
from evals.cases import Case, load_cases

LEAST = 0.95


def marks(reply: Reply) -> list[str]:
    """The highlighted words of a reply."""
    return [citation.quote[start - citation.start : end - citation.start] for citation in reply.citations for start, end in citation.highlights]


def is_right(mark: str, case: Case) -> bool:
    """Whether a mark holds a short form of the answer, or is part of one."""
    return any(short.lower() in mark.lower() or mark.lower() in short.lower() for short in case.short)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--split", type=click.Choice(["dev", "test"]), default="test", help="Which half of the cases (default: test).")
def main(split: str) -> None:
    """Print the precision of the marks, and every wrong one; exit code 1 below the bound."""
    answerer = chain.load(load_settings(), lambda what, done, of: None).chain
    cases = [case for case in load_cases() if case.split == split and case.short]
    found = [(case, mark) for case in cases for mark in marks(answerer.invoke(Ask(case.question, case.history)))]
    wrong = [(case, mark) for case, mark in found if not is_right(mark, case)]
    for case, mark in wrong if split == "dev" else ():
        click.echo(f"wrong: {case.question!r} -> {mark!r}, not {' or '.join(case.short)!r}")
    precision = 1 - len(wrong) / len(found) if found else 1.0
    click.echo(f"{len(found)} marks on {len(cases)} questions with a short answer, {split} half: precision {precision:.3f}, at least {LEAST}")
    sys.exit(0 if precision >= LEAST else 1)


if __name__ == "__main__":
    main(prog_name="python -m evals.check_highlights")
