"""Writers at once, and a clock that goes backwards between them."""

import os
import time

from evals.faults.ground import Ground
from evals.faults.outcome import Outcome, Setting
from evals.faults.program import ended, forked, started

_CLOCKS = (0.0, 86_400.0, 4_102_444_800.0, 1_000_000_000.0)  # seconds since 1970: its start, a day later, 2100, 2001


def writers(setting: Setting) -> Outcome:
    """Three builders begin together: one does the work, the others wait and find it done."""
    ground, outcome, rounds = Ground(setting.folder, setting.exported), Outcome(), setting.times(12, 3)
    for version in range(rounds):
        ground.write(version)
        files = [setting.folder / f"said-{number}" for number in range(3)]
        processes = [started(file, "index", *ground.where) for file in files]
        said = [ended(process, file) for process, file in zip(processes, files, strict=True)]
        worked = sum("2 unchanged" not in one.out for one in said)
        failed = [one for one in said if one.code != 0]
        problem = f"{failed!r}" if failed else "" if worked == 1 else f"{worked} of them did the work"
        outcome.add(f"round {version}", problem or ground.look().among(version) or ground.leftovers())
    outcome.note = "three at a time: one did the work, two waited for it"
    return outcome


def clocks(setting: Setting) -> Outcome:
    """Builders whose clock says 1970 or 2100, over files whose times run backwards or stand still: only what files hold counts."""
    ground, outcome = Ground(setting.folder, setting.exported), Outcome()
    for version in range(setting.times(16, 4)):
        ground.write(version)
        for path in ground.sources.iterdir():
            os.utime(path, (10_000 - version, 10_000 - version if version % 2 else 10_000))
        clock = _CLOCKS[version % len(_CLOCKS)]
        said = forked("index", *ground.where, before=_Clock(clock))
        outcome.add(f"version {version} at {clock:.0f}", f"{said!r}" if said.code else ground.look().among(version) or ground.leftovers())
    outcome.note = "what changed was indexed each time"
    return outcome


class _Clock:
    """Sets a process's own clock."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self) -> None:
        time.time = lambda: self.seconds
        time.time_ns = lambda: int(self.seconds * 1e9)
