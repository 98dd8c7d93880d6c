import pytest

from assistant.greeting import is_greeting


@pytest.mark.parametrize(
    "message", ["hi", "Hello!", "Hey there", "good morning", "thanks", "Thank you so much!", "bye", "What can you do?", "help", "Hi, what can I ask?", "ok"]
)
def test_a_greeting(message: str) -> None:
    assert is_greeting(message)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "?",
        "!!!",
        "When was it signed?",
        "hi when was it signed?",
        "What is this treaty?",
        "help Putin?",
        "Hello " * 50,
        "who are you talking about",
        "\U0001f44b",
    ],
)
def test_not_a_greeting(message: str) -> None:
    assert not is_greeting(message)
