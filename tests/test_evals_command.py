import json
import os
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from evals.__main__ import main
from evals.cases import load_cases
from evals.metrics import MEASURES
from evals.readme import BEGIN, END, between_marks, write_tables
from evals.score import score_all
from evals.table import Column, Table, as_markdown
from index.errors import CaseError
from tests.made import FACTS, TEXTS, answered, case, refused

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every thirtieth case of the half for tuning, so that a whole run is short."""
    every = [one for one in load_cases() if one.split == "dev"]
    monkeypatch.setattr("evals.evaluation.load_cases", lambda facts: tuple(every[::30]))


def run(index: Path, sources: Path, out: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--index", str(index), "--sources", str(sources), "--out", str(out), *arguments])


@pytest.mark.usefixtures("few")
def test_a_run_prints_the_table_and_leaves_json_and_page(built_index: Path, sources: Path, tmp_path: Path) -> None:
    found = run(built_index, sources, tmp_path / "out", "--split", "dev")
    assert found.exit_code == 0, found.output
    for measure in MEASURES:
        assert measure.title.split()[0] in found.output
    assert "textbook, dev" in " ".join(found.output.split())
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["quotes-dev.html", "quotes-dev.json"]
    record = json.loads((tmp_path / "out" / "quotes-dev.json").read_text(encoding="utf-8"))
    assert [column["answerer"] for column in record["columns"]][:3] == ["quotes", "similarity", "textbook"]
    assert {row["split"] for row in record["cases"]} == {"dev"}
    again = CliRunner().invoke(main, ["--compare", *[str(tmp_path / "out" / "quotes-dev.json")] * 2])
    assert again.exit_code == 0
    assert "better: 0" in again.output


@pytest.mark.usefixtures("few")
def test_below_the_floors_the_exit_code_is_1(built_index: Path, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    floors = tmp_path / "floors.toml"
    floors.write_text('[[floor]]\nmeasure = "right"\nat_least = 1.1\n', encoding="utf-8")
    monkeypatch.setattr("evals.floors.read_floors.__defaults__", (floors,))
    found = run(built_index, sources, tmp_path / "out", "--no-baselines")
    assert found.exit_code == 1, found.output
    assert "BELOW" in found.output


def test_squad_articles_are_indexed_by_themselves(built_index: Path, sources: Path, tmp_path: Path) -> None:
    qas = [
        {"id": "q1", "question": "What does Ann sell in Rome?", "is_impossible": False, "answers": [{"text": "tea", "answer_start": 10}]},
        {"id": "q2", "question": "Who rules Norway?", "is_impossible": True, "answers": []},
    ]
    paragraphs = [{"context": "Ann sells tea in Rome. She buys milk in Oslo.", "qas": qas}]
    path = tmp_path / "small.json"
    path.write_text(json.dumps({"data": [{"title": "Trade", "paragraphs": paragraphs}]}), encoding="utf-8")
    found = run(built_index, sources, tmp_path / "out", "--squad", str(path), "--limit", "2")
    assert found.exit_code == 0, found.output
    record = json.loads((tmp_path / "out" / "quotes-squad-small.json").read_text(encoding="utf-8"))
    assert [row["id"] for row in record["cases"]] == ["q1", "q2"]
    assert record["cases"][0]["reciprocal_rank"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--limit", "3"], "--limit goes with --squad"),
        (["--squad", "none.json"], "cannot read none.json"),
        (["--write-readme", "--split", "dev"], "--write-readme needs the whole set"),
        (["--compare", "a.json", "b.json"], "cannot read a.json"),
        (["--squad", "x.json", "--judge", "local"], "leave out --squad"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_exit_code_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(main, arguments)
    assert found.exit_code == 2
    assert found.stderr.startswith("evals: ")
    assert said in found.stderr
    assert found.stderr.count("\n") == 1


def test_ctrl_c_keeps_what_is_finished(built_index: Path, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("evals.evaluation.ask_cases_kept", stop)
    found = run(built_index, sources, tmp_path / "out")
    assert found.exit_code == 130
    assert "--resume" in found.stderr


def test_the_readme_holds_the_table_of_every_measure_and_of_every_kind() -> None:
    _, inside = between_marks()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in inside.splitlines() if line.startswith("|")]
    head, titles = rows[0], [row[0] for row in rows]
    cases = [one for one in load_cases() if one.split == "test"]
    assert head[1:4] == ["quotes, test", "similarity, test", "textbook, test"]
    assert [title for title in titles if title in {measure.title for measure in MEASURES}] == [measure.title for measure in MEASURES]
    counts = dict(zip(titles, rows, strict=True))
    assert counts["questions (with an answer)"][1] == f"{len(cases)} ({sum(one.answerable for one in cases)})"
    for kind in {one.kind for one in cases}:
        assert counts[kind.replace("_", " ")][1] == str(sum(one.kind == kind for one in cases))
    number = re.compile(r"–|\d+(?:\.\d+)?(?: \(\d+(?:\.\d+)? to \d+(?:\.\d+)?\))?|\d+ \(\d+\)")
    assert all(number.fullmatch(cell) for row in rows for cell in row[1:] if row[0] not in ("", "kind", "---"))


def test_tables_are_written_between_the_marks_and_nowhere_else(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"Before.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", encoding="utf-8")
    column = Column("quotes", "test", tuple(score_all([answered(case("a", "tea"), 0), refused(case("b"))], FACTS, TEXTS)))
    write_tables([column], readme)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith(f"Before.\n\n{BEGIN}\n\n| ")
    assert text.endswith(f"\n{END}\n\nAfter.\n")
    assert "old" not in text
    assert "| right answers | 1.000 |" in text
    write_tables([column], readme)
    assert readme.read_text(encoding="utf-8") == text
    readme.write_text("No marks.", encoding="utf-8")
    with pytest.raises(CaseError, match="has no line"):
        write_tables([column], readme)


def test_a_table_in_markdown() -> None:
    assert as_markdown(Table(("", "a"), (("x", "1"),))) == "|  | a |\n| --- | --- |\n| x | 1 |\n"


@pytest.mark.skipif(shutil.which("make") is None, reason="no make")
def test_make_eval_runs_the_evals() -> None:
    import subprocess

    said = subprocess.run(["make", "-n", "-o", ".venv/installed", "eval"], cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ).stdout
    assert "python -m evals" in said
