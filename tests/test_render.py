import json

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from assistant import render
from assistant.reply import Citation, Dropped, Milliseconds, Near, Reply, Turn

TEXT = "Head\n\nHe said it. The treaty ended in 2019. More.\n\nTail"
START = TEXT.index("The treaty")
QUOTE = "The treaty ended in 2019."
CITATION = Citation(1, "a.txt", 2, START, START + len(QUOTE), QUOTE, ((START + 20, START + 24),))
ANSWERED = Reply("When?", "When did it end?", "answered", f"{QUOTE} [1]", 0.9, "quotes", (CITATION,))
REFUSED = Reply("Why?", "Why?", "not_stated", "The statement does not say.", 0.1, "quotes", near=Near("a.txt", 2, START, START + len(QUOTE), QUOTE))


def shown(what: RenderableType, width: int = 80, colour: bool = False) -> str:
    console = Console(width=width, force_terminal=colour, color_system="standard" if colour else None, highlight=False)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def test_the_reply_as_json() -> None:
    assert render.as_json(ANSWERED) == {
        "question": "When?",
        "standalone_question": "When did it end?",
        "status": "answered",
        "answer": "The treaty ended in 2019. [1]",
        "confidence": 0.9,
        "answerer": "quotes",
        "citations": ({"number": 1, "document": "a.txt", "paragraph": 2, "start": 18, "end": 43, "quote": QUOTE, "highlights": ((38, 42),)},),
        "dropped": (),
        "near": None,
        "suggestions": (),
        "notice": "",
        "milliseconds": {"search": 0.0, "answer": 0.0, "total": 0.0},
    }
    assert json.loads(json.dumps(render.as_json(ANSWERED)))["citations"][0]["highlights"] == [[38, 42]]


def test_a_cited_passage_is_shown_whole_with_its_quote_marked() -> None:
    plain = shown(render.below_answer(ANSWERED, {"a.txt": TEXT}, in_colour=False))
    assert "[1] a.txt, paragraph 2" in plain
    assert "«The treaty ended in *2019*.»" in plain
    assert "He said it." in plain
    assert "Head" not in plain
    assert "Tail" not in plain
    coloured = shown(render.below_answer(ANSWERED, {"a.txt": TEXT}, in_colour=True), colour=True)
    assert "\x1b[" in coloured
    assert "«" not in coloured


def test_quotes_of_one_passage_are_marked_in_it_once() -> None:
    first = Citation(1, "a.txt", 2, 6, 17, TEXT[6:17])
    second = Citation(2, "a.txt", 2, START, START + len(QUOTE), QUOTE)
    reply = Reply("When?", "When?", "answered", "...", 0.9, "quotes", (first, second))
    plain = shown(render.below_answer(reply, {"a.txt": TEXT}, in_colour=False))
    assert plain.count("He said it.") == 1
    assert "[1][2] a.txt, paragraph 2" in plain
    assert "«He said it.» «The treaty ended in 2019.» More." in plain


def test_a_refusal_shows_the_near_thing_and_no_citation() -> None:
    plain = shown(render.below_answer(REFUSED, {"a.txt": TEXT}, in_colour=False))
    assert "Nearest to it, a.txt, paragraph 2:" in plain
    assert "[1]" not in plain


def test_an_empty_line_stands_above_what_is_below_and_nowhere_else() -> None:
    assert "[1]\n\n[1] a.txt, paragraph 2\n" in shown(render.whole(ANSWERED, {"a.txt": TEXT}, in_colour=False))
    alone = Reply("Why?", "Why?", "not_stated", "The statement does not say.", 0.1, "quotes")
    assert shown(render.whole(alone, {}, in_colour=False)) == "The statement does not say.\n"


def test_colour_is_there_on_a_terminal_that_wants_it() -> None:
    assert render.has_colour(Console(force_terminal=True, color_system="standard"))
    assert not render.has_colour(Console(force_terminal=True, color_system="standard", no_color=True))
    assert not render.has_colour(Console(force_terminal=False))


def test_what_was_left_out_is_shown() -> None:
    reply = Reply("When?", "When?", "answered", "x", 0.9, "m", dropped=(Dropped("It ended in 1999.", "the number is not there"),), notice="quoted instead")
    plain = shown(render.below_answer(reply, {}, in_colour=False))
    assert "It ended in 1999." in plain
    assert "the number is not there" in plain
    assert "quoted instead" in plain


def test_a_narrow_terminal_wraps_at_words() -> None:
    lines = shown(render.below_answer(ANSWERED, {"a.txt": TEXT}, in_colour=False), width=24).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 24
    assert " ".join(" ".join(lines).split()).endswith("He said it. «The treaty ended in *2019*.» More.")


def test_square_brackets_in_an_answer_are_not_markup() -> None:
    reply = Reply("q", "q", "answered", "[red]Not[/red] red [1]", 0.9, "quotes")
    assert shown(render.answer_text(reply)).strip() == "[red]Not[/red] red [1]"


@given(st.text(st.characters(exclude_categories=())))
def test_nothing_shown_can_steer_a_terminal(text: str) -> None:
    assert all(c.isprintable() or c in "\u200c\u200d" for c in render.printable(text))
    assert len(render.printable(text)) == len(text)


def test_the_lines_around_a_quote() -> None:
    windows = TEXT.replace("\n", "\r\n")
    start = windows.index("The treaty")
    for text, at in ((TEXT, START), (windows, start), (TEXT[6:49], START - 6)):
        begin, end = render.paragraph_around(text, at, at + len(QUOTE))
        assert text[begin:end] == "He said it. The treaty ended in 2019. More."
    begin, end = render.paragraph_around("x" * 9_000, 4_000, 4_010)
    assert (begin, end) == (2_500, 5_510)


def test_the_transcript_is_markdown_that_says_where() -> None:
    reply = Reply("Is *this* <b>it</b>?", "", "answered", "A [link](http://x) [1]", 0.9, "quotes", (CITATION,))
    text = render.transcript([reply, REFUSED])
    assert text.startswith("# Conversation\n\n**Is \\*this\\* \\<b\\>it\\</b\\>?**\n")
    assert "](" not in text
    assert "> [1] The treaty ended in 2019. (a.txt, paragraph 2), characters 18 to 43" in text
    assert "**Why?**\n\nThe statement does not say.\n" in text
    assert "Nearest to it: The treaty ended in 2019. (a.txt, paragraph 2)" in text
    assert text.endswith("\n")


def test_the_conversation_as_turns() -> None:
    assert render.as_turns([ANSWERED]) == (Turn("user", "When?"), Turn("assistant", f"{QUOTE} [1]"))


def test_times_are_part_of_the_reply() -> None:
    assert set(render.as_json(ANSWERED)["milliseconds"]) == set(Milliseconds.__slots__)
