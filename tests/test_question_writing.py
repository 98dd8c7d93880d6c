from pathlib import Path

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from assistant.models import LanguageModel, failures
from assistant.question_writing import questions_in, write_missing
from index.build import encoder_for
from index.embedding_model import DEFAULT_MODEL
from index.errors import ModelError
from index.passages import split
from index.questions import read_questions
from index.source import read_source

TEXT = "The lighthouse of Brel was built in 1871 by Anna Holt.\n\nPenguins on the southern island eat mostly krill in winter."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "brel.txt").write_text(TEXT, encoding="utf-8")
    return sources


def written(folder: Path, index: Path, *answers: str) -> dict[str, int]:
    chat = GenericFakeChatModel(messages=iter([AIMessage(answer) for answer in answers]))
    return write_missing(folder, 1_000_000, LanguageModel("fake", chat, failures()), encoder_for(index, DEFAULT_MODEL), 5.0, 0, lambda *_: None)


def test_a_question_that_finds_its_own_sentence_is_kept(folder: Path, new_index: Path) -> None:
    first = "1. When was the lighthouse of Brel built?\n2) **Who built the lighthouse?**\n- What do penguins eat in winter?\nThat is all."
    second = "What do the penguins on the southern island eat?\nwhat do the penguins on the southern island eat?\nWhy?"
    assert written(folder, new_index, first, second) == {"brel.txt": 3}
    source = read_source(folder / "brel.txt", folder, 1_000_000)
    questions = read_questions(folder / "brel.questions.jsonl", source, split(source)[1])
    assert [(q.question, source.text[q.spans[0][0] : q.spans[0][1]][:12]) for q in questions] == [
        ("When was the lighthouse of Brel built?", "The lighthou"),
        ("Who built the lighthouse?", "The lighthou"),
        ("What do the penguins on the southern island eat?", "Penguins on "),
    ]


def test_a_file_that_is_there_is_left_alone(folder: Path, new_index: Path) -> None:
    (folder / "brel.questions.jsonl").write_text("mine")
    assert written(folder, new_index) == {}
    assert (folder / "brel.questions.jsonl").read_text() == "mine"


def test_nothing_is_written_where_nothing_is_kept(folder: Path, new_index: Path) -> None:
    assert written(folder, new_index, "I am sorry.", "No.") == {"brel.txt": 0}
    assert not (folder / "brel.questions.jsonl").exists()


def test_a_model_that_fails_is_one_line(folder: Path, new_index: Path) -> None:
    with pytest.raises(ModelError, match="does not answer"):
        written(folder, new_index, "")


def test_lines_that_are_no_questions_are_left_out() -> None:
    assert questions_in("Here they are:\nQ1. What is it made of?\n" + "x" * 300 + "?\nIs it?\n* Is it red or blue?") == [
        "What is it made of?",
        "Is it red or blue?",
    ]
