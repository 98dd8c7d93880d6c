"""The questions that a text answers, and near ones that it does not, read beside the source and checked against it.

The multi-vector pattern ("hypothetical questions"; doc2query, Nogueira et al. 2019): `<name>.questions.jsonl`
lies beside `<name>.txt`. Its first line names the source, `{"source": "<file name>", "sha256": "..."}`; each
further line is `{"question": "...", "spans": [[start, end], ...]}`. The spans point at the words of the source
that answer the question, all of them needed; an empty list marks a question that the source does not answer.
`"after": ["...", ...]` gives the questions asked before, oldest first, of one that follows up on them.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from index.errors import QuestionFileError
from index.passages import Sentence
from index.source import Source

MOST = 10_000  # questions in one file: fitting takes time with their cube
Span = tuple[int, int]
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: no text can hold it


@dataclass(frozen=True, slots=True)
class IndexedQuestion:
    """A question and the spans of the source that answer it; none where the source does not."""

    question: str
    spans: tuple[Span, ...]
    example: bool = False
    after: tuple[str, ...] = ()

    @property
    def standalone(self) -> str:
        """The question with those before it, as a follow-up is asked."""
        return join_questions((*self.after, self.question))


def join_questions(questions: tuple[str, ...]) -> str:
    """Earlier questions and the one that follows up on them, one a line, as one text that stands alone."""
    return "\n".join(" ".join(question.split()) for question in questions)


def last_question(standalone: str) -> str:
    """The question that was asked, of one joined to those before it."""
    return standalone.rpartition("\n")[2]


def question_file(source_path: Path) -> Path:
    """Where the questions of a source lie, whether or not there are any."""
    return source_path.with_name(f"{source_path.stem}.questions.jsonl")


def read_questions(path: Path, source: Source, sentences: tuple[Sentence, ...]) -> tuple[IndexedQuestion, ...]:
    """The questions of `source`, in file order; none where there is no file.

    Raises QuestionFileError, with the line, for anything that does not fit: another version of the source,
    a broken line, a span outside the text or across sentences, a question asked twice.
    """
    if not path.exists():
        return ()
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionFileError(f"cannot read {path}: {error}") from error
    questions: list[IndexedQuestion] = []
    seen: set[str] = set()
    head = _object(path, 1, lines[0] if lines else "")
    if head.get("sha256") != source.sha256:
        raise QuestionFileError(f"{path} was written for another version of {source.name}: remove it, or write it anew with assistant index --write-questions")
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        found = _question(path, number, line, sentences)
        key = " ".join(found.standalone.lower().split())
        if key in seen:
            raise QuestionFileError(f"{path}, line {number}: {found.question!r} stands there twice: remove one")
        seen.add(key)
        questions.append(found)
    if len(questions) > MOST:
        raise QuestionFileError(f"{path} holds {len(questions):,} questions, over the limit of {MOST:,}: leave some out")
    if questions and not any(question.spans for question in questions):
        raise QuestionFileError(f"{path} holds no question that {source.name} answers: add some, or remove the file")
    return tuple(questions)


def write_questions(path: Path, source: Source, questions: list[IndexedQuestion]) -> None:
    """Write a file that read_questions reads; it appears whole or not at all."""
    rows: list[dict[str, object]] = [{"source": source.name, "sha256": source.sha256}]
    for question in questions:
        row: dict[str, object] = {"question": question.question, "spans": [list(span) for span in question.spans]}
        row |= {"example": True} if question.example else {}
        rows.append(row | ({"after": list(question.after)} if question.after else {}))
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    partial.replace(path)


def _object(path: Path, number: int, line: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise QuestionFileError(f"{path}, line {number}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise QuestionFileError(f"{path}, line {number}: a JSON object is expected")
    return row


def _question(path: Path, number: int, line: str, sentences: tuple[Sentence, ...]) -> IndexedQuestion:
    row = _object(path, number, line)
    question, spans = row.get("question"), row.get("spans")
    after = row.get("after", [])
    unknown = set(row) - {"question", "spans", "example", "after"}
    texts = [question, *after] if isinstance(after, list) else [None]
    if not all(isinstance(text, str) and text.strip() and not _SURROGATE.search(text) for text in texts) or not isinstance(spans, list) or unknown:
        raise QuestionFileError(f'{path}, line {number}: expected {{"question": "...", "spans": [[start, end], ...]}}')
    checked: list[Span] = []
    for span in spans:
        pair = isinstance(span, list) and len(span) == 2 and all(type(end) is int for end in span)
        if not pair or not any(s.start <= span[0] < span[1] <= s.end for s in sentences):
            raise QuestionFileError(f"{path}, line {number}: the span {span!r} is not inside one sentence of the source")
        checked.append((span[0], span[1]))
    return IndexedQuestion(str(question), tuple(checked), row.get("example") is True, tuple(str(text) for text in texts[1:]))
