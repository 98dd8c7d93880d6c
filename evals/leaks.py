"""Which cases stand word for word among the questions that the index holds, so that figures can be given without them."""

from collections.abc import Iterable
from pathlib import Path

from evals.cases import Case
from index.passages import split
from index.questions import join_questions, question_file, read_questions
from index.source import read_source, source_files
from index.words import words


def indexed_questions(sources: Path) -> frozenset[tuple[str, ...]]:
    """The words of every question beside the sources. Raises SourceError or QuestionFileError."""
    found = set()
    for path in source_files(sources):
        source = read_source(path, sources)
        for question in read_questions(question_file(path), source, split(source)[1]):
            found.add(tuple(words(question.standalone)))
    return frozenset(found)


def without_indexed(cases: Iterable[Case], indexed: frozenset[tuple[str, ...]]) -> list[Case]:
    """The cases whose words, with those of the questions before it or without, are not an indexed question's."""
    return [case for case in cases if not {tuple(words(case.question)), tuple(words(_joined(case)))} & indexed]


def _joined(case: Case) -> str:
    return join_questions((*(turn.content for turn in case.history if turn.role == "user"), case.question))
