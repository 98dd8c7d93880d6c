import random
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from index import store
from index.build import Summary, build, encoder_for, is_fresh
from index.embedding_model import DEFAULT_MODEL
from index.errors import SourceError, StoreError, StoreStale
from index.questions import IndexedQuestion, write_questions
from index.source import read_source
from tests.conftest import MAX_BYTES
from tests.process import ASSISTANT, clean_environment, run

OLD, NEW = "The treaty was signed in 1987.", "The treaty was signed in 1988."


def up_to_date(docs: Path, index: Path) -> Summary:
    summary = build(docs, index, DEFAULT_MODEL, MAX_BYTES)
    assert is_fresh(index, docs, DEFAULT_MODEL, MAX_BYTES)
    return summary


def texts(index: Path) -> dict[str, str]:
    """What the index holds, opened as for a question; Chroma has just these sentences."""
    held = store.open_store(index, encoder_for(index, DEFAULT_MODEL))
    assert set(held.vectors._collection.get(include=[])["ids"]) == set(held.positions)
    return {document.name: document.text for document in held.documents}


def generations(index: Path) -> list[str]:
    return sorted(path.name for path in index.glob("generation-*"))


def test_only_what_changed_is_done_again(docs: Path, new_index: Path) -> None:
    first = up_to_date(docs, new_index)
    assert first == Summary(added=2, changed=0, removed=0, unchanged=0, passages=3, sentences=4, questions=0)
    assert generations(new_index) == ["generation-1"]
    assert up_to_date(docs, new_index).unchanged == 2
    assert generations(new_index) == ["generation-1"]
    (docs / "a.txt").write_text(NEW)
    (docs / "c.txt").write_text("More.")
    (docs / "b.md").unlink()
    assert not is_fresh(new_index, docs, DEFAULT_MODEL, MAX_BYTES)
    last = up_to_date(docs, new_index)
    assert (last.added, last.changed, last.removed, last.unchanged) == (1, 1, 1, 0)
    assert texts(new_index) == {"a.txt": NEW, "c.txt": "More."}
    assert generations(new_index) == ["generation-1", "generation-2"]  # the one before stays for who reads it
    (docs / "c.txt").unlink()
    up_to_date(docs, new_index)
    assert generations(new_index) == ["generation-2", "generation-3"]


def test_a_generation_that_is_read_stays_until_its_reader_is_gone(docs: Path, new_index: Path) -> None:
    up_to_date(docs, new_index)
    reader = store.open_store(new_index, encoder_for(new_index, DEFAULT_MODEL))
    for version in range(3):
        (docs / "a.txt").write_text(f"{NEW} {version}")
        up_to_date(docs, new_index)
    assert generations(new_index) == ["generation-1", "generation-3", "generation-4"]
    assert len(reader.vectors._collection.get(include=[])["ids"]) == 4
    del reader
    (docs / "a.txt").write_text(OLD)
    up_to_date(docs, new_index)
    assert generations(new_index) == ["generation-4", "generation-5"]


def test_a_name_so_long_that_its_questions_could_have_none(docs: Path, new_index: Path) -> None:
    (docs / ("n" * 251 + ".txt")).write_text(OLD)
    up_to_date(docs, new_index)
    assert "n" * 251 + ".txt" in texts(new_index)


def test_one_text_under_two_names_and_names_that_are_odd(docs: Path, new_index: Path) -> None:
    (docs / "sub").mkdir()
    for name in ("copy.txt", "sub/a.txt", "é \U0001f600 '\".txt", "--json.txt"):
        (docs / name).write_text(OLD)
    up_to_date(docs, new_index)
    assert set(texts(new_index)) == {"a.txt", "b.md", "copy.txt", "sub/a.txt", "é \U0001f600 '\".txt", "--json.txt"}


def test_a_name_and_a_text_that_databases_trip_over(docs: Path, new_index: Path) -> None:
    path = Path(str(docs).encode().decode(), "caf\udce9.txt")
    path.write_bytes("Nul \x00 and \u2028 and \U0001f600. Next.".encode())
    up_to_date(docs, new_index)
    assert texts(new_index)["caf\udce9.txt"] == "Nul \x00 and \u2028 and \U0001f600. Next."


def test_questions_make_a_document_changed(docs: Path, new_index: Path) -> None:
    up_to_date(docs, new_index)
    source = read_source(docs / "a.txt", docs)
    beside = docs / "a.questions.jsonl"
    write_questions(beside, source, [IndexedQuestion("When was it signed?", ((15, 29),)), IndexedQuestion("Who paid?", ())])
    with_questions = up_to_date(docs, new_index)
    assert (with_questions.changed, with_questions.unchanged, with_questions.questions) == (1, 1, 2)
    assert len(store.open_store(new_index, encoder_for(new_index, DEFAULT_MODEL)).question_models) == 1
    beside.unlink()
    assert up_to_date(docs, new_index).changed == 1
    assert store.open_store(new_index, encoder_for(new_index, DEFAULT_MODEL)).question_models == {}


def test_a_source_that_cannot_be_read_leaves_the_index_alone(docs: Path, new_index: Path) -> None:
    up_to_date(docs, new_index)
    (docs / "bad.txt").write_bytes(b"\xff")
    with pytest.raises(SourceError, match=r"bad\.txt"):
        build(docs, new_index, DEFAULT_MODEL, MAX_BYTES)
    shutil.rmtree(docs)
    with pytest.raises(SourceError, match="no source folder"):
        build(docs, new_index, DEFAULT_MODEL, MAX_BYTES)
    assert texts(new_index)["a.txt"] == OLD


def test_an_index_that_is_a_file_or_lies_below_one(docs: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    for index in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("n" * 300)):
        with pytest.raises(StoreError, match="give another one with --index DIR"):
            build(docs, index, DEFAULT_MODEL, MAX_BYTES)
    assert (tmp_path / "file").read_text() == "text"


def test_an_index_of_another_model_is_stale_and_built_anew(docs: Path, new_index: Path, tmp_path: Path) -> None:
    up_to_date(docs, new_index)
    other = tmp_path / "other-model"
    other.mkdir()
    (other / "weights").write_bytes(b"\x00")
    with pytest.raises(StoreStale, match="other-model"):
        is_fresh(new_index, docs, str(other), MAX_BYTES)
    manifest = new_index / "generation-1/manifest.json"
    manifest.write_text(manifest.read_text().replace("all-MiniLM", "all-MaxiLM"))
    assert up_to_date(docs, new_index).added == 2


def test_what_killed_builders_left_is_swept(docs: Path, new_index: Path) -> None:
    for left in ("partial/chroma", "generation-7", "encoder/model.partial-12", "generation-x"):
        (new_index / left).mkdir(parents=True)
    (new_index / "CURRENT.12").write_text("gener")
    try:
        up_to_date(docs, new_index)
        assert sorted(path.name for path in new_index.iterdir()) == ["CURRENT", "encoder", "generation-8", "lock"]
        assert not list(new_index.glob("encoder/*.partial-*"))
    finally:
        shutil.rmtree(new_index / "encoder/model.partial-12", ignore_errors=True)


def test_two_processes_index_at_once(docs: Path, new_index: Path) -> None:
    command = [*ASSISTANT, "index", "--sources", docs, "--index", new_index]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_environment()) for _ in range(2)]
    said = [process.communicate(timeout=120)[0].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(text.split(".")[0] for text in said) == ["0 added, 0 changed, 0 removed, 2 unchanged", "2 added, 0 changed, 0 removed, 0 unchanged"]
    assert set(texts(new_index)) == {"a.txt", "b.md"}


def test_the_old_index_answers_after_kill_9_at_any_moment(docs: Path, new_index: Path) -> None:
    started = time.monotonic()
    assert run("index", "--sources", docs, "--index", new_index).returncode == 0
    whole = time.monotonic() - started
    rng, survived = random.Random(9), 0
    for number in range(4):
        (docs / "a.txt").write_text(f"The treaty was signed in {1990 + number}.")
        before = texts(new_index)["a.txt"]
        process = subprocess.Popen([*ASSISTANT, "index", "--sources", docs, "--index", new_index], stdout=subprocess.DEVNULL, env=clean_environment())
        time.sleep(rng.uniform(0.3, 1.0) * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        held = texts(new_index)["a.txt"]
        assert held in (before, (docs / "a.txt").read_text())
        survived += held == before
    assert survived, "every run was over before it was killed"
    up_to_date(docs, new_index)
    assert texts(new_index)["a.txt"] == (docs / "a.txt").read_text()
    assert not (new_index / "partial").exists()


def test_a_builder_that_is_interrupted_midway_leaves_the_old_index(docs: Path, new_index: Path) -> None:
    up_to_date(docs, new_index)
    (docs / "a.txt").write_text(NEW)

    def stop(what: str, _done: int, _of: int) -> None:
        if what == "embedding":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(docs, new_index, DEFAULT_MODEL, MAX_BYTES, stop)
    assert texts(new_index)["a.txt"] == OLD
    assert sorted(path.name for path in new_index.iterdir()) == ["CURRENT", "encoder", "generation-1", "lock"]
    up_to_date(docs, new_index)


@pytest.mark.parametrize("most", [50, 5_000, 150_000])
def test_a_file_size_limit_says_so_and_keeps_the_old_index(docs: Path, new_index: Path, most: int) -> None:
    up_to_date(docs, new_index)
    (docs / "a.txt").write_text(NEW)
    finished = subprocess.run(
        [*ASSISTANT, "index", "--sources", docs, "--index", new_index],
        capture_output=True,
        text=True,
        env=clean_environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
        check=False,
    )
    assert finished.returncode == 2
    assert finished.stderr.startswith("assistant: ")
    assert finished.stderr.count("\n") == 1
    assert "free some" in finished.stderr
    assert texts(new_index)["a.txt"] == OLD


FULL_DISK = """
    import subprocess, sys
    from pathlib import Path
    from index.build import build, encoder_for
    from index.embedding_model import DEFAULT_MODEL
    from index.errors import StoreError
    from index.store import open_store

    docs, index, exported = map(Path, sys.argv[1:])

    def resize(option):
        subprocess.run(["mount", *option, str(index)], check=True)

    resize(["-t", "tmpfs", "-o", "size=20m", "none"])
    (index / "encoder").symlink_to(exported)
    build(docs, index, DEFAULT_MODEL, 1_000_000)
    used = int(subprocess.check_output(["df", "--output=used", "-k", str(index)]).split()[-1])
    old = (docs / "a.txt").read_text()
    (docs / "a.txt").write_text(old.replace("1987", "1988"))
    refused = 0
    for more in range(8, 900, 90):
        resize(["-o", f"remount,size={used + more}k"])
        try:
            build(docs, index, DEFAULT_MODEL, 1_000_000)
            break
        except StoreError as error:
            refused += 1
            assert "free some" in str(error), error
        resize(["-o", "remount,size=20m"])
        held = open_store(index, encoder_for(index, DEFAULT_MODEL))
        assert {document.name: document.text for document in held.documents}["a.txt"] == old
    assert refused > 2
    held = open_store(index, encoder_for(index, DEFAULT_MODEL))
    assert "1988" in held.documents[0].text
"""


def test_a_full_disk_says_so_and_keeps_the_old_index(docs: Path, tmp_path: Path, exported: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here; the limit of file sizes stands in for it")
    index = tmp_path / "disk"
    index.mkdir()
    command = ["unshare", "-m", sys.executable, "-c", textwrap.dedent(FULL_DISK), docs, index, exported]
    finished = subprocess.run(command, capture_output=True, text=True, env=clean_environment(), check=False)
    assert finished.returncode == 0, finished.stderr
