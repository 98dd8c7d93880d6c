from pathlib import Path

import pytest

from evals.baselines import CHUNK, baselines, fit_threshold
from evals.cases import load_cases
from evals.run import Answerer, ask_case
from evals.score import is_verbatim
from evals.texts import Text, read_texts
from index.build import encoder_for
from index.embedding_model import DEFAULT_MODEL

CASES = [case for case in load_cases() if case.split == "dev"]


@pytest.fixture(scope="module")
def texts(sources: Path) -> dict[str, Text]:
    return read_texts(sources)


@pytest.fixture(scope="module")
def both(built_index: Path, texts: dict[str, Text]) -> dict[str, Answerer]:
    return {answerer.name: answerer for answerer in baselines(texts, encoder_for(built_index, DEFAULT_MODEL), CASES[::8])}


def test_the_threshold_is_where_balanced_accuracy_is_best() -> None:
    threshold = fit_threshold([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], [True, True, False, True, False, False])
    # From 0.8 on: 2 of 3 answered, none wrongly, 0.833; from 0.6 on: all 3 answered, 1 of 3 wrongly, 0.833; from 0.9: 0.667.
    assert threshold.lowest in (0.8, 0.6)
    assert threshold.confidence(0.9) > threshold.confidence(0.4)
    assert 0 <= threshold.confidence(-5) < threshold.confidence(5) <= 1


def test_similarity_cites_one_whole_sentence(both: dict[str, Answerer], texts: dict[str, Text]) -> None:
    one = ask_case(both["similarity"], next(case for case in CASES if case.question == "In which year was the INF Treaty signed?"))
    _, citations = (one.reply.answer, one.reply.citations) if one.reply.status == "answered" else one.instead or ("", ())
    (citation,) = citations
    (text,) = texts.values()
    assert is_verbatim(citation, texts)
    assert (citation.start, citation.end) in {(sentence.start, sentence.end) for sentence in text.sentences}
    assert one.ranking is not None
    assert len(one.ranking) == 5


def test_the_textbook_chain_cites_four_chunks_of_at_most_500(both: dict[str, Answerer], texts: dict[str, Text]) -> None:
    for case in CASES[:20]:
        one = ask_case(both["textbook"], case)
        citations = one.reply.citations or (one.instead or ("", ()))[1]
        assert len(citations) == 4
        assert all(is_verbatim(citation, texts) and len(citation.quote) <= CHUNK for citation in citations)
        assert [citation.number for citation in citations] == [1, 2, 3, 4]


def test_a_baseline_refuses_below_its_threshold_and_is_less_confident_there(both: dict[str, Answerer]) -> None:
    replies = [ask_case(both["similarity"], case).reply for case in CASES[::8]]
    answered = [reply.confidence for reply in replies if reply.status == "answered"]
    refused = [reply.confidence for reply in replies if reply.status == "not_stated"]
    assert answered
    assert refused
    assert min(answered) >= max(refused)
