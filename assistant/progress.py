"""A progress bar on standard error, for work that takes over a second."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as RichProgress

from assistant.render import printable
from index.build import Progress

_PATIENCE = 1.0  # seconds


@contextmanager
def shown_progress(console: Console) -> Iterator[Progress]:
    """A callback `(what, done, of)` for build; the bar appears once a second has gone by."""
    bar = RichProgress(TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), console=console, transient=True)
    task = bar.add_task("", total=None)

    def report(what: str, done: int, of: int) -> None:
        bar.update(task, description=printable(what), completed=done, total=of)

    timer = threading.Timer(_PATIENCE, bar.start)
    timer.daemon = True
    if console.is_terminal:
        timer.start()
    try:
        yield report
    finally:
        timer.cancel()
        if bar.live.is_started:
            bar.stop()
