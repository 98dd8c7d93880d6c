"""One bit turned, in every file of an index: found or without effect, said in one line, and built anew from the sources."""

import random
import shutil
from pathlib import Path

from evals.faults.ground import Ground
from evals.faults.outcome import Outcome, Setting
from evals.faults.program import forked
from index.build import encoder_for
from index.embedding_model import DEFAULT_MODEL
from index.errors import StoreDamaged


def flips(setting: Setting) -> Outcome:
    """Every file of the store, at its first, last and random bytes."""
    ground, outcome, rng, found = Ground(setting.folder, setting.exported), Outcome(), random.Random(5), 0
    outcome.add("the first build", ground.build(0) or ground.look().among(0))
    names = _files(ground.index)
    for turn, name in enumerate(names):
        size = (ground.index / name).stat().st_size
        places = [*{0, size - 1}, *(rng.randrange(size) for _ in range(setting.times(4, 0)))] if size else []
        to_mend = not setting.short or turn % 4 == 0
        for place in places:
            index = setting.folder / "flipped"
            shutil.copytree(ground.index, index, symlinks=True)
            flip(index / name, place, rng.randrange(8))
            seen = ground.look(index)
            found += bool(seen.problem)
            problem = seen.among(0) if seen.version is not None else _unsaid(seen.problem)
            if seen.problem and to_mend and not problem:
                problem, to_mend = ground.recovered(0, index), False
            outcome.add(f"{name} at {place}", problem)
            shutil.rmtree(index)
    outcome.note = f"{len(names)} files; {found} flips found and said, the others without effect; a rebuild mended them"
    return outcome


def export_flips(setting: Setting) -> Outcome:
    """The files of the model's export; in the full form one is exported anew, which takes a while."""
    ground, outcome, rng = Ground(setting.folder, setting.exported), Outcome(), random.Random(6)
    outcome.add("the first build", ground.build(0))
    (ground.index / "encoder").unlink()
    shutil.copytree(setting.exported, ground.index / "encoder")
    encoder = encoder_for(ground.index, DEFAULT_MODEL)
    names = sorted(path for path in (ground.index / "encoder").rglob("*") if path.is_file())
    for path in names:
        for place in (0, rng.randrange(path.stat().st_size), path.stat().st_size - 1):
            flip(path, place, 3)
            try:
                encoder.check()
                outcome.add(f"{path.name} at {place}", "not found")
            except StoreDamaged as error:
                outcome.add(f"{path.name} at {place}", _unsaid(str(error)))
            flip(path, place, 3)
    outcome.note = f"{len(names)} files; all found and said"
    if not setting.short:
        flip(names[0], 1_000, 3)
        said = forked("index", *ground.where)
        outcome.add("exporting anew", "" if said.code == 0 else f"{said!r}")
        outcome.add("answering after it", ground.recovered(0))
        outcome.note += ", and exported anew"
    return outcome


def flip(path: Path, place: int, bit: int) -> None:
    """Turn one bit of a file; a second time turns it back."""
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1 << bit]))


def _files(index: Path) -> list[str]:
    kept = (path for path in index.rglob("*") if path.is_file() and "encoder" not in path.parts and path.name != "lock")
    return sorted(path.relative_to(index).as_posix() for path in kept)


def _unsaid(message: str) -> str:
    return "" if "assistant index" in message and "\n" not in message else f"said as {message!r}"
