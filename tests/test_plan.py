from pathlib import Path

import pytest

from index.errors import QuestionFileError
from index.plan import parse, plan

MAX_BYTES = 1_000


def test_a_question_file_beside_two_sources_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One sentence.")
    (tmp_path / "a.md").write_text("Another sentence.")
    assert len(plan(tmp_path, MAX_BYTES)) == 2
    (tmp_path / "a.questions.jsonl").write_text("{}")
    with pytest.raises(QuestionFileError, match=r"beside both a\.md and a\.txt"):
        plan(tmp_path, MAX_BYTES)


def test_planning_reads_only_what_tells_a_change(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One sentence. Two.")
    [quick] = plan(tmp_path, MAX_BYTES)
    whole = parse(quick, tmp_path)
    assert quick.sha256 == whole.document.sha256
    assert (quick.questions_sha256, whole.questions) == ("", ())
    assert (len(quick.sentences), len(whole.document.sentences)) == (0, 2)
