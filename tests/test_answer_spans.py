import pytest

from index.answer_spans import answers_of_kind
from index.asked_kind import Kind


def found(kind: Kind, text: str) -> list[str]:
    return [text[start:end] for start, end in answers_of_kind(kind, text)]


@pytest.mark.parametrize(
    ("kind", "text", "answers"),
    [
        ("time", "It was reported on 26 October.", ["26 October"]),
        ("time", "In February 2019, it began; it was signed in 1987.", ["February 2019", "1987"]),
        ("time", "In August of the same year, they left.", ["August of the same year"]),
        ("time", "It was built in the late 19th century.", ["the late 19th century"]),
        ("time", "The 9M729 has a range of 500 km.", []),
        ("number", "It has a range of 500 km to 5,500 km.", ["500 km to 5,500 km"]),
        ("number", "Two states signed it in 1987.", ["Two"]),
        ("number", "It grew by 3.5 percent, or $2 million.", ["3.5 percent", "$2 million"]),
        ("number", "Stage 1 and the 9M729 count nothing.", []),
        ("place", "They met in the Kaliningrad region, in secret.", ["the Kaliningrad region"]),
        ("place", "Bases in NATO countries were visited.", []),
        ("place", "It was said in October and in English.", []),
        ("person", "President Vladimir Putin stayed; Ann Lee said so.", ["Vladimir Putin", "Ann Lee"]),
        ("person", "The United States said so.", []),
        ("reason", "It ended in 2019 because of him.", []),
        ("other", "It ended in 2019.", []),
    ],
)
def test_what_stands_there_of_a_kind(kind: Kind, text: str, answers: list[str]) -> None:
    assert found(kind, text) == answers


def test_spans_are_half_open_offsets() -> None:
    assert answers_of_kind("time", "Signed in 1987.") == ((10, 14),)
