"""kill -9 at every moment of indexing: after each the old or the new index answers, whole."""

import random
import statistics
import time
from pathlib import Path

from evals.faults.ground import Ground
from evals.faults.outcome import Outcome, Setting
from evals.faults.program import started

_AROUND_THE_SWAP = 0.015  # seconds after the manifest is there, within which the new generation is named


def kills(setting: Setting) -> Outcome:
    """Half at moments spread evenly over a whole build, half within moments of its swap."""
    ground, outcome, rng = Ground(setting.folder, setting.exported), Outcome(), random.Random(9)
    said = setting.folder / "said"
    whole = statistics.median(_timed(ground, version) for version in range(4))
    times, before, after, over = setting.times(200, 12), 0, 0, 0
    old = 3
    for number in range(2 * times):
        if before + after == times:
            break
        new = 4 + number
        ground.write(new)
        process = started(said, "index", *ground.where)
        if number % 2:
            moment = whole * (number % times + rng.random()) / times
            process.join(moment)
        else:
            _wait_for_the_swap(ground.index, whole)
            time.sleep(rng.uniform(0, _AROUND_THE_SWAP))
        process.kill()
        process.join()
        seen = ground.look()
        outcome.add(f"kill {number}", seen.among(old, new))
        before, after, over = before + (seen.version == old), after + (seen.version == new and process.exitcode != 0), over + (process.exitcode == 0)
        old = seen.version if seen.version is not None else new
    outcome.add("the build after them all", ground.build(4 + 2 * times) or ground.look().among(4 + 2 * times) or ground.leftovers())
    outcome.note = f"{before} killed before the swap, the old index answered; {after} after it, the new one did; {over} came too late"
    return outcome


def _timed(ground: Ground, version: int) -> float:
    begun = time.monotonic()
    problem = ground.build(version)
    if problem:
        raise RuntimeError(problem)
    return time.monotonic() - begun


def _wait_for_the_swap(index: Path, whole: float) -> None:
    """Until a builder has summed up what it wrote; no longer than three builds take."""
    deadline = time.monotonic() + 3 * whole
    while not (index / "partial" / "manifest.json").exists() and time.monotonic() < deadline:
        time.sleep(0.0005)
