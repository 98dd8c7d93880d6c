"""Today's tables, written into evals/README.md between its two marks."""

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
    before, _ = between_marks(readme)
    text = "\n".join(read_lines(readme))
    after = text[text.index(END) :]
    write_text(readme, f"{before}{BEGIN}\n\n{tables(columns)}\n{after}")


def between_marks(readme: Path = README) -> tuple[str, str]:
    """What stands before the tables, and the tables. Raises CaseError."""
    text = "\n".join(read_lines(readme))
    before, found, rest = text.partition(BEGIN)
    inside, ended, _ = rest.partition(END)
    if not found or not ended:
        raise CaseError(f"{readme} has no line {BEGIN!r} with {END!r} after it: put them where the tables go")
    return before, inside.strip("\n")
