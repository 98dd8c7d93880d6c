import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.passages import LONGEST, Passage, Sentence, split
from index.source import Source, read_source

PIECES = [
    "U.S.", "Dr.", "e.g.", "i.e.", "Mr. Putin", "No. 5", "a.m.", "J. R. R.", "500 km", "3.14", "...", "…", "?!", ".", "!", "?", "。", "』",
    '"', "'", "“", "”", "’", "(", ")", "[", "]", "«", "»", " ", "  ", "\t", "\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\n \n", "\f", "\v", "\x00", "\x85",
    "\u2028", "\u2029", "\u00a0", "\u200b", "\u200d", "\u202e", "\ufeff", "# ", "\n## Head", "The treaty", "ended", "He said", "it", "For example",
    "In August of the same year", "In 1987", "שלום", "مرحبا", "条約", "é", "e\u0301", "\U0001f600", "\U0001f468\u200d\U0001f469",
]  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join), st.lists(st.sampled_from(PIECES)).map(" ".join))


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in split(Source("a.txt", text, ""))[1]]


def covered(text: str, spans: tuple[Passage, ...] | tuple[Sentence, ...]) -> list[int]:
    counts = [0] * len(text)
    for span in spans:
        for position in range(span.start, span.end):
            counts[position] += 1
    return counts


@settings(max_examples=4 * settings().max_examples, deadline=None)
@given(TEXTS)
def test_every_character_but_white_space_is_in_one_passage_and_one_sentence(text: str) -> None:
    passages, sentences = split(Source("a.txt", text, ""))
    in_passages, in_sentences = covered(text, passages), covered(text, sentences)
    for position, character in enumerate(text):
        counts = (in_passages[position], in_sentences[position])
        assert counts == (1, 1) or ((character.isspace() or character == "\ufeff") and max(counts) <= 1)
    for sentence in sentences:
        passage = passages[sentence.passage - 1]
        assert passage.start <= sentence.start < sentence.end <= passage.end
        assert text[sentence.start : sentence.end] == sentence.text == sentence.text.strip()
        assert len(sentence.text) <= LONGEST
        assert sentence.leans_on is None or (sentence.leans_on < sentence.number and sentences[sentence.leans_on].passage == sentence.passage)
        assert all(sentence.start <= date.start < date.end <= sentence.end for date in sentence.dates)
    assert [passage.number for passage in passages] == list(range(1, len(passages) + 1))
    assert [sentence.number for sentence in sentences] == list(range(len(sentences)))
    assert all(before.end <= after.start for spans in (passages, sentences) for before, after in pairwise(spans))


NASTY = [
    "(", '"', "“", "([\"'", "'’", ".", ". ", '...)"', "!?", "…", "\n", "\r\n", "\n ", " ", "\t \n", "\f", "\ufeff", "\x00", "A.", "A. ", "U.S. ", "e.g. ",
    "Mr. ", "#", "\n# ", "x", "x.", "。」", "The a of the ", "He ", "1.", "a,", "\n\n(", ". (", "1987 ", "January ", "the same year ", "“(", ")”. ",
]  # fmt: skip


@pytest.mark.parametrize("unit", NASTY)
def test_time_grows_with_the_text_and_not_with_its_square(unit: str) -> None:
    """Of 8 times the text, in time of this process's own: 8 times as long if it grows with the text, 64 times with its square."""

    def seconds(characters: int) -> float:
        text = unit * (characters // len(unit))
        begun = time.process_time()
        split(Source("a.txt", text, ""))
        return time.process_time() - begun

    assert seconds(80_000) < 24 * seconds(10_000) + 0.1


def test_the_article(sources: Path) -> None:
    source = read_source(sources / "putin-inf-treaty-statement.txt", sources)
    passages, sentences = split(source)
    assert len(passages) == 7
    assert [sentence.passage for sentence in sentences] == [1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 6, 7, 7]
    assert {s.number: s.leans_on for s in sentences if s.leans_on is not None} == {6: 5, 8: 7, 9: 7, 12: 11}
    assert sentences[0].text == "Russian President Vladimir Putin: U.S. withdrawal to invalidate INF Treaty a grave mistake"
    assert sentences[12].read == "In August of the same year (August 2019), the United States formally withdrew from the Treaty."
    assert all(source.text[s.start : s.end] == s.text for s in sentences)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("The U.S. withdrawal came. It was fast.", ["The U.S. withdrawal came.", "It was fast."]),
        ("The U.S. Congress met.", ["The U.S. Congress met."]),
        ("Dr. Smith and Mr. Jones met. They spoke.", ["Dr. Smith and Mr. Jones met.", "They spoke."]),
        ("Weapons, e.g. Missiles, i.e. Rockets.", ["Weapons, e.g. Missiles, i.e. Rockets."]),
        ("It has a range of 5.5 km. More.", ["It has a range of 5.5 km.", "More."]),
        ('He said "It is over." Then he left.', ['He said "It is over."', "Then he left."]),
        ("Why? Because! Really… Yes.", ["Why?", "Because!", "Really…", "Yes."]),
        ("No end", ["No end"]),
        ("条約は終わった。次です。", ["条約は終わった。", "次です。"]),
        ("A line\nbroken in two. And\ton.", ["A line\nbroken in two.", "And\ton."]),
        ("First.\r\n\r\nSecond\r\nline.\r\n", ["First.", "Second\r\nline."]),
        ("# Head\nBody one. Body two.\n## Next\nMore.", ["# Head", "Body one.", "Body two.", "## Next", "More."]),
        ("J. R. R. Tolkien wrote. He did.", ["J. R. R. Tolkien wrote.", "He did."]),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_a_run_without_an_end_is_cut_at_a_space() -> None:
    words = "word " * 500
    pieces = texts(words)
    assert [len(piece) for piece in pieces] == [999, 999, 499]
    assert " ".join(pieces) == words.strip()
    assert [len(piece) for piece in texts("x" * 2_500)] == [1_000, 1_000, 500]


@pytest.mark.parametrize(
    ("text", "leans_on"),
    [
        ("The treaty ended. He called it a mistake.", 0),
        ("The treaty ended. For example, inspections stopped.", 0),
        ("The treaty ended. In August of the same year, they left.", 0),
        ("They proposed verification. The purpose of the verification is trust.", 0),
        ("They proposed verification. Moscow agreed. The purpose of the verification is trust.", 0),
        ("The treaty ended. Moscow agreed.", None),
        ("The treaty ended. The purpose of the inspection is trust.", None),
        ("The treaty ended.\n\nHe called it a mistake.", None),
    ],
)
def test_what_a_sentence_leans_on(text: str, leans_on: int | None) -> None:
    assert split(Source("a.txt", text, ""))[1][-1].leans_on == leans_on
