"""A full disk, and disks that cannot be written: real ones, mounted in a namespace of their own where that is permitted.

`python -m evals.faults.disks WHAT FOLDER EXPORTED SHORT`, run in such a namespace, prints an Outcome as JSON.
"""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click

from evals.faults.ground import Ground, unlike
from evals.faults.outcome import Outcome, Setting
from evals.faults.program import environment, forked, fresh

_KIB = 1_024
_DISK_MIB = 40


def full_disk(setting: Setting) -> Outcome:
    """A tmpfs that is filled until so little is free that the new index does not fit."""
    return _in_namespace("full", setting)


def read_only_disk(setting: Setting) -> Outcome:
    """Everything read-only, as in a container with a read-only root: first with a folder for temporary files, then without."""
    return _in_namespace("read-only", setting)


def _in_namespace(what: str, setting: Setting) -> Outcome:
    launcher = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*launcher, "true"], capture_output=True, check=False).returncode:
        return Outcome(unmeasured="mounting is not permitted here")
    command = [*launcher, sys.executable, "-m", "evals.faults.disks", what, str(setting.folder), str(setting.exported), str(setting.short)]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment({}), check=True)
    return Outcome(**json.loads(done.stdout))


def _full(setting: Setting) -> Outcome:
    disk, outcome, refused = setting.folder / "disk", Outcome(), 0
    disk.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={_DISK_MIB}m", "none", disk)
    ground = Ground(disk, setting.exported)
    outcome.add("the first build", ground.build(0))
    used = shutil.disk_usage(disk).used
    needed = int(shutil.disk_usage(disk).used * 1.2)
    filler, version = disk / "filler", 0
    for step in range(setting.times(24, 5)):
        free = 4 * _KIB + needed * step // setting.times(24, 5)
        ground.write(version + 1)
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, _DISK_MIB * _KIB * _KIB - shutil.disk_usage(disk).used - free)
        said = forked("index", *ground.where)
        filler.unlink()
        refused += said.code != 0
        outcome.add(f"{free // _KIB:,} KiB free", said.refusal("free some") if said.code else "")
        version += said.code == 0
        outcome.add(f"asked after {free // _KIB:,} KiB", ground.look().among(version) or ground.leftovers())
    outcome.add("refused at all", "" if refused > 2 else f"{refused} times only: too much was free")
    outcome.note = f"{used // _KIB:,} KiB in use, {refused} builds refused in one line, the old index answered; the others fitted"
    return outcome


def _read_only(setting: Setting) -> Outcome:
    ground, outcome = Ground(setting.folder, setting.exported), Outcome()
    ground.write(0)
    outcome.add("the first build", "" if fresh("index", *ground.where).code == 0 else "it failed")  # no process is forked, which needs a place to listen
    temporary = setting.folder / "tmp"
    temporary.mkdir()
    ask = ("ask", "When was the treaty signed?", "--json", *ground.where)
    _mount("-t", "tmpfs", "-o", "size=64m", "none", temporary)
    _mount("--make-rprivate", "/")
    for point in ("/tmp", "/var/tmp", "/dev/shm", str(ground.index), str(Path.cwd())):
        if Path(point).is_dir():
            _mount("--rbind", point, point)
            _mount("-o", "remount,bind,ro", point)
    outcome.add("asked with room for temporary files", unlike(fresh(*ask, env={"TMPDIR": str(temporary)}), 0))
    outcome.add("indexed", fresh("index", "--sources", ground.sources, "--index", ground.index, env={"TMPDIR": str(temporary)}).refusal("make it writable"))
    _mount("-o", "remount,ro", temporary)
    outcome.add("asked without any", fresh(*ask, env={"TMPDIR": str(temporary)}).refusal("TMPDIR"))
    outcome.note = "answered where temporary files have room, else one line"
    return outcome


def _mount(*args: object) -> None:
    subprocess.run(["mount", *map(str, args)], check=True)


def _main(what: str, folder: str, exported: str, short: str) -> None:
    experiments: dict[str, Callable[[Setting], Outcome]] = {"full": _full, "read-only": _read_only}
    outcome = experiments[what](Setting(Path(folder), Path(exported), short == "True"))
    click.echo(json.dumps(dataclasses.asdict(outcome)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
