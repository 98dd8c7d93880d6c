import json
from pathlib import Path
from typing import Any

import pytest

from evals.squad import read_squad, write_documents
from evals.texts import read_texts
from index.errors import CaseError


def squad(**changes: Any) -> dict[str, Any]:
    answer = {"text": "tea", "answer_start": 10}
    found = {"id": "q1", "question": "What does Ann sell?", "is_impossible": False, "answers": [answer, answer]} | changes
    none = {"id": "q2", "question": "Why?", "is_impossible": True, "answers": [], "plausible_answers": [answer]}
    paragraphs = [{"context": "Première chose.", "qas": [none]}, {"context": "Ann sells tea in Rome.", "qas": [found]}]
    return {"version": "v2.0", "data": [{"title": "A/B: trade", "paragraphs": paragraphs}]}


def written(folder: Path, content: object) -> Path:
    path = folder / "squad.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_an_article_is_a_document_and_a_question_a_case(tmp_path: Path) -> None:
    found = read_squad(written(tmp_path, squad()))
    assert found.documents == {"001-A-B-trade.txt": "Première chose.\n\nAnn sells tea in Rome."}
    assert [(case.id, case.kind, case.facts, case.short) for case in found.cases] == [("q2", "unanswerable", (), ()), ("q1", "answerable", ("q1",), ("tea",))]
    (span,) = found.facts["q1"].spans
    folder = tmp_path / "documents"
    folder.mkdir()
    write_documents(found, folder)
    assert read_texts(folder)["001-A-B-trade.txt"].text[slice(*span)] == "tea"


def test_a_limit_spreads_over_the_file(tmp_path: Path) -> None:
    content = squad()
    qas = [{"id": str(number), "question": "Why?", "is_impossible": True, "answers": []} for number in range(10)]
    content["data"][0]["paragraphs"][0]["qas"] = qas
    content["data"][0]["paragraphs"][1]["qas"] = []
    assert [case.id for case in read_squad(written(tmp_path, content), 3).cases] == ["0", "3", "6"]
    assert len(read_squad(written(tmp_path, content), 100).cases) == 10


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not in SQuAD 2.0 form"),
        ({"data": [{"title": "x"}]}, "not in SQuAD 2.0 form"),
        ([], "not in SQuAD 2.0 form"),
        ({"data": []}, "holds no question"),
        (squad(answers=[{"text": "tea", "answer_start": 9}]), "is not at 9"),
        (squad(is_impossible=True), "is_impossible is True"),
        (squad(answers=[]), "0 answers"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, content: object, said: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(CaseError, match=said) as error:
        read_squad(path)
    assert str(error.value).startswith(str(path))
