import pytest

from assistant.reply import Turn
from assistant.rewrite import leans, standalone


def after(*questions: str) -> tuple[Turn, ...]:
    return tuple(turn for question in questions for turn in (Turn("user", question), Turn("assistant", "Some answer. [1]")))


@pytest.mark.parametrize(
    "question",
    [
        "And when did they formally leave?",
        "Why?",
        "What about NATO?",
        "When did it end?",
        "Who signed it?",
        "What else?",
        "Did he say why?",
        "What were those?",
    ],
)
def test_a_follow_up_leans(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        "When was the INF Treaty signed?",
        "What did Putin say about the deployment of missiles in Europe?",
        "Did Putin say that Russia will renounce the 9M729 missiles?",
        "Where did Putin offer his help?",
        "Is there a limit on the range of the missiles?",
    ],
)
def test_a_question_of_its_own_does_not(question: str) -> None:
    assert not leans(question)
    assert standalone(question, after("What is the weather in Paris?")) == question


def test_a_follow_up_is_joined_to_what_it_leans_on_and_no_more() -> None:
    alone = standalone("And when did they formally leave?", after("What is the Aegis system?", "When did the US start to withdraw from the treaty?"))
    assert "start to withdraw" in alone
    assert alone.endswith("And when did they formally leave?")
    assert "Aegis" not in alone


def test_a_follow_up_to_a_follow_up_takes_two_questions_at_most() -> None:
    alone = standalone("Why?", after("Who signed the INF Treaty in 1987?", "What about it now?", "And then?"))
    assert "What about it now?" in alone
    assert "1987" not in alone


@pytest.mark.parametrize("history", [(), (Turn("assistant", "Hello."),), (Turn("user", "  "),)])
def test_without_an_earlier_question_it_stays_as_it_is(history: tuple[Turn, ...]) -> None:
    assert standalone("And when did they leave?", history) == "And when did they leave?"


def test_a_change_of_topic_is_taken_at_its_word() -> None:
    assert standalone("New topic: who is he?", after("When was the INF Treaty signed?")) == "who is he?"
    assert standalone("By the way,", after("When was the INF Treaty signed?")).endswith("By the way,")
