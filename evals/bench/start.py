"""From a cold start: `assistant ask` beside the textbook script, and `assistant chat` beside an interpreter that does nothing."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from assistant.settings import Settings
from evals.bench.figure import Figure, in_turn, median_ratio

QUESTION = "When did the United States formally withdraw from the INF Treaty?"
_TEXTBOOK = [sys.executable, "-m", "evals.bench.textbook"]
_PROMPT = "\x1b[?2004h"  # bracketed paste goes on with the prompt
_SECONDS = 120


def ask_figures(settings: Settings, rounds: int) -> list[Figure]:
    """Whole processes, in turn: seconds and peak memory of one question."""
    from index.embedding_model import model_folder

    model = str(model_folder(settings.embedding_model) or settings.embedding_model)
    with tempfile.TemporaryDirectory(prefix="bench-textbook-") as folder:
        subprocess.run([*_TEXTBOOK, model, folder, "--index", *map(str, settings.sources.glob("*.txt"))], check=True, stderr=subprocess.DEVNULL)
        peaks: tuple[list[float], list[float]] = ([], [])
        commands = ([sys.executable, "-m", "assistant", "ask", QUESTION], [*_TEXTBOOK, model, folder, QUESTION])
        ours, theirs = in_turn(rounds, *(lambda c=c, p=p: p.append(_peak_mib(c)) for c, p in zip(commands, peaks, strict=True)))
    of = f"of {rounds} rounds"
    memory, textbook_memory = (max(peak) for peak in peaks)
    return [
        Figure(
            "`assistant ask` from a cold start, over the textbook script",
            median_ratio(ours, theirs),
            most=0.35,
            how=f"{min(ours):.2f} s and {min(theirs):.2f} s, the shortest {of}; whole processes",
        ),
        Figure("its peak memory, over the textbook script's", memory / textbook_memory, most=0.5, how=f"{memory:.0f} MiB and {textbook_memory:.0f} MiB"),
    ]


def _peak_mib(command: Sequence[str]) -> float:
    """Run a command to its end; the most memory that it held."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        if not process.stdout.read():
            raise SystemExit(f"{' '.join(command)} printed no answer: run it by itself to see why")
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def chat_figures(rounds: int) -> list[Figure]:
    """On a terminal: how long after an empty interpreter the chat's prompt is there."""
    import pexpect

    def until(args: list[str], sign: object) -> None:
        process = pexpect.spawn(sys.executable, args, timeout=_SECONDS)
        try:
            process.expect(sign)
        finally:
            process.close(force=True)

    chat, nothing = in_turn(
        rounds, lambda: until(["-m", "assistant", "chat"], _PROMPT.replace("[", r"\[").replace("?", r"\?")), lambda: until(["-c", "pass"], pexpect.EOF)
    )
    later = sorted(a - b for a, b in zip(chat, nothing, strict=True))[rounds // 2]
    how = f"prompt after {min(chat):.2f} s, `python -c pass` ends after {min(nothing):.2f} s"
    return [Figure("`assistant chat`: seconds until its prompt, less `python -c pass`", later, most=0.5, how=how)]


def figures(settings: Settings, short: bool) -> list[Figure]:
    """All of them."""
    return [*ask_figures(settings, 1 if short else 7), *chat_figures(3 if short else 9)]
