"""The program, run as its users run it: in processes that can be killed, with their own environment.

`forked` and `started` spare a process its imports: it is forked from one that has made them, and has opened nothing.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory

Changes = dict[str, str | None]  # to the environment; None unsets
SECONDS = 120  # after which a process is taken to hang
CONTEXT = get_context("forkserver")
_PRELOADED = """evals.faults.ground assistant.cli assistant.progress chromadb.api.rust chromadb.telemetry.product.posthog langchain_chroma bm25s
    onnxruntime tokenizers scipy.linalg scipy.sparse rich.progress langchain_core.tracers.langchain"""
CONTEXT.set_forkserver_preload(_PRELOADED.split())


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it printed."""

    code: int | None
    out: str
    err: str

    def refusal(self, *words: str) -> str:
        """What is wrong with it as a refusal: exit code 2, one line that holds `words`, nothing on standard output. Empty: nothing."""
        fits = self.code == 2 and self.err.startswith("assistant: ") and self.err.count("\n") == 1 and not self.out
        return "" if fits and all(word in self.err for word in words) else f"not a refusal in one line but {self!r}"


def started(said: Path, *args: object, before: Callable[[], None] | None = None) -> ForkServerProcess:
    """A command under way; what it prints goes to `said`.out and `said`.err. `before` is called in it first."""
    process = CONTEXT.Process(target=_command, args=([str(arg) for arg in args], said, before))
    process.start()
    return process


def forked(*args: object, before: Callable[[], None] | None = None) -> Said:
    """Run a command to its end, forked."""
    with TemporaryDirectory() as folder:
        said = Path(folder, "said")
        process = started(said, *args, before=before)
        return ended(process, said)


def ended(process: ForkServerProcess, said: Path) -> Said:
    """Wait for a command's end."""
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    return Said(process.exitcode, *(said.with_suffix(suffix).read_text("utf-8", "replace") for suffix in (".out", ".err")))


def fresh(*args: object, env: Changes | None = None, launcher: Sequence[str] = (), given: bytes = b"", cwd: Path | None = None) -> Said:
    """Run a command to its end, in an interpreter of its own; a variable that is None is unset."""
    command = [*launcher, sys.executable, "-m", "assistant", *(str(arg) for arg in args)]
    done = subprocess.run(command, input=given, capture_output=True, env=environment(env or {}), cwd=cwd, timeout=SECONDS, check=False)
    return Said(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def environment(changes: Changes) -> dict[str, str]:
    """This process's environment without settings of the assistant, with changes."""
    root = str(Path(__file__).resolve().parents[2])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    changed = {**kept, "PYTHONPATH": root, "OMP_NUM_THREADS": "1", **changes}
    return {name: value for name, value in changed.items() if value is not None}


def _command(args: list[str], said: Path, before: Callable[[], None] | None) -> None:
    for number, suffix in ((1, ".out"), (2, ".err")):
        os.dup2(os.open(said.with_suffix(suffix), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    if before is not None:
        before()
    from assistant.cli import main

    main(args, prog_name="assistant")
