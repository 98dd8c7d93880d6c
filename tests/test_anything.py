"""Whatever is put in, in bytes, in JSON or by a client: it is read, or one line says what is wrong with it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from langchain_core.runnables import RunnableLambda
from pydantic import ValidationError

from assistant.batch import answer_lines
from assistant.openai_api import CompletionRequest, as_ask
from assistant.question import checked
from assistant.reply import Ask, Citation, Dropped, Milliseconds, Near, Reply
from evals.cases import Case
from evals.run import Answerer, Finished, as_row, ask_cases_kept, read_row
from evals.squad import read_squad
from index.documents import read_documents
from index.errors import CaseError, QuestionError, QuestionFileError, StoreDamaged, StoreStale, UserError
from index.manifest import check_files, check_model, read_manifest
from index.passages import split
from index.questions import read_questions
from index.source import Source

in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

DEEP = b"[" * 100_000
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()))


@contextmanager
def refused_well(*kinds: type[UserError]) -> Iterator[None]:
    """What is done inside may be refused by these errors, in one line, and fail in no other way."""
    try:
        yield
    except kinds as error:
        if not str(error) or "\n" in str(error):
            raise AssertionError(f"said as {str(error)!r}") from error


def json_of(*keys: str) -> st.SearchStrategy[Any]:
    """Any JSON value, whose objects like to have these keys."""
    names = st.sampled_from(keys) | st.text(max_size=5)
    return st.recursive(LEAVES | st.sampled_from(keys), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5), max_leaves=12)


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def echo(ask: Ask) -> Reply:
    valid = checked(ask, 100, 20)
    return Reply(valid.question, valid.question, "not_stated", f"after {len(valid.history)} turns", 0.0, "fake")


TURNS = st.lists(st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "tool"]), "content": LEAVES}), max_size=3)
ASKED = st.fixed_dictionaries({"question": LEAVES}, optional={"history": TURNS | LEAVES, "id": LEAVES})


@given(st.lists(st.binary() | (ASKED | json_of("question", "history", "role", "content", "id")).map(dumped), max_size=4))
@example([DEEP, b"9" * 5_000, b"\xff", b"\x00"])
def test_a_batch(lines: list[bytes]) -> None:
    rows = list(answer_lines(lines, RunnableLambda(echo)))
    assert len(rows) == sum(bool(line.strip()) for line in lines)
    for row in rows:
        assert ("error" in row) != ("answer" in row)
        json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace")


SOURCE = Source("a.txt", "The treaty was signed in 1987. It ended in 2019.", "5e1f")
SENTENCES = split(SOURCE)[1]
HEAD = dumped({"source": "a.txt", "sha256": "5e1f"})
SPANS = st.lists(st.lists(st.integers(-2, 60) | LEAVES, max_size=3), max_size=2)
ROW = st.fixed_dictionaries({"question": st.text() | LEAVES, "spans": SPANS | LEAVES}, optional={"after": st.lists(LEAVES, max_size=2), "example": LEAVES})


@in_one_folder
@given(st.binary() | st.lists((ROW | json_of("question", "spans", "after")).map(dumped), max_size=4).map(lambda rows: b"\n".join([HEAD, *rows])))
@example(HEAD + b"\n" + DEEP)
def test_a_question_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.questions.jsonl"
    path.write_bytes(data)
    with refused_well(QuestionFileError):
        found = read_questions(path, SOURCE, SENTENCES)
        assert all(0 <= start < end <= len(SOURCE.text) for question in found for start, end in question.spans)


ANSWERS = st.lists(st.fixed_dictionaries({"text": st.sampled_from(["tea", "", "Ann"]) | LEAVES, "answer_start": st.integers(-3, 12) | LEAVES}), max_size=2)
QUESTION = st.fixed_dictionaries({"id": LEAVES, "question": LEAVES, "is_impossible": LEAVES, "answers": ANSWERS | LEAVES})
PARAGRAPH = st.fixed_dictionaries({"context": st.just("Ann sells tea.") | LEAVES, "qas": st.lists(QUESTION, max_size=2) | LEAVES})
ARTICLE = st.fixed_dictionaries({"title": LEAVES, "paragraphs": st.lists(PARAGRAPH, max_size=2)})
SQUAD = st.fixed_dictionaries({"data": st.lists(ARTICLE | json_of("title", "paragraphs"), max_size=2)})


@in_one_folder
@given(st.binary() | (SQUAD | json_of("data", "title", "paragraphs", "context", "qas")).map(dumped))
@example(DEEP)
def test_a_squad_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "squad.json"
    path.write_bytes(data)
    with refused_well(CaseError):
        found = read_squad(path)
        texts = [found.documents[fact.document][start:end] for fact in found.facts.values() for start, end in fact.spans]
        assert all(texts)


MANIFEST = st.fixed_dictionaries({"format": st.just(1) | LEAVES, "model": LEAVES, "files": st.dictionaries(st.text(), LEAVES) | LEAVES, "rows": LEAVES})


@in_one_folder
@given(st.binary() | (MANIFEST | json_of("format", "model", "files", "rows")).map(dumped))
@example(DEEP)
@example(dumped({"format": 1, "model": "all-MiniLM-L6-v2", "files": {"\0": "x"}, "rows": ""}))
def test_a_manifest(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(data)
    with refused_well(StoreDamaged, StoreStale):
        manifest = read_manifest(tmp_path)
        with refused_well(StoreStale):
            check_model(tmp_path, manifest, "another-model")
        check_files(tmp_path, manifest)


DOCUMENT = st.fixed_dictionaries(
    {"name": LEAVES, "sha256": LEAVES, "questions_sha256": LEAVES, "text": LEAVES, "examples": st.lists(LEAVES, max_size=2)}
    | {name: st.lists(st.lists(LEAVES, max_size=5), max_size=2) for name in ("passages", "sentences")}
)


@in_one_folder
@given(st.binary() | (st.lists(DOCUMENT, max_size=2) | json_of("name", "text", "passages", "sentences")).map(dumped))
@example(DEEP)
def test_the_documents_of_an_index(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "documents.json").write_bytes(data)
    with refused_well(StoreDamaged):
        read_documents(tmp_path)


CITATIONS = st.lists(st.builds(Citation, highlights=st.lists(st.tuples(st.integers(), st.integers()), max_size=2).map(tuple)), max_size=2).map(tuple)
REPLIES = st.builds(
    Reply,
    confidence=st.floats(0, 1),
    citations=CITATIONS,
    dropped=st.lists(st.builds(Dropped), max_size=2).map(tuple),
    near=st.none() | st.builds(Near),
    suggestions=st.lists(st.text(), max_size=2).map(tuple),
    milliseconds=st.builds(Milliseconds, *[st.floats(0, 1e9)] * 3),
)
CASE = Case("c", "dev", "plain", "Why?", ())
FINISHED = st.builds(
    Finished,
    st.just(CASE),
    REPLIES,
    st.none() | st.lists(st.tuples(st.text(), st.integers(), st.integers()), max_size=2).map(tuple),
    st.none() | st.tuples(st.text(), CITATIONS),
    st.integers(0, 10**6).map(float),
)


@given(FINISHED)
def test_a_reply_comes_back_from_its_json_as_it_was(finished: Finished) -> None:
    assert read_row(json.loads(json.dumps(as_row(finished))), CASE) == finished


@in_one_folder
@given(st.lists(st.binary() | json_of("id", "reply", "ranking", "instead").map(dumped), max_size=3))
@example([DEEP, b"{}"])
@example([b'{"id": "c", "reply": {"citations": 1}}', b"{}"])
def test_a_journal_of_a_run(tmp_path: Path, lines: list[bytes]) -> None:
    journal = tmp_path / "run.jsonl"
    answerer = Answerer("fake", RunnableLambda(echo))
    ask_cases_kept(answerer, [CASE], journal, {}, False, lambda: None)
    head, *_ = journal.read_bytes().split(b"\n")
    journal.write_bytes(b"\n".join([head, *lines]))
    with refused_well(CaseError):
        kept = ask_cases_kept(answerer, [CASE], journal, {}, True, lambda: None)
        assert [one.case for one in kept] == [CASE]


MESSAGES = st.lists(st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant", "nobody"])}, optional={"content": LEAVES}), max_size=4)
REQUEST = st.fixed_dictionaries({"model": LEAVES, "messages": MESSAGES | LEAVES}, optional={"stream": LEAVES, "n": LEAVES, "stream_options": LEAVES})


@given(st.binary() | (REQUEST | json_of("model", "messages", "role", "content", "type", "text")).map(dumped))
@example(DEEP)
def test_a_request_in_openai_s_form(data: bytes) -> None:
    with refused_well(QuestionError), suppress(ValidationError):
        checked(as_ask(CompletionRequest.model_validate_json(data).messages), 2_000, 20)
