import pytest

from index.asked_kind import Asked, asked_for
from index.words import stem


@pytest.mark.parametrize(
    ("question", "kind", "word"),
    [
        ("Who signed the INF Treaty?", "person", "who"),
        ("Whose statement is it?", "person", "who"),
        ("And to whom did he speak?", "person", "who"),
        ("Who'd have signed it?", "person", "who"),
        ("When did the US leave?", "time", "when"),
        ("In which year was it signed?", "time", "which"),
        ("Where are the launchers?", "place", "where"),
        ("Which countries signed?", "place", "which"),
        ("How many states signed?", "number", "how many"),
        ("How far do the missiles fly?", "number", "how many"),
        ("What is the range of the missiles?", "number", "what"),
        ("Why did it lapse?", "reason", "why"),
        ("What was the reason for it?", "reason", "what"),
        ("How is it verified?", "other", "how"),
        ("What did he propose?", "other", "what"),
        ("Was it signed?", "other", ""),
        ("", "other", ""),
    ],
)
def test_the_kind_of_answer(question: str, kind: str, word: str) -> None:
    found = asked_for(question)
    assert (found.kind, found.word) == (kind, word)


def test_the_noun_ends_before_the_verb_and_is_a_stem() -> None:
    assert asked_for("In which year was it signed?") == Asked("time", "which", "year")
    assert asked_for("Which French cities did he visit?").noun == stem("cities")
    assert asked_for("When did it end?").noun == ""


def test_the_first_question_word_counts() -> None:
    assert asked_for("Who said when it ends?").kind == "person"
