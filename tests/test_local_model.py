"""The real 1.5B model, in this process, on a sample of the evals: `make check-local`."""

import dataclasses
import importlib.util
from pathlib import Path

import pytest

from assistant import chain
from assistant.model_pull import DEFAULT, models_folder
from assistant.settings import load_settings
from evals.cases import load_cases, load_facts
from evals.check_written import said_in, stands
from evals.run import Answerer, ask_cases
from evals.score import Scored, score_all
from evals.texts import read_texts

ANSWERED = {"plain": 5, "reworded": 2, "two_sentences": 2, "yesno": 2, "follow_up": 1}
UNANSWERED = {"near": 3, "takeover": 1}

pytestmark = [
    pytest.mark.local,
    pytest.mark.skipif(importlib.util.find_spec("xllamacpp") is None, reason="xllamacpp is not installed"),
    pytest.mark.skipif(not (models_folder() / DEFAULT.name).is_file(), reason="no model file: run assistant model pull"),
]


@pytest.fixture(scope="module")
def scored(built_index: Path, sources: Path) -> list[Scored]:
    facts = load_facts(sources=sources)
    dev = [case for case in load_cases(facts=facts) if case.split == "dev"]
    sample = [case for kind, count in (ANSWERED | UNANSWERED).items() for case in [c for c in dev if c.kind == kind][1 :: max(1, 30 // count)][:count]]
    settings = load_settings(sources=sources, index=built_index, model="local")
    answerer = Answerer("local", chain.load(settings, lambda what, done, of: None).chain)
    return score_all(ask_cases(answerer, sample), facts, read_texts(sources))


def test_it_answers_what_the_text_says_and_refuses_the_rest(scored: list[Scored]) -> None:
    assert sum(one.verdict == "right" for one in scored) >= 0.8 * sum(one.case.answerable for one in scored)
    assert sum(one.verdict == "rightly refused" for one in scored) >= sum(not one.case.answerable for one in scored) - 1


def test_most_answers_are_written_and_every_sentence_stands(scored: list[Scored], sources: Path) -> None:
    texts = read_texts(sources)
    written = [one for one in scored if one.finished.reply.answerer.startswith("local:")]
    assert len(written) > sum(not one.refused for one in scored) / 2
    for one in written:
        said = said_in(one.case.id, dataclasses.asdict(one.finished.reply), texts)
        assert all(stands(sentence, texts) for sentence in said), said


def test_every_quote_is_cut_out_of_the_text(scored: list[Scored]) -> None:
    assert all(all(one.verbatim) for one in scored)
