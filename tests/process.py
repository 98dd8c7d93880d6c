"""Runs the assistant as its users do: a process of its own."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ASSISTANT = [sys.executable, "-m", "assistant"]
_DROP = 24  # PR_CAPBSET_DROP of prctl
_OVERRIDES = (1, 2)  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: what lets root read and write everything


def run(*args: object, given: bytes = b"", permissions: bool = False, launcher: tuple[str, ...] = (), **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end; with `permissions`, root too is held to the permissions of files."""
    return subprocess.run(
        [*launcher, *ASSISTANT, *(str(arg) for arg in args)],
        input=given,
        capture_output=True,
        env=clean_environment(**env),
        preexec_fn=_hold_to_permissions if permissions else None,
        timeout=120,
        check=False,
    )


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without settings of the assistant and of colour."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_") and name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    root = str(Path(__file__).resolve().parent.parent)
    return kept | {"PYTHONPATH": root, "OMP_NUM_THREADS": "1"} | more


def one_line(finished: subprocess.CompletedProcess[bytes]) -> str:
    """What a refused command says: exit code 2 and one line on standard error, no traceback."""
    said = finished.stderr.decode("utf-8", "replace").splitlines()
    assert finished.returncode == 2, said
    assert len(said) == 1, said
    assert said[0].startswith("assistant: ")
    assert finished.stdout == b""
    return said[0]


def _hold_to_permissions() -> None:
    if os.geteuid() == 0:
        prctl: Callable[..., int] = ctypes.CDLL(None).prctl
        for capability in _OVERRIDES:
            prctl(_DROP, capability, 0, 0, 0)
