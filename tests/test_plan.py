from pathlib import Path

import pytest

from index.errors import QuestionFileError
from index.plan import plan

MAX_BYTES = 1_000


def test_a_question_file_beside_two_sources_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One sentence.")
    (tmp_path / "a.md").write_text("Another sentence.")
    assert len(plan(tmp_path, MAX_BYTES, parse=False)) == 2
    (tmp_path / "a.questions.jsonl").write_text("{}")
    with pytest.raises(QuestionFileError, match=r"beside both a\.md and a\.txt"):
        plan(tmp_path, MAX_BYTES, parse=False)


def test_without_parsing_only_what_tells_a_change_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One sentence. Two.")
    [quick], [whole] = plan(tmp_path, MAX_BYTES, parse=False), plan(tmp_path, MAX_BYTES, parse=True)
    assert quick.document.sha256 == whole.document.sha256
    assert (quick.document.questions_sha256, whole.questions) == ("", ())
    assert (len(quick.document.sentences), len(whole.document.sentences)) == (0, 2)
