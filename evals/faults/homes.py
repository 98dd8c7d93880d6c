"""Homes, folders for temporary files, permissions and locales that are not as one expects."""

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from evals.faults.ground import QUESTION, YEAR, Ground, unlike
from evals.faults.outcome import Outcome, Setting
from evals.faults.program import Changes, Said, fresh
from index.questions import IndexedQuestion, question_file, write_questions
from index.source import read_source

_AT_ONCE = 2
_HELD = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")  # root too is held to the permissions of files
_KEPT = ("PATH", "LD_LIBRARY_PATH")


def homes(setting: Setting) -> Outcome:
    """Asked, and chatted with, where there is no home, a broken one, or no folder for temporary files."""
    ground, outcome = Ground(setting.folder, setting.exported), Outcome()
    outcome.add("the first build", ground.build(0))
    gone, file = str(setting.folder / "gone"), str(setting.folder / "file")
    Path(file).write_text("in the way", encoding="utf-8")
    cases: dict[str, Changes] = {
        "HOME a file": {"HOME": file, "XDG_STATE_HOME": file, "XDG_CACHE_HOME": file, "XDG_CONFIG_HOME": file},
        "HOME unset": {"HOME": None, "XDG_STATE_HOME": None},
        "HOME gone": {"HOME": gone},
        "TMPDIR gone": {"TMPDIR": gone},
        "HOME in /proc": {"HOME": "/proc", "USER": None, "LOGNAME": None},
        "no environment": {name: None for name in os.environ if name not in _KEPT},
    }
    for what, said in _each(cases, setting.times(6, 3), "ask", QUESTION, "--json", *ground.where):
        outcome.add(f"ask, {what}", unlike(said, 0))
    for what, said in _each(cases, setting.times(6, 1), "chat", *ground.where, given=f"{QUESTION}\n/sources\n"):
        outcome.add(f"chat, {what}", "" if said.code == 0 and str(YEAR) in said.out and not said.err else repr(said))
    outcome.note = "answered each time"
    return outcome


def permissions(setting: Setting) -> Outcome:
    """An index that may only be read: it answers, and is not changed; a changed source is refused in one line."""
    if os.geteuid() == 0 and shutil.which(_HELD[0]) is None:
        return Outcome(unmeasured="there is no setpriv here to hold root to the permissions of files")
    ground, outcome = Ground(setting.folder, setting.exported), Outcome()
    launcher = _HELD if os.geteuid() == 0 else ()
    outcome.add("the first build", ground.build(0))
    held = [path for path in (ground.index, *ground.index.rglob("*")) if "encoder" not in path.parts]
    before = {path: path.read_bytes() for path in held if path.is_file()}
    for path in held:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        ask = ("ask", QUESTION, "--json", *ground.where)
        outcome.add("asked", unlike(fresh(*ask, launcher=launcher), 0))
        outcome.add("asked without TMPDIR", unlike(fresh(*ask, launcher=launcher, env={"TMPDIR": str(setting.folder / "gone")}), 0))
        ground.write(1)
        outcome.add("asked of a changed source", fresh(*ask, launcher=launcher).refusal("make it writable"))
        outcome.add("indexed", fresh("index", *ground.where, launcher=launcher).refusal("make it writable"))
        unchanged = before == {path: path.read_bytes() for path in held if path.is_file()}
        outcome.add("its files", "" if unchanged else "they were changed")
    finally:
        for path in held:
            path.chmod(0o755)
    outcome.note = "answered, never written to; a changed source is refused in one line"
    return outcome


def locales(setting: Setting) -> Outcome:
    """The same index and sources, one with a name beyond ASCII, under other locales: the same answer, and nothing is built anew."""
    ground, outcome = Ground(setting.folder, setting.exported), Outcome()
    path = ground.sources / "İstanbul é I ı.txt"
    path.write_text("The harbour of İzmir was dug in 1650 by “monks”.\n", encoding="utf-8")
    question = "When was the harbour of İzmir dug?"
    write_questions(question_file(path), read_source(path, ground.sources), [IndexedQuestion(question, ((21, 32),))])
    bare: Changes = {"LANG": None, "LC_ALL": None, "LC_CTYPE": None, "PYTHONUTF8": None, "PYTHONIOENCODING": None}
    ascii_only: Changes = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ask = ("ask", question, "--json", *ground.where)
    expected = _answer(fresh(*ask, env=bare | {"LC_ALL": "C.UTF-8"}))
    outcome.add("in UTF-8", "" if "1650" in str(expected) else f"{expected}")
    cases: dict[str, Changes] = {
        "C, no UTF-8 at all": bare | ascii_only | {"LC_ALL": "C"},
        "tr_TR.UTF-8": bare | {"LC_ALL": "tr_TR.UTF-8"},
        "a terminal in Latin-1": bare | {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "latin-1"},
        "C": bare | {"LC_ALL": "C"},
        "POSIX": bare | {"LC_ALL": "POSIX"},
        "none": bare,
        "tr_TR, no UTF-8": bare | ascii_only | {"LC_ALL": "tr_TR"},
        "PYTHONUTF8=0": bare | {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "0"},
        "a terminal in ASCII": bare | {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "ascii"},
    }
    for what, said in _each(cases, setting.times(9, 3), *ask):
        answer = _answer(said)
        outcome.add(what, "" if answer == expected else f"{answer} instead of {expected}")
    plain = ("ask", question, *ground.where)
    for what, said in _each(cases, setting.times(9, 1), *plain):
        outcome.add(f"{what}, in plain text", "" if said.code == 0 and "1650" in said.out and not said.err else repr(said))
    generations = len(list(ground.index.glob("generation-*")))
    outcome.add("nothing built anew", "" if generations == 1 else f"{generations} generations")
    outcome.note = "the same answer to the byte, from the same index"
    return outcome


def _each(cases: dict[str, Changes], most: int, *args: str, given: str = "") -> Iterator[tuple[str, Said]]:
    """The first `most` of the cases, each with what a command says in it."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        chosen = dict(list(cases.items())[:most])
        yield from zip(chosen, pool.map(lambda env: fresh(*args, env=env, given=given.encode()), chosen.values()), strict=True)


def _answer(said: Said) -> object:
    """What of a Reply in JSON must not change, or else how the command failed."""
    if said.code != 0 or said.err:
        return said
    reply = json.loads(said.out)
    return reply["question"], reply["answer"], reply["confidence"], reply["citations"]
