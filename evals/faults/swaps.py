"""What a power cut may leave of a swap: half-written pointers, half-written generations, files of no length."""

import shutil
from collections.abc import Callable
from pathlib import Path

from evals.faults.ground import Ground
from evals.faults.outcome import Outcome, Setting

_Cut = Callable[[Path], object]


def cuts(setting: Setting) -> Outcome:
    """Each state of an index of versions 1 and, before it, 0; the sources say 1 again once the power is back."""
    ground, outcome, refused = Ground(setting.folder, setting.exported), Outcome(), 0
    for version in (0, 1):
        outcome.add(f"build {version}", ground.build(version))
    states = [*_POINTERS.items(), *_HALVES.items(), *_lengths(ground.index / "generation-2").items()]
    for what, cut in states[:: setting.times(1, 4)]:
        index = setting.folder / "cut"
        shutil.copytree(ground.index, index, symlinks=True)
        cut(index)
        seen = ground.look(index)
        refused += bool(seen.problem)
        said = seen.among(0, 1) if "assistant index" not in seen.problem or "\n" in seen.problem else ""
        outcome.add(what, said or ground.recovered(1, index))
        shutil.rmtree(index)
    outcome.note = f"{refused} said in one line, the others without effect; each mended by the next command"
    return outcome


def _point(text: bytes) -> _Cut:
    return lambda index: (index / "CURRENT").write_bytes(text)


def _empty_generation(index: Path) -> None:
    (index / "generation-3").mkdir()
    _point(b"generation-3")(index)


def _half_generation(index: Path) -> None:
    shutil.copytree(index / "generation-2", index / "generation-3")
    (index / "generation-3" / "manifest.json").unlink()
    _point(b"generation-3")(index)


def _nameless_generation(index: Path) -> None:
    """The new generation stands whole under its name and is not pointed to."""
    _point(b"generation-1")(index)


def _partial(index: Path) -> None:
    shutil.copytree(index / "generation-2", index / "partial")
    (index / "CURRENT.4711").write_bytes(b"")
    (index / "lock").write_bytes(b"")


def _all_of_no_length(index: Path) -> None:
    for path in (index / "generation-2").rglob("*"):
        if path.is_file():
            path.write_bytes(b"")


def _lengths(generation: Path) -> dict[str, _Cut]:
    """Each file of the new generation, of no length since it was never synced; one that has none anyway is left out."""
    names = [path.relative_to(generation) for path in sorted(generation.rglob("*")) if path.is_file() and path.stat().st_size]

    def emptied(name: Path) -> _Cut:
        return lambda index: (index / "generation-2" / name).write_bytes(b"")

    return {f"{name} of no length": emptied(name) for name in names}


_POINTERS: dict[str, _Cut] = {
    "no pointer": lambda index: (index / "CURRENT").unlink(),
    "an empty pointer": _point(b""),
    "half a pointer": _point(b"genera"),
    "a pointer of nulls": _point(b"\0" * 12),
    "a pointer to what is gone": _point(b"generation-9"),
    "a pointer outside": _point(b"../docs"),
    "a pointer of broken bytes": _point(b"\xff\xfe"),
}
_HALVES: dict[str, _Cut] = {
    "a pointer to an empty generation": _empty_generation,
    "a pointer to half a generation": _half_generation,
    "a generation not yet pointed to": _nameless_generation,
    "what a builder was at": _partial,
    "a whole generation of no length": _all_of_no_length,
    "the new generation gone": lambda index: shutil.rmtree(index / "generation-2"),
}
