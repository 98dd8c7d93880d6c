import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.question import checked, cleaned
from assistant.reply import Ask, Turn
from index.errors import QuestionError


def refused(question: str) -> str:
    with pytest.raises(QuestionError) as caught:
        checked(Ask(question), max_chars=2_000, max_turns=20)
    return str(caught.value)


@pytest.mark.parametrize("question", ["", " ", "\n\t ", "\x00\x07\x1b", "\ufeff", "\u200d", "\u202e\u200b", "\ud800", "\x1b[31m", "\u00a0\u3000"])
def test_nothing_is_asked(question: str) -> None:
    assert "empty" in refused(question)


def test_a_question_over_the_limit_says_both_lengths() -> None:
    message = refused("x" * 2_000_000)
    assert "2,000,000" in message
    assert "limit of 2,000" in message
    assert "ASSISTANT_MAX_QUESTION_CHARS" in message
    assert checked(Ask("x" * 2_000), 2_000, 20).question == "x" * 2_000


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("  When\twas\r\nit? ", "When was it?"),
        ("When\x00 was\x07 it?\x7f", "When was it?"),
        ("When \x1b[1;31mwas\x1b[0m it?", "When was it?"),
        ("\x1b]0;title\x07When\x1b]8;;http://x\x1b\\ was it?", "When was it?"),
        ("When \ud83d was it?", "When was it?"),
        ("When \u202ewas\u202c it?", "When was it?"),
        ("متى وُقِّعت المعاهدة؟", "متى وُقِّعت المعاهدة؟"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467 who?", "\U0001f468\u200d\U0001f469\u200d\U0001f467 who?"),
        ("cafe\u0301?", "cafe\u0301?"),
    ],
)
def test_what_is_left_of_a_question(given_: str, expected: str) -> None:
    assert checked(Ask(given_), 2_000, 20).question == expected


@given(st.text(st.characters(exclude_categories=())))
def test_a_cleaned_text_can_be_shown_written_and_cleaned_again(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once
    assert all(c.isprintable() or c in "\u200c\u200d" for c in once)
    once.encode("utf-8")


def test_the_newest_turns_are_kept_cleaned_and_cut() -> None:
    history = tuple(Turn("user" if n % 2 == 0 else "assistant", f"turn\x1b[2J {n} {'x' * 30}") for n in range(6))
    kept = checked(Ask("Why?", history), max_chars=8, max_turns=2).history
    assert kept == (Turn("user", "turn 4 x"), Turn("assistant", "turn 5 x"))
    assert checked(Ask("Why?", history), 2_000, 0).history == ()
    assert len(checked(Ask("Why?", history), 2_000, 100).history) == 6
