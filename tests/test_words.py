from hypothesis import given
from hypothesis import strategies as st

from index.words import content_stems, pieces, stems, words


def test_words() -> None:
    assert words("The U.S. 9M729's MK-41") == ["the", "us", "9m729", "mk-41"]
    assert words("Don’t the countries' leaders co-operate?") == ["dont", "the", "countries", "leaders", "co-operate"]
    assert words("500 km to 5,500 km") == ["500", "km", "to", "5", "500", "km"]
    assert words("_ -- ... '") == []


def test_stems_of_one_word_are_one() -> None:
    assert stems("withdraw withdrawing withdraws") == ["withdraw"] * 3
    assert stems("9M729 missiles") == ["9m729", "missil"]


def test_content_stems_leave_out_function_and_question_words() -> None:
    assert content_stems("When was the treaty signed?") == stems("treaty signed")


@given(st.text())
def test_pieces_put_together_are_the_text(text: str) -> None:
    assert "".join(gap + word for gap, word in pieces(text)) == text
    assert pieces(text)[-1][1] == ""


@given(st.text())
def test_any_text_has_words(text: str) -> None:
    assert all(word and not any(c.isspace() for c in word) for word in words(text))
    assert len(stems(text)) == len(words(text))
