from dataclasses import replace

import pytest

from assistant.reply import Citation
from evals.run import Finished
from evals.score import Scored, is_verbatim, score_all
from tests.made import FACTS, NAME, TEXTS, answered, case, cite, places, refused


def scored(finished: Finished) -> Scored:
    (one,) = score_all([finished], FACTS, TEXTS)
    return one


def test_the_made_text_has_a_sentence_that_leans_on_the_one_before() -> None:
    assert [sentence.leans_on for sentence in TEXTS[NAME].sentences] == [None, 0, None]


@pytest.mark.parametrize(
    ("finished", "verdict"),
    [
        (answered(case("a", "tea"), 0), "right"),
        (answered(case("a", "tea"), 2), "wrong"),
        (answered(case("a", "tea", "milk"), 0), "wrong"),
        (answered(case("a", "tea", "milk"), 0, 1), "right"),
        (answered(case("a", "sells"), 0), "right"),
        (answered(case("a", "sells"), 2), "right"),
        (answered(case("a", "rome", short=("london", "IN  ROME")), 0), "right"),
        (answered(case("a", "rome", short=("london",)), 0), "wrong"),
        (answered(case("a", "tea")), "wrong"),
        (refused(case("a", "tea")), "wrongly refused"),
        (refused(case("a")), "rightly refused"),
        (answered(case("a"), 0), "wrongly answered"),
    ],
)
def test_the_verdict(finished: Finished, verdict: str) -> None:
    assert scored(finished).verdict == verdict


def test_a_citation_must_cover_a_span_wholly() -> None:
    cut = Citation(1, NAME, 1, 1, 22, "nn sells tea in Rome.")
    one = answered(case("a", "tea"), 0)
    assert scored(replace(one, reply=replace(one.reply, citations=(cut,)))).verdict == "wrong"


def test_recall_and_precision_of_citations() -> None:
    one = scored(answered(case("a", "tea", "milk"), 0, 2))
    assert (one.recall, one.precision, one.supports) == (0.5, 0.5, (True, False))
    okay = scored(answered(case("a", "tea", okay=("sells",)), 0, 2))
    assert (okay.recall, okay.precision) == (1.0, 1.0)


def test_the_sentence_that_a_supporting_one_leans_on_supports_it() -> None:
    assert scored(answered(case("a", "milk"), 0, 1)).supports == (True, True)
    assert scored(answered(case("a", "sells", okay=()), 1, 2)).supports == (False, True)


def test_a_refusal_and_a_question_without_an_answer_have_no_citation_marks() -> None:
    for finished in (refused(case("a", "tea")), answered(case("a"), 0), refused(case("a"))):
        assert scored(finished).recall is None
        assert scored(finished).precision is None
    assert scored(answered(case("a", "tea"))).precision is None


def test_what_a_refusal_holds_back_counts_as_its_answer_had_it_been_given() -> None:
    assert scored(refused(case("a", "tea"), 0)).right_if_answered
    assert not scored(refused(case("a", "tea"), 2)).right_if_answered
    assert not scored(refused(case("a"), 0)).right_if_answered


def test_ranks() -> None:
    one = scored(answered(case("a", "milk", "tea"), 0, ranking=places(2, 1, 0)))
    assert one.reciprocal_rank == pytest.approx(1 / 2)
    assert one.recall_at == {1: 0.0, 3: 1.0, 5: 1.0}
    same_sentence = scored(answered(case("a", "tea", "rome"), 0, ranking=places(0, 1, 2)))
    assert same_sentence.recall_at[1] == 1.0
    either = scored(answered(case("a", "sells"), 0, ranking=places(1, 2, 0)))
    assert either.reciprocal_rank == pytest.approx(1 / 2)
    assert either.recall_at == {1: 0.0, 3: 1.0, 5: 1.0}


def test_what_is_not_retrieved_counts_as_missed_and_what_cannot_be_ranked_is_unmeasured() -> None:
    half = scored(answered(case("a", "tea", "milk"), 0, ranking=places(0)))
    assert (half.recall_at[5], half.reciprocal_rank) == (0.5, 1.0)
    nothing = scored(refused(case("a", "tea"), ranking=()))
    assert (nothing.recall_at[5], nothing.reciprocal_rank) == (0.0, 0.0)
    for unmeasured in (answered(case("a", "tea"), 0), refused(case("a"), ranking=places(0))):
        assert scored(unmeasured).recall_at == {}
        assert scored(unmeasured).reciprocal_rank is None


def test_a_quote_must_be_what_the_file_says() -> None:
    (citation,) = cite(0)
    assert is_verbatim(citation, TEXTS)
    assert is_verbatim(replace(citation, highlights=((4, 9),)), TEXTS)
    assert not is_verbatim(replace(citation, quote=citation.quote.lower()), TEXTS)
    assert not is_verbatim(replace(citation, start=1), TEXTS)
    assert not is_verbatim(replace(citation, document="other.txt"), TEXTS)
    assert not is_verbatim(replace(citation, highlights=((20, 23),)), TEXTS)
    assert not is_verbatim(Citation(1, NAME, 1, 5, 5, ""), TEXTS)
