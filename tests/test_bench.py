"""The benchmarks' own parts; what they measure is told by make bench."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from evals.bench.__main__ import BEGIN, END, PLOT, README, main
from evals.bench.figure import Figure, as_table, in_turn, median_ratio, number
from evals.bench.plot import panels
from evals.bench.texts import texts, write_files
from evals.readme import between_marks


def test_a_figure_holds_within_its_bound() -> None:
    assert Figure("a", 0.35, most=0.35).holds
    assert not Figure("a", 0.351, most=0.35).holds
    assert Figure("a", 0.9, least=0.9).holds
    assert not Figure("a", 0.89, least=0.9).holds
    assert Figure("a", 7).holds
    assert Figure("a", 3, most=2).is_near()
    assert not Figure("a", 3.1, most=2).is_near()
    assert Figure("a", 0.61, least=0.9).is_near()
    assert not Figure("a", 0.59, least=0.9).is_near()


def test_a_missed_bound_is_said_in_the_table_and_in_the_line() -> None:
    missed = Figure("cost", 2, most=1.5, how="2 s and 1 s")
    assert as_table([missed]).rows == (("cost", "**2.00** (missed)", "at most 1.5", "2 s and 1 s"),)
    assert "MISSED" in missed.line()
    assert as_table([Figure("free", 1234.5)]).rows[0][1:3] == ("**1,234**", "–")


@pytest.mark.parametrize(("value", "shown"), [(0.0189, "0.019"), (0.25, "0.25"), (1.5, "1.50"), (256.4, "256")])
def test_numbers_keep_the_digits_that_matter(value: float, shown: str) -> None:
    assert number(value) == shown


def test_ratios_are_taken_round_by_round_and_the_first_round_only_warms_up() -> None:
    assert median_ratio([1, 2, 9], [1, 1, 3]) == 2
    calls: list[str] = []
    taken = in_turn(2, lambda: calls.append("a"), lambda: calls.append("b"))
    assert calls == ["a", "b"] * 3
    assert [len(one) for one in taken] == [2, 2]


def test_texts_are_many_different_and_the_same_each_time(tmp_path: Path) -> None:
    found = texts(20_000)
    assert len(set(found)) > 0.95 * 20_000
    assert found == texts(20_000)
    write_files(tmp_path, found[:5], each=2, first=7)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000007.txt", "000008.txt", "000009.txt"]
    assert (tmp_path / "000009.txt").read_text() == f"{found[4]}\n"


def test_a_plot_rises_with_its_points() -> None:
    drawn = ElementTree.fromstring(panels([("ms", "passages", [(1_000, 5.0), (10_000, 10.0), (100_000, 20.0)])]))
    dots = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in drawn.iter("{http://www.w3.org/2000/svg}circle")]
    (x1, y1), (x2, y2), (x3, y3) = dots
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)  # powers of ten stand evenly
    assert y3 == 34  # 20 is the top of the axis
    assert (y1 - y3) == pytest.approx(3 * (y2 - y3) / 2, abs=0.2)  # 15 below the top, and 10
    assert "100k" in "".join(drawn.itertext())


def test_half_a_run_is_not_written_into_the_readme() -> None:
    refused = CliRunner().invoke(main, ["--short", "--write-readme"])
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


def test_the_readme_has_every_row_that_was_to_be_reached() -> None:
    _, table = between_marks(README, BEGIN, END)
    bounds = [float(bound) for bound in re.findall(r"at (?:most|least) ([\d.]+) \|", table)]
    assert sorted(bounds) == sorted([0.35, 0.5, 1.5, 1.5, 0.5, 0.9, 3, 0.02])
    assert ElementTree.parse(PLOT).getroot().attrib["aria-label"]
