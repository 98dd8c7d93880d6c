"""A draft on a terminal: seen as it is written, gone once the answer that stands is there."""

import re
from collections.abc import Iterable
from contextlib import ExitStack

from rich.console import Console
from rich.live import Live
from rich.text import Text

from assistant.render import printable
from assistant.reply import Delta, Event, Progress, Reply

_DRAFT = "dim"
_MARKER = re.compile(r"\[\d+\] ?")  # of a passage as the model was given it; the answer counts its own
_PER_SECOND = 8


def shown(console: Console, events: Iterable[Event]) -> Reply:
    """The Reply that ends `events`; what a language model writes before it is shown meanwhile, where the console is a terminal."""
    draft = ""
    with ExitStack() as stack:
        live: Live | None = None
        for event in events:
            if isinstance(event, Progress) and console.is_terminal and live is None:
                doing = Text(f"{event.doing} ...", style=_DRAFT)
                live = stack.enter_context(Live(doing, console=console, transient=True, refresh_per_second=_PER_SECOND))
            elif isinstance(event, Delta) and live is not None:
                draft += event.text
                live.update(Text(printable(_MARKER.sub("", draft)), style=_DRAFT))
            elif isinstance(event, Reply):
                return event
    raise AssertionError("an answer ends with its Reply")
