import pytest

from index.contrast import contrasts
from index.words import stems


def count(asked: str, said: str) -> int:
    return contrasts(frozenset(stems(asked)), frozenset(stems(said)))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("who refused the treaty", "they accepted the treaty"),
        ("who accepts the treaty", "they refuse the treaty"),
        ("the eastern border", "the western border"),
        ("what is known", "this is unknown"),
        ("what is unknown", "this is known"),
        ("who sells it", "he buys it"),
    ],
)
def test_a_contrary_in_its_place_is_counted(asked: str, said: str) -> None:
    assert count(asked, said) == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("who refused the treaty", "they refused the treaty"),
        ("who refused or accepted it", "they accepted it"),
        ("who accepts it", "some accept it and others refuse"),
        ("who signed it", "they like milk"),
        ("", "they refuse"),
    ],
)
def test_what_is_said_or_asked_for_itself_contradicts_nothing(asked: str, said: str) -> None:
    assert count(asked, said) == 0


def test_each_contradicted_word_counts() -> None:
    assert count("who accepts the eastern border", "they refuse the western border") == 2
