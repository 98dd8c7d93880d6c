"""Reply -> terminal, JSON, Markdown. One Reply, whichever way it is shown. Pure."""

import dataclasses
import json
from itertools import groupby
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from assistant.question import cleaned
from assistant.reply import Citation, Near, Reply, Turn

_WHERE = "dim"
_QUOTE = "green"
_HIGHLIGHT = "bold green underline"
_AROUND = "dim"


def as_json(reply: Reply) -> dict[str, Any]:
    """The Reply as plain dicts and lists, the same object everywhere."""
    return dataclasses.asdict(reply)


def json_line(row: dict[str, Any]) -> str:
    """One line of JSON, in which whatever could steer a terminal is escaped, as JSON allows."""
    line = json.dumps(row, ensure_ascii=False)
    return line if line.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)


def answer_text(reply: Reply) -> Text:
    """The answer alone, for a terminal; markers dimmed, a refusal in another colour."""
    text = Text(printable(reply.answer), style="" if reply.status == "answered" else "yellow")
    text.highlight_regex(r"\[\d+\]", "cyan")
    return text


def has_colour(console: Console) -> bool:
    """Whether a console shows colours: a terminal that has them, without NO_COLOR."""
    return console.color_system is not None and not console.no_color


def below_answer(reply: Reply, passages: dict[str, str], in_colour: bool) -> Group:
    """What stands below the answer: cited passages, the near thing of a refusal, suggestions, notices.

    `passages` gives the text of each document by its name. Quotes are marked by colour, or else by « and ».
    """
    parts: list[RenderableType] = []
    for (document, paragraph), group in groupby(reply.citations, key=lambda c: (c.document, c.paragraph)):
        cited = list(group)
        parts += [Text(f"{''.join(f'[{c.number}]' for c in cited)} {where(document, paragraph)}", style=_WHERE)]
        parts += [Padding(_passage(cited, passages[document], in_colour), (0, 0, 0, 4), expand=False)]
    if reply.near is not None:
        parts += [Text(f"Nearest to it, {where(reply.near.document, reply.near.paragraph)}:", style=_WHERE)]
        parts += [Padding(Text(printable(reply.near.quote)), (0, 0, 0, 4), expand=False)]
    parts += [Text(f"  {printable(question)}", style="cyan") for question in reply.suggestions]
    parts += [Text(f"Left out: {printable(gone.claim)} ({printable(gone.reason)})", style="red") for gone in reply.dropped]
    parts += [Text(printable(reply.notice), style="red")] if reply.notice else []
    return Group(*parts)


def whole(reply: Reply, passages: dict[str, str], in_colour: bool) -> RenderableType:
    """The answer and, after an empty line, what stands below it, if anything does."""
    below = below_answer(reply, passages, in_colour)
    return Group(answer_text(reply), Text(), below) if below.renderables else answer_text(reply)


def where(document: str, paragraph: int) -> str:
    """A citation's place, as people read it."""
    return f"{printable(document)}, paragraph {paragraph}"


def _passage(cited: list[Citation], text: str, in_colour: bool) -> Text:
    """A cited paragraph with its quotes marked, and in them the very words that answer."""
    start, end = paragraph_around(text, min(c.start for c in cited), max(c.end for c in cited))
    shown, position = Text(), start
    for citation in sorted(cited, key=lambda c: c.start):
        shown.append(printable(text[position : citation.start]), _AROUND)
        shown.append("" if in_colour else "«")
        position = citation.start
        for mark_start, mark_end in citation.highlights:
            shown.append(printable(text[position:mark_start]), _QUOTE)
            mark = printable(text[mark_start:mark_end])
            shown.append(mark if in_colour else f"*{mark}*", _HIGHLIGHT)
            position = mark_end
        shown.append(printable(text[position : citation.end]), _QUOTE)
        shown.append("" if in_colour else "»")
        position = citation.end
    shown.append(printable(text[position:end]), _AROUND)
    return shown


def paragraph_around(text: str, start: int, end: int, longest: int = 1_500) -> tuple[int, int]:
    """The lines around a quote, up to blank ones, and at most `longest` characters to each side."""
    before = max(text.rfind("\n\n", 0, start), text.rfind("\n\r\n", 0, start))
    after = min((found for gap in ("\n\n", "\n\r\n") if (found := text.find(gap, end)) >= 0), default=len(text))
    begin = max(before + 2 if before >= 0 else 0, start - longest)
    finish = min(after, end + longest)
    while begin < start and text[begin].isspace():
        begin += 1
    while finish > end and text[finish - 1].isspace():
        finish -= 1
    return begin, finish


def printable(text: str) -> str:
    """Without anything that could steer a terminal: control characters, escape codes, bidirectional overrides."""
    return "".join(c if c.isprintable() or c in "\u200c\u200d" else " " if c.isspace() else "\ufffd" for c in text)


def transcript(turns: list[Reply]) -> str:
    """The conversation as Markdown, with citations."""
    lines = ["# Conversation", ""]
    for reply in turns:
        lines += [f"**{_markdown(cleaned(reply.question))}**", "", _markdown(cleaned(reply.answer)), ""]
        lines += [f"> [{c.number}] {_quoted(c)}, characters {c.start} to {c.end}\n>" for c in reply.citations]
        lines += [f"Nearest to it: {_quoted(reply.near)}"] if reply.near else []
        lines += [""]
    return "\n".join(lines).rstrip(">\n ") + "\n"


def _quoted(found: Citation | Near) -> str:
    return f"{_markdown(cleaned(found.quote))} ({_markdown(where(found.document, found.paragraph))})"


def _markdown(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\`*_<>#|" else c for c in text).replace("](", "]\\(")


def as_turns(replies: list[Reply]) -> tuple[Turn, ...]:
    """The conversation so far, as the chain takes it."""
    return tuple(turn for reply in replies for turn in (Turn("user", reply.question), Turn("assistant", reply.answer)))
