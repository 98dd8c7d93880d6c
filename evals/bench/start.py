"""From a cold start: `assistant ask` beside the textbook script, and `assistant chat` beside an interpreter that does nothing."""

import json
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
        commands = ([sys.executable, "-m", "assistant", "ask", QUESTION], [*_TEXTBOOK, model, folder, QUESTION])
        taken = [[_measured(command) for command in commands] for _ in range(1 + rounds)][1:]
    ours, theirs = ([seconds for seconds, _ in column] for column in zip(*taken, strict=True))
    memory, textbook_memory = (max(mib for _, mib in column) for column in zip(*taken, strict=True))
    return [
        Figure(
            "`assistant ask` from a cold start, over the textbook script",
            median_ratio(ours, theirs),
            most=0.35,
            how=f"{min(ours):.2f} s and {min(theirs):.2f} s, the shortest of {rounds} rounds; whole processes",
        ),
        Figure("its peak memory, over the textbook script's", memory / textbook_memory, most=0.5, how=f"{memory:.0f} MiB and {textbook_memory:.0f} MiB"),
    ]


def _measured(command: Sequence[str]) -> tuple[float, float]:
    """Seconds and peak MiB of a command."""
    done = subprocess.run([sys.executable, "-m", "evals.bench.measured", *command], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} printed no answer: run it by itself to see why")
    found = json.loads(done.stdout)
    return found["seconds"], found["mib"]


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
    return [*ask_figures(settings, 1 if short else 5), *chat_figures(3 if short else 9)]
