import pytest

from index.dates import read_dates

FEBRUARY = "In February 2019, the United States began to leave the treaty, which was signed in 1987."


@pytest.mark.parametrize(
    ("text", "before", "words", "meaning"),
    [
        ("In August of the same year, they left.", FEBRUARY, "August of the same year", "August 2019"),
        ("They left in that same year.", FEBRUARY, "that same year", "2019"),
        ("They left that year.", "It was signed in 1987.", "that year", "1987"),
        ("By March of the following year it was over.", FEBRUARY, "March of the following year", "March 2020"),
        ("It had begun the previous year.", FEBRUARY, "the previous year", "2018"),
        (
            "In the next year, it was over.",
            "Talks that began as early as in 1985 led to a draft; the signing came much later, in 1987.",
            "the next year",
            "1988",
        ),
    ],
)
def test_a_relative_date_is_read_with_the_sentence_before(text: str, before: str, words: str, meaning: str) -> None:
    (reading,) = read_dates(text, 100, before)
    assert text[reading.start - 100 : reading.end - 100].lower() == words.lower()
    assert reading.meaning == meaning


def test_nothing_is_read_without_a_year_or_without_a_relative_date() -> None:
    assert read_dates("In August of the same year, they left.", 0, "They began in February.") == ()
    assert read_dates("In August 2019, they left.", 0, FEBRUARY) == ()
    assert read_dates("", 0, FEBRUARY) == ()


def test_every_date_of_a_sentence_is_read_in_order() -> None:
    text = "In May of the same year they met, and in June of the following year they signed."
    assert [reading.meaning for reading in read_dates(text, 0, FEBRUARY)] == ["May 2019", "June 2020"]
