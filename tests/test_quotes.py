from pathlib import Path

import pytest

from assistant import quotes
from index.documents import Document
from index.passages import split
from index.search import Evidence
from index.source import Source, read_source


@pytest.fixture(scope="module")
def article(sources: Path) -> Document:
    source = read_source(sources / "putin-inf-treaty-statement.txt", sources)
    return Document(source.name, source.sha256, "", source.text, *split(source))


def found(document: Document, number: int, dense: float = 0.5, asked: float | None = None) -> Evidence:
    return Evidence(document=document, sentence=document.sentences[number], dense=dense, bm25=0.5, asked=asked, score=(asked or 0) + dense)


@pytest.mark.parametrize(
    ("chosen", "cited"), [([11], [11]), ([12], [11, 12]), ([6], [5, 6]), ([9], [7, 9]), ([8, 9], [7, 8, 9]), ([12, 5], [5, 11, 12]), ([0, 0], [0])]
)
def test_a_sentence_brings_along_what_it_leans_on(article: Document, chosen: list[int], cited: list[int]) -> None:
    answer, citations = quotes.cite([found(article, number) for number in chosen])
    assert [article.sentences[n].start for n in cited] == [citation.start for citation in citations]
    assert [citation.number for citation in citations] == list(range(1, len(cited) + 1))
    assert answer == " ".join(f"{article.sentences[n].read} [{k}]" for k, n in enumerate(cited, start=1))


def test_a_quote_is_its_slice_of_the_text(article: Document) -> None:
    for sentence in article.sentences:
        citation = quotes.citation(1, article, sentence.number)
        assert citation.quote == article.text[citation.start : citation.end] == sentence.text
        assert citation.paragraph == sentence.passage
        assert all(citation.start <= start < end <= citation.end for start, end in citation.highlights)


def test_one_sentence_answers_unless_the_question_asks_for_more(article: Document) -> None:
    evidence = [found(article, 5, 0.60), found(article, 2, 0.59), found(article, 1, 0.58), found(article, 3, 0.10)]
    assert [e.sentence.number for e in quotes.choose("Who said so?", evidence)] == [5]
    assert [e.sentence.number for e in quotes.choose("Summarise it.", evidence)] == [1, 2, 5]


def test_what_the_question_model_is_sure_of_is_quoted_in_the_order_of_the_text(article: Document) -> None:
    evidence = [found(article, 5, asked=0.9), found(article, 1, asked=0.8), found(article, 3, asked=0.01)]
    assert [e.sentence.number for e in quotes.choose("What does he propose?", evidence)] == [1, 5]


def test_a_refusal_points_to_what_is_about_the_same_thing_only(article: Document) -> None:
    close = quotes.near([found(article, 5, 0.8)])
    assert close is not None
    assert close.quote == article.text[close.start : close.end] == article.sentences[5].text
    assert close.paragraph == 4
    assert quotes.near([found(article, 5, 0.01, asked=0.0)]) is None
    assert quotes.near([]) is None


def test_a_chain_of_leaning_sentences_comes_along_up_to_three() -> None:
    text = "The envoy spoke. He was brief. Then he left. It was late."
    source = Source("a.txt", text, "0")
    document = Document("a.txt", "0", "", text, *split(source))
    assert [sentence.leans_on for sentence in document.sentences] == [None, 0, 1, 2]
    _, citations = quotes.cite([found(document, 2)])
    assert [citation.quote for citation in citations] == ["The envoy spoke.", "He was brief.", "Then he left."]
    _, citations = quotes.cite([found(document, 3)])
    assert [citation.quote for citation in citations] == ["He was brief.", "Then he left.", "It was late."]
