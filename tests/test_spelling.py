import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.spelling import Spelling

ENGLISH = {"signed", "signal", "when", "weather", "treat", "mission"}


@pytest.fixture
def spelling() -> Spelling:
    return Spelling({"treaty", "missiles", "kaliningrad", "signed", "putin", "9m729"}, ENGLISH.__contains__)


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("When was the treatey signd?", "When was the treaty signed?"),
        ("What of Kaliningard?", "What of Kaliningrad?"),
        ("whihc misiles", "which missiles"),
        ("Teh treaty", "Teh treaty"),  # too short to be sure
        ("The weather signal", "The weather signal"),  # words of the language
        ("treat the mission", "treat the mission"),
        ("9M728, 9m729 and 5500", "9M728, 9m729 and 5500"),  # codes and numbers are not guessed
        ("xylophonist", "xylophonist"),  # near nothing
        ("  spaced -- out!  ", "  spaced -- out!  "),
    ],
)
def test_a_misspelt_word_is_read_as_the_texts_own(spelling: Spelling, asked: str, read: str) -> None:
    assert spelling.correct(asked) == read


@given(st.text())
def test_what_holds_no_word_stays(text: str) -> None:
    assert Spelling(set(), lambda _: True).correct(text) == text


def test_another_form_of_a_known_word_is_left_as_it_is() -> None:
    spelling = Spelling({"stipulates", "withdrew"}, lambda _: False)
    assert spelling.correct("What does it stipulate?") == "What does it stipulate?"


@pytest.mark.parametrize("word", ["undeployed", "redeployed", "misdeployed"])
def test_what_a_prefix_makes_of_a_word_is_another_word(word: str) -> None:
    assert Spelling({"deployed"}, lambda _: False).correct(f"Are they {word}?") == f"Are they {word}?"
