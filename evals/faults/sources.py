"""Sources that change while they are read, and sources with names that nobody expects."""

import hashlib
import json
import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

from evals.faults.ground import Ground, text_of
from evals.faults.outcome import Outcome, Setting
from evals.faults.program import Said, forked
from index.documents import read_documents
from index.store import current

_Change = Callable[[Path, int], object]
_LINE = "The {number}th inspection was held in Ruritania.\n"


def changing(setting: Setting) -> Outcome:
    """A file is replaced, cut off or written on all the time while it is indexed: one of its states is taken, or one line says why none can be."""
    ground, outcome, rng = Ground(setting.folder, setting.exported), Outcome(), random.Random(3)
    refused = 0
    for what, change in _CHANGES.items():
        for number in range(setting.times(6, 1)):
            ground.write(number)
            (ground.sources / "a.questions.jsonl").unlink()
            stopped = threading.Event()
            writer = threading.Thread(target=_keep_changing, args=(ground.sources / "c.txt", change, stopped, rng))
            writer.start()
            said = forked("index", *ground.where)
            stopped.set()
            writer.join()
            refused += said.code != 0
            outcome.add(f"{what}, build {number}", said.refusal("c.txt") if said.code else _torn(ground.index, what))
            (ground.sources / "c.txt").unlink(missing_ok=True)
            outcome.add(f"{what}, at rest after {number}", ground.build(number) or ground.look().among(number) or ground.leftovers())
    outcome.note = f"{refused} refused in one line, the others took one state; at rest, what stands there was indexed"
    return outcome


def _torn(index: Path, what: str) -> str:
    """What is wrong with the text that was taken; a file that is replaced in one move has whole states only."""
    for document in read_documents(current(index)):
        states = len(set(document.text.splitlines()))
        if hashlib.sha256(document.text.encode()).hexdigest() != document.sha256 or (document.name == "c.txt" and what == "replaced" and states != 1):
            return f"{document.name} is of {states} states"
    return ""


def _keep_changing(path: Path, change: _Change, stopped: threading.Event, rng: random.Random) -> None:
    number = 0
    while not stopped.is_set():
        number += 1
        change(path, number)
        time.sleep(rng.uniform(0, 0.002))


def _replace(path: Path, number: int) -> None:
    partial = path.with_name(".partial")
    partial.write_text(_LINE.format(number=number) * 50, encoding="utf-8")
    partial.replace(path)


def _cut_off(path: Path, number: int) -> None:
    with path.open("wb") as file:
        file.write(_LINE.format(number=number).encode() * 2_000)
        file.truncate(number % 997)


def _grow(path: Path, number: int) -> None:
    with path.open("ab") as file:
        file.write("é".encode()[: 1 + number % 2] if number % 5 == 0 else _LINE.format(number=number).encode())


def _come_and_go(path: Path, number: int) -> None:
    path.unlink() if path.exists() else path.write_text(_LINE.format(number=number), encoding="utf-8")


_CHANGES: dict[str, _Change] = {"replaced": _replace, "cut off": _cut_off, "growing": _grow, "coming and going": _come_and_go}

_NAMES = (  # every fourth is one for the short form
    b"new\nline.txt",
    b"with spaces  and more .txt",
    b"tab\tand\rreturn.txt",
    b"n" * 251 + b".txt",
    b"caf\xe9 \xff.txt",
    "é".encode() * 125 + b"x.txt",
    b"'single' \"double\" `tick` $HOME.txt",
    b"--json.txt",
    "evil\u202etxt.exe\u202c.txt".encode(),
    b"-.txt",
    b"<b>bold & [link](x).md",
    b"semi;colon|pipe*star?.txt",
    b"\x1b[31mred\x1b]0;title\x07.txt",
    "\U0001f600\u200d\u0301.txt".encode(),
    b"a.questions.txt",
    b"%s%n {0} \\n.txt",
)


def names(setting: Setting) -> Outcome:
    """Documents under such names, each asked for in JSON and in plain text, and each refused under its name once it is broken."""
    ground, outcome = Ground(setting.folder, setting.exported), Outcome()
    paths = [Path(os.fsdecode(os.fsencode(ground.sources) + b"/" + name)) for name in _NAMES]
    for number, path in enumerate(paths):
        path.write_text(f"{text_of(number)}\nThe harbour of Place{number} was dug in {1600 + number} by monks.\n", encoding="utf-8")
    said = forked("index", *ground.where)
    outcome.add("indexing them all", "" if said.code == 0 and f"{len(paths)} added" in said.out else repr(said))
    asked = setting.folder / "asked.jsonl"
    questions = [f"When was the harbour of Place{number} dug?" for number in range(len(paths))]
    asked.write_text("".join(json.dumps({"question": question}) + "\n" for question in questions), encoding="utf-8")
    replies = forked("ask", "--batch", asked, *ground.where)
    lines = replies.out.splitlines()
    outcome.add("a Reply for each", "" if replies.code == 0 and len(lines) == len(paths) else repr(replies))
    for number, (path, line) in enumerate(zip(paths, lines, strict=False)):
        cited = {citation["document"] for citation in json.loads(line)["citations"]}
        outcome.add(f"cited: {path.name!r}", "" if cited == {path.name} else f"{cited}")
        if number % setting.times(1, 4) == 0:
            outcome.add(f"shown: {path.name!r}", _steering(forked("ask", questions[number], *ground.where)))
            path.write_bytes(b"Broken \xff.")
            broken = forked("index", *ground.where)
            outcome.add(f"refused: {path.name!r}", broken.refusal("not UTF-8") or _steering(broken))
            path.write_text("Whole again.", encoding="utf-8")
    outcome.note = f"{len(paths)} names: cited as they are, shown without what steers a terminal, refused in one line"
    return outcome


def _steering(said: Said) -> str:
    """What of the output could steer a terminal."""
    bad = sorted({c for c in said.out + said.err if not c.isprintable() and c not in "\n\u200c\u200d"})
    return f"{bad} was printed: {said!r}" if bad else ""
