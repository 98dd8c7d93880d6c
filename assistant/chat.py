"""The terminal chat: line editing, a history file, commands; models load behind the prompt."""

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from rich.console import Console
from rich.text import Text

from assistant import drafting, render
from assistant.question import checked, cleaned
from assistant.reply import Ask, Reply
from assistant.settings import Settings
from index.errors import UserError

HELP = """Ask about the statement; a follow-up may lean on what came before.
  /sources     the passages behind the last answer
  /save FILE   write the conversation as Markdown, with citations
  /clear       forget the conversation
  /help        this
  /quit        leave (Ctrl-D too); Ctrl-C stops an answer"""
_PROMPT = "\x1b[1;36m> \x1b[0m"
_COMMANDS = ["/sources", "/save", "/clear", "/help", "/quit"]


class _History(FileHistory):
    """A history file that a full disk or a broken character does not end the chat with."""

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            super().store_string(cleaned(string))


class Chat:
    """One conversation on a terminal or a pipe."""

    def __init__(self, settings: Settings, index_given: bool, console: Console) -> None:
        self.settings = settings
        self.index_given = index_given
        self.console = console
        self.replies: list[Reply] = []
        self._loaded = threading.Event()
        self._failed: UserError | None = None
        self._doing = "loading"

    def run(self) -> None:
        """Read and answer until the end of input or /quit. Raises UserError where nothing can be loaded."""
        self.console.print(Text("Ask about the statement. /help lists the commands, Ctrl-D leaves.", style="dim"))
        for line in self._typed() if sys.stdin is not None and sys.stdin.isatty() and self.console.is_terminal else self._piped():
            if line.split(maxsplit=1)[:1] in (["/quit"], ["/exit"]):
                return
            if line.strip():
                self._take(line.strip())

    def _typed(self) -> Iterator[str]:
        session: PromptSession[str] = PromptSession(history=self._history(), completer=WordCompleter(_COMMANDS, sentence=True), complete_while_typing=False)
        loader = threading.Thread(target=self._load, daemon=True)
        session.app.after_render += lambda _: None if loader.ident else loader.start()  # not before the prompt is seen
        while True:
            try:
                yield session.prompt(ANSI(_PROMPT))
            except KeyboardInterrupt:
                continue
            except EOFError:
                return

    def _piped(self) -> Iterator[str]:
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")
        threading.Thread(target=self._load, daemon=True).start()
        yield from sys.stdin or ()

    def _take(self, line: str) -> None:
        try:
            if line.startswith("/"):
                self._command(*line.split(maxsplit=1))
            else:
                self._answer(line)
        except UserError as error:
            if self._failed is not None:
                raise
            self.console.print(Text(render.printable(str(error)), style="red"))
        except KeyboardInterrupt:
            self.console.print(Text("Stopped.", style="yellow"))

    def _answer(self, question: str) -> None:
        ask = checked(Ask(question, render.as_turns(self.replies)), self.settings.max_question_chars, self.settings.max_history_turns)
        self._wait()
        reply = drafting.shown(self.console, self._assistant.chain.stream(ask))
        self.replies.append(reply)
        self.console.print(render.whole(reply, self._texts(), render.has_colour(self.console)))
        self.console.print()

    def _texts(self) -> dict[str, str]:
        return {document.name: document.text for document in self._assistant.store.documents}

    def _command(self, name: str, rest: str = "") -> None:
        if name == "/help":
            self.console.print(Text(HELP))
        elif name == "/clear":
            self.replies.clear()
            self.console.print(Text("The conversation is forgotten.", style="dim"))
        elif name == "/sources":
            self._sources()
        elif name == "/save":
            self._save(rest)
        else:
            self.console.print(Text(f"There is no command {render.printable(name)}; /help lists them.", style="red"))

    def _sources(self) -> None:
        cited = self.replies[-1].citations if self.replies else ()
        if not cited:
            self.console.print(Text("The last answer rests on no passage." if self.replies else "Nothing was asked yet.", style="dim"))
            return
        for document, paragraph in dict.fromkeys((c.document, c.paragraph) for c in cited):
            text = self._texts()[document]
            start = min(c.start for c in cited if (c.document, c.paragraph) == (document, paragraph))
            self.console.print(Text(render.where(document, paragraph), style="dim"))
            begin, end = render.paragraph_around(text, start, start)
            self.console.print(Text(render.printable(text[begin:end]).strip()))

    def _save(self, rest: str) -> None:
        if not rest.strip() or not self.replies:
            missing = "Give a file: /save conversation.md" if self.replies else "There is nothing to save yet."
            self.console.print(Text(missing, style="red"))
            return
        shown = render.printable(rest.strip())
        try:
            path = Path(rest.strip()).expanduser()
            with path.open("x", encoding="utf-8") as file:
                file.write(render.transcript(self.replies))
        except FileExistsError:
            self.console.print(Text(f"{shown} is there already; give another name.", style="red"))
        except (OSError, RuntimeError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            self.console.print(Text(f"Cannot write {shown}: {reason}.", style="red"))
        else:
            self.console.print(Text(f"Saved to {shown}.", style="dim"))

    def _history(self) -> History:
        from platformdirs import user_state_path

        try:
            folder = user_state_path("statement-assistant", ensure_exists=True)
            with (folder / "history").open("a"):
                pass
        except (OSError, RuntimeError):
            return InMemoryHistory()
        return _History(str(folder / "history"))

    def _load(self) -> None:
        from assistant import chain

        try:
            self._assistant = chain.load(self.settings, self._progress, self.index_given)
        except UserError as error:
            self._failed = error
        finally:
            self._loaded.set()

    def _progress(self, what: str, done: int, of: int) -> None:
        self._doing = f"{what} {done:,} of {of:,}" if of > 1 else what

    def _wait(self) -> None:
        if not self._loaded.is_set():
            with self.console.status(Text("loading")) as status:
                while not self._loaded.wait(0.1):
                    status.update(Text(self._doing))
        if self._failed is not None:
            raise self._failed
