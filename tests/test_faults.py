"""The fault experiments' own parts; the experiments themselves are run by make faults."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from evals.faults.__main__ import BEGIN, END, README, experiments, main
from evals.faults.flips import flip
from evals.faults.ground import Seen
from evals.faults.outcome import Outcome, as_table
from evals.faults.program import Said
from evals.readme import between_marks


def test_what_was_lost_is_counted_and_what_could_not_be_tried_is_said() -> None:
    kept, lost = Outcome(note="all well"), Outcome(note="all well")
    for outcome, problem in ((kept, ""), (lost, "gone"), (lost, "")):
        outcome.add("a trial", problem)
    rows = as_table([("a", kept), ("b", lost), ("c", Outcome(unmeasured="no disk"))]).rows
    assert rows[0] == ("a", "1", "0", "all well")
    assert rows[1][:3] == ("b", "2", "1")
    assert "all well" not in rows[1][3]
    assert rows[2] == ("c", "–", "–", "not measured: no disk")
    assert lost.lost == ["a trial: gone"]


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        (Said(2, "", "assistant: the disk is full: free some\n"), True),
        (Said(1, "", "assistant: the disk is full: free some\n"), False),
        (Said(2, "half an answer", "assistant: the disk is full: free some\n"), False),
        (Said(2, "", "assistant: the disk is full: wait\n"), False),
        (Said(2, "", "Traceback\nassistant: free some\n"), False),
    ],
)
def test_a_refusal_is_one_line_with_its_cure(said: Said, holds: bool) -> None:
    assert (said.refusal("free some") == "") is holds


def test_an_index_answers_from_one_of_the_versions_expected() -> None:
    assert Seen(3).among(2, 3) == ""
    assert "version 1" in Seen(1).among(2, 3)
    assert Seen(None, "damaged").among(2, 3) == "damaged"


def test_a_flipped_bit_is_one_bit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\x00\x00")
    flip(path, 1, 3)
    assert path.read_bytes() == b"\x00\x08"
    flip(path, 1, 3)
    assert path.read_bytes() == b"\x00\x00"


def test_half_a_run_is_not_written_into_the_readme() -> None:
    refused = CliRunner().invoke(main, ["--short", "--write-readme"])
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


def test_the_readme_has_a_row_for_every_experiment() -> None:
    _, table = between_marks(README, BEGIN, END)
    rows = [line.split(" | ") for line in table.splitlines()[2:]]
    assert [row[0].removeprefix("| ") for row in rows] == [experiment.title for experiment in experiments()]
    assert {row[2] for row in rows} <= {"0", "–"}
