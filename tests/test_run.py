import json
from pathlib import Path

import pytest
from langchain_core.runnables import RunnableLambda

from assistant import chain
from assistant.reply import Ask, Reply, Turn
from assistant.settings import load_settings
from evals.cases import Case
from evals.run import Answerer, ask_case, ask_cases, ask_cases_kept
from evals.score import is_verbatim
from evals.texts import read_texts
from index.errors import CaseError

CASES = [Case(f"c{number}", "dev", "plain", f"Question {number}?", ()) for number in range(4)]
ABOUT = {"strictness": "balanced"}


@pytest.fixture(scope="module")
def assistant(built_index: Path, sources: Path) -> Answerer:
    loaded = chain.load(load_settings(sources=sources, index=built_index, model=""), lambda *_: None)
    return Answerer("quotes", loaded.chain)


def counting(asked: list[str], stop_at: str = "") -> Answerer:
    def answer(ask: Ask) -> Reply:
        if ask.question == stop_at:
            raise KeyboardInterrupt
        asked.append(ask.question)
        return Reply(ask.question, ask.question, "not_stated", "No.", 0.25, "fake")

    return Answerer("fake", RunnableLambda(answer))


def kept(answerer: Answerer, journal: Path, resume: bool = False, about: dict[str, str] | None = None) -> list[str]:
    return [one.case.id for one in ask_cases_kept(answerer, CASES, journal, about or ABOUT, resume, lambda: None)]


def test_the_assistant_is_asked_in_process_and_its_ranking_comes_back(assistant: Answerer, sources: Path) -> None:
    one = ask_case(assistant, Case("c", "dev", "plain", "When was the INF Treaty signed?", ()))
    assert one.reply.status == "answered"
    assert "1987" in one.reply.answer
    assert all(is_verbatim(citation, read_texts(sources)) for citation in one.reply.citations)
    assert one.ranking is not None
    assert len(one.ranking) > 5
    assert one.ranking[0] == (one.reply.citations[-1].document, one.reply.citations[-1].start, one.reply.citations[-1].end)
    assert one.instead is None
    assert one.milliseconds >= one.reply.milliseconds.total > 0


def test_a_refusal_comes_with_the_answer_that_it_holds_back(assistant: Answerer) -> None:
    one = ask_case(assistant, Case("c", "dev", "near", "How much does one Aegis system with MK-41 launchers cost?", ()))
    assert one.reply.status == "not_stated"
    assert one.instead is not None
    answer, citations = one.instead
    assert citations
    assert all(citation.quote for citation in citations)
    assert "[1]" in answer


def test_history_reaches_the_assistant(assistant: Answerer) -> None:
    history = (Turn("user", "When did the US begin to withdraw from the treaty?"), Turn("assistant", "In February 2019."))
    one = ask_case(assistant, Case("c", "dev", "follow_up", "And when was it signed?", (), history=history))
    assert "1987" in one.reply.answer


def test_an_answerer_that_retrieves_nothing_has_no_ranking() -> None:
    (one,) = ask_cases(counting([]), CASES[:1])
    assert one.ranking is None
    assert one.instead == ("", ())


def test_a_run_that_is_cut_off_keeps_its_cases_and_goes_on(tmp_path: Path) -> None:
    journal, asked = tmp_path / "new" / "run.jsonl", []
    with pytest.raises(KeyboardInterrupt):
        kept(counting(asked, stop_at="Question 2?"), journal)
    assert kept(counting(asked), journal, resume=True) == ["c0", "c1", "c2", "c3"]
    assert asked == [f"Question {number}?" for number in range(4)]


def test_what_was_kept_comes_back_as_it_was(tmp_path: Path, assistant: Answerer) -> None:
    journal = tmp_path / "run.jsonl"
    cases = [Case("a", "dev", "plain", "Who signed the INF Treaty?", ()), Case("b", "dev", "off_topic", "Is it going to rain?", ())]
    asked: list[str] = []
    first = ask_cases_kept(assistant, cases, journal, ABOUT, False, lambda: None)
    second = ask_cases_kept(Answerer("quotes", counting(asked).chain), cases, journal, ABOUT, True, lambda: None)
    assert [(one.case, one.reply, one.ranking, one.instead) for one in first] == [(one.case, one.reply, one.ranking, one.instead) for one in second]
    assert asked == []


def test_a_last_line_that_was_cut_off_is_asked_again(tmp_path: Path) -> None:
    journal, asked = tmp_path / "run.jsonl", []
    kept(counting(asked), journal)
    journal.write_text(journal.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    asked.clear()
    assert kept(counting(asked), journal, resume=True) == ["c0", "c1", "c2", "c3"]
    assert asked == ["Question 3?"]


def test_without_resume_a_run_begins_anew(tmp_path: Path) -> None:
    journal, asked = tmp_path / "run.jsonl", []
    kept(counting(asked), journal)
    kept(counting(asked), journal)
    assert len(asked) == 8


def test_a_journal_of_another_run_or_a_damaged_one_is_not_taken_over(tmp_path: Path) -> None:
    journal = tmp_path / "run.jsonl"
    kept(counting([]), journal)
    with pytest.raises(CaseError, match="another run"):
        kept(counting([]), journal, resume=True, about={"strictness": "strict"})
    lines = journal.read_text(encoding="utf-8").splitlines()
    journal.write_text("\n".join([lines[0], json.dumps({"id": "zzz"}), *lines[2:]]), encoding="utf-8")
    with pytest.raises(CaseError, match="line 2"):
        kept(counting([]), journal, resume=True)


def test_a_folder_that_cannot_be_written_is_a_user_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CaseError, match="--out DIR"):
        kept(counting([]), tmp_path / "file" / "run.jsonl")
