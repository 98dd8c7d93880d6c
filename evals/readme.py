"""Today's tables, written into a README between two marks."""

from collections.abc import Sequence
from pathlib import Path

from evals.cases import HERE, read_lines
from evals.record import write_text
from evals.table import Column, as_markdown, of_kinds, overall
from index.errors import CaseError

README = HERE / "README.md"
BEGIN, END = "<!-- tables: python -m evals --write-readme -->", "<!-- end of tables -->"


def tables(columns: Sequence[Column]) -> str:
    """The tables in Markdown."""
    first = columns[0]
    return f"{as_markdown(overall(columns))}\nBy kind of question, `{first.answerer}` on the {first.what} half:\n\n{as_markdown(of_kinds(first))}"


def write_tables(columns: Sequence[Column], readme: Path = README) -> None:
    """Put the tables into the README. Raises CaseError where its marks are missing."""
    write_between(readme, BEGIN, END, tables(columns))


def write_between(readme: Path, begin: str, end: str, text: str) -> None:
    """Put `text`, a newline at its end, between two marks. Raises CaseError where they are missing."""
    before, _, after = _parts(readme, begin, end)
    write_text(readme, f"{before}{begin}\n\n{text}\n{end}{after}")


def between_marks(readme: Path = README, begin: str = BEGIN, end: str = END) -> tuple[str, str]:
    """What stands before the tables, and the tables. Raises CaseError."""
    before, inside, _ = _parts(readme, begin, end)
    return before, inside.strip("\n")


def _parts(readme: Path, begin: str, end: str) -> tuple[str, str, str]:
    before, found, rest = "\n".join(read_lines(readme)).partition(begin)
    inside, ended, after = rest.partition(end)
    if not found or not ended:
        raise CaseError(f"{readme} has no line {begin!r} with {end!r} after it: put them where the tables go")
    return before, inside, after
