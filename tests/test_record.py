import json
from pathlib import Path

import pytest

from evals.record import compare, record, write_record
from evals.run import Finished
from evals.score import score_all
from evals.table import Column
from index.errors import CaseError
from tests.made import FACTS, TEXTS, answered, case, places, refused

TEA = case("a", "tea")


def written(path: Path, *finished: Finished) -> Path:
    scored = score_all(list(finished), FACTS, TEXTS)
    write_record(path, record([Column("fake", "test", tuple(scored), 12.5)], scored, FACTS, None))
    return path


def reports(folder: Path, changes: dict[str, tuple[bool, bool]]) -> tuple[Path, Path]:
    """Two runs; each case is right (True) or wrong before and after."""

    def one(name: str, right: bool) -> Finished:
        return answered(case(name, "tea"), 0 if right else 2)

    before = written(folder / "before.json", *(one(name, pair[0]) for name, pair in changes.items()))
    return before, written(folder / "after.json", *(one(name, pair[1]) for name, pair in changes.items()))


def test_a_record_holds_numbers_and_every_case(tmp_path: Path) -> None:
    path = written(tmp_path / "new" / "run.json", answered(TEA, 0, ranking=places(0, 1)), refused(case("b"), 2))
    found = json.loads(path.read_text(encoding="utf-8"))
    (column,) = found["columns"]
    assert column["overall"]["right"] == {"value": 1.0, "low": None, "high": None, "cases": 1}
    assert column["overall"]["mrr"]["value"] == 1.0
    assert column["kinds"]["plain"]["refused"]["value"] == 1.0
    assert column["peak_mib"] == 12.5
    first, second = found["cases"]
    assert (first["verdict"], first["facts"], first["supports"]) == ("right", {"tea": "Ann sells tea."}, [True])
    assert first["reply"]["citations"][0]["quote"] == "Ann sells tea in Rome."
    assert second["instead"]["citations"][0]["quote"] == "Bob sells rum."
    assert second["reciprocal_rank"] is None


def test_what_got_better_and_worse(tmp_path: Path) -> None:
    changes = {f"up{n}": (False, True) for n in range(7)} | {"down": (True, False), "same": (True, True), "still": (False, False)}
    found = compare(*reports(tmp_path, changes))
    assert [change.id for change in found.better] == [f"up{n}" for n in range(7)]
    assert [(change.id, change.before, change.after) for change in found.worse] == [("down", "right", "wrong")]
    # Of 8 throws of a fair coin, 7 or more alike, on either side: 2 * (1 + 8) / 256.
    assert found.p == pytest.approx(18 / 256)
    assert (found.shared, found.only_before, found.only_after) == (10, 0, 0)


def test_wrong_in_another_way_is_neither_better_nor_worse(tmp_path: Path) -> None:
    before = written(tmp_path / "a.json", answered(TEA, 2))
    found = compare(before, written(tmp_path / "b.json", refused(TEA)))
    assert (found.better, found.worse) == ((), ())
    assert [(change.before, change.after) for change in found.otherwise] == [("wrong", "wrongly refused")]
    assert found.p == 1.0


def test_runs_over_different_cases_are_compared_where_they_meet(tmp_path: Path) -> None:
    before = written(tmp_path / "a.json", answered(TEA, 0), answered(case("b", "tea"), 0))
    after = written(tmp_path / "b.json", answered(TEA, 0), answered(case("c", "tea"), 0), answered(case("d", "tea"), 0))
    found = compare(before, after)
    assert (found.shared, found.only_before, found.only_after) == (1, 1, 2)
    with pytest.raises(CaseError, match="no case in common"):
        compare(before, written(tmp_path / "c.json", answered(case("z", "tea"), 0)))


@pytest.mark.parametrize("content", ["{", "[]", '{"cases": [{"id": "a"}]}', '{"cases": [{"id": "a", "question": "?", "verdict": "fine"}]}'])
def test_a_file_that_is_no_report_is_refused(tmp_path: Path, content: str) -> None:
    good = written(tmp_path / "good.json", answered(TEA, 0))
    bad = tmp_path / "bad.json"
    bad.write_text(content, encoding="utf-8")
    with pytest.raises(CaseError, match=r"bad\.json"):
        compare(good, bad)
    with pytest.raises(CaseError, match="cannot read"):
        compare(good, tmp_path / "none.json")
