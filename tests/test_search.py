from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.build import build, encoder_for
from index.embedding_model import DEFAULT_MODEL
from index.errors import StoreDamaged
from index.search import DENSE_WEIGHT, EvidenceRetriever
from index.store import open_store
from tests.conftest import MAX_BYTES


def over(index: Path) -> EvidenceRetriever:
    encoder = encoder_for(index, DEFAULT_MODEL)
    return EvidenceRetriever.over(open_store(index, encoder), encoder)


@pytest.fixture(scope="module")
def retriever(built_index: Path) -> EvidenceRetriever:
    return over(built_index)


def best(retriever: EvidenceRetriever, question: str) -> str:
    return retriever.find(question)[0].sentence.text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("When was the INF Treaty signed?", "signed by the Soviet Union and the United States in 1987"),
        ("When did the US begin to withdraw?", "In February 2019"),
        ("When did the US formally leave?", "In August of the same year"),
        ("On what date did RIA Novosti report?", "on 26 October"),
        ("What happened in August 2019?", "In August of the same year"),
    ],
)
def test_dates_are_found(retriever: EvidenceRetriever, question: str, words: str) -> None:
    assert words in best(retriever, question)


@pytest.mark.parametrize(
    ("misspelt", "right"),
    [
        ("Who signed the traety?", "Who signed the treaty?"),
        ("What is a moratorim on misiles?", "What is a moratorium on missiles?"),
        ("Where is Kalinigrad?", "Where is Kaliningrad?"),
        ("Who is the king of France?", "Who is the king of France?"),
    ],
)
def test_misspelt_words_are_put_right_and_others_left(retriever: EvidenceRetriever, misspelt: str, right: str) -> None:
    assert retriever.spelling.correct(misspelt) == right


def test_a_follow_up_is_understood_by_the_line_before_it(retriever: EvidenceRetriever) -> None:
    assert "In August of the same year" in best(retriever, "When did the US start to withdraw from the treaty?\nAnd when did they formally leave?")
    assert "in 1987" in best(retriever, "Who signed the INF Treaty?\nIn which year?")


def test_scores_by_hand_and_best_first(retriever: EvidenceRetriever) -> None:
    found = retriever.find("When was the INF Treaty signed?")
    assert [e.score for e in found] == sorted((e.score for e in found), reverse=True)
    assert len({(e.document.name, e.start) for e in found}) == len(found)
    for evidence in found:
        assert evidence.asked is not None
        assert evidence.score == pytest.approx(evidence.asked + DENSE_WEIGHT * evidence.dense)
        assert evidence.document.text[evidence.start : evidence.end] == evidence.sentence.text


def test_as_a_langchain_retriever(retriever: EvidenceRetriever) -> None:
    document = retriever.invoke("When did the US formally leave?")[0]
    assert "August of the same year (August 2019)" in document.page_content
    assert document.metadata["source"] == document.metadata["evidence"].document.name == "putin-inf-treaty-statement.txt"


def test_two_documents_without_questions(tmp_path: Path, new_index: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "tea.txt").write_text("Ann sells green tea in Rome. The shop opened in 1950.")
    (docs / "rum.md").write_text("# Rum\n\nBob ships barrels of rum from Oslo. His harbour froze in 1963.")
    build(docs, new_index, DEFAULT_MODEL, MAX_BYTES)
    retriever = over(new_index)
    tea, rum = retriever.find("Who sells tea?"), retriever.find("When did the harbour freeze?")
    assert (tea[0].document.name, tea[0].sentence.text) == ("tea.txt", "Ann sells green tea in Rome.")
    assert (rum[0].document.name, rum[0].sentence.text) == ("rum.md", "His harbour froze in 1963.")
    assert {e.document.name for e in tea} == {"tea.txt", "rum.md"}
    assert tea[0].bm25 > 0
    assert tea[0].signs is not None
    assert all(e.asked is None and e.recognised is None for e in tea)
    assert retriever.spelling.correct("Which harbuor?") == "Which harbour?"
    assert retriever.find("xyzzy?")[0].bm25 == 0


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


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=200))
def test_any_question_finds_something_and_breaks_nothing(plain: EvidenceRetriever, question: str) -> None:
    found = plain.find(question)
    assert found
    assert len({(e.document.name, e.sentence.number) for e in found}) == len(found)
    assert all(-1.001 <= e.dense <= 1.001 for e in found)


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
