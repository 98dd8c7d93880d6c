from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.build import build, encoder_for
from index.encoder import DEFAULT_MODEL
from index.errors import StoreDamaged
from index.search import EvidenceRetriever
from index.store import open_store
from tests.conftest import MAX_BYTES

FILES = {
    "harbour.txt": "The harbour of Ruritania was built in 1887. Twelve cranes stand there.\n\nThe tide is low at noon.",
    "garden.md": "# Garden\nRoses bloom in June. The gardener waters them at dawn.",
    "sign.txt": "—\n\n...",
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, exported: Path) -> EvidenceRetriever:
    """A retriever over documents without questions."""
    folder = tmp_path_factory.mktemp("plain")
    docs, index = folder / "docs", folder / "index"
    docs.mkdir()
    index.mkdir()
    (index / "encoder").symlink_to(exported)
    for name, text in FILES.items():
        (docs / name).write_text(text, encoding="utf-8")
    build(docs, index, DEFAULT_MODEL, MAX_BYTES)
    encoder = encoder_for(index, DEFAULT_MODEL)
    return EvidenceRetriever.over(open_store(index, encoder), encoder)


@pytest.fixture(scope="module")
def article(built_index: Path) -> EvidenceRetriever:
    encoder = encoder_for(built_index, DEFAULT_MODEL)
    return EvidenceRetriever.over(open_store(built_index, encoder), encoder)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When was the harbour built?", "The harbour of Ruritania was built in 1887."),
        ("How many cranes are there?", "Twelve cranes stand there."),
        ("When do the flowers blossom?", "Roses bloom in June."),
        ("Ruritania", "The harbour of Ruritania was built in 1887."),
    ],
)
def test_the_sentence_that_answers_comes_first(plain: EvidenceRetriever, question: str, text: str) -> None:
    found = plain.find(question)
    assert found[0].sentence.text == text
    assert found[0].document.text[found[0].start : found[0].end] == text
    assert [e.score for e in found] == sorted((e.score for e in found), reverse=True)
    assert all(e.asked is None and e.recognised is None for e in found)


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("When was the INF Treaty signed?", 11),
        ("What did he ask NATO to do?", 6),
        ("Which agency reported the statement?", 1),
        ("When did the US formally quit?", 12),
    ],
)
def test_the_article_with_its_questions(article: EvidenceRetriever, question: str, number: int) -> None:
    best = article.find(question)[0]
    assert best.sentence.number == number
    assert best.asked is not None
    assert best.recognised is not None


def test_it_is_a_langchain_retriever(plain: EvidenceRetriever) -> None:
    documents = plain.invoke("When was the harbour built?")
    assert documents[0].page_content == "The harbour of Ruritania was built in 1887."
    assert documents[0].metadata["source"] == "harbour.txt"
    assert documents[0].metadata["evidence"].sentence.number == 0


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=200))
def test_any_question_finds_something_and_breaks_nothing(plain: EvidenceRetriever, question: str) -> None:
    found = plain.find(question)
    assert found
    assert len({(e.document.name, e.sentence.number) for e in found}) == len(found)
    assert all(-1.001 <= e.dense <= 1.001 for e in found)


def test_misspelt_words_are_put_right_towards_the_text(plain: EvidenceRetriever) -> None:
    assert plain.spelling.correct("When was the harbuor of Ruritannia built?") == "When was the harbour of Ruritania built?"


def test_vectors_that_break_while_in_use_are_said_to_be_damaged(tmp_path: Path, exported: Path) -> None:
    docs, index = tmp_path / "docs", tmp_path / "index"
    docs.mkdir()
    index.mkdir()
    (docs / "a.txt").write_text(FILES["harbour.txt"])
    (index / "encoder").symlink_to(exported)
    build(docs, index, DEFAULT_MODEL, MAX_BYTES)
    encoder = encoder_for(index, DEFAULT_MODEL)
    retriever = EvidenceRetriever.over(open_store(index, encoder), encoder)
    database = index / "generation-1/chroma/chroma.sqlite3"
    database.write_bytes(b"\x00" * database.stat().st_size)
    with pytest.raises(StoreDamaged, match="run assistant index"):
        retriever.find("When was the harbour built?")
    with pytest.raises(StoreDamaged):
        open_store(index, encoder)
