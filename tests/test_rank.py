import pytest

from index.rank import RERANKED, WEIGHTS, Candidate, Signs, coverage, lacks_answer, rank


def same(_stem: str) -> float:
    """Every stem is as rare as any other."""
    return 1.0


def test_the_first_stage_by_hand() -> None:
    assert Candidate("", dense=0.5, bm25=0.5, passage=1.0).found == pytest.approx(0.5 + 0.4 * 0.5 + 0.3 * 1.0)


def test_the_second_stage_by_hand() -> None:
    weights = Signs(dense=4, bm25=2, passage=1, coverage=3, lacks_answer=-2)
    assert Signs(0.5, 0.5, 1.0, 1.0, 0.0).score(weights) == pytest.approx((2 + 1 + 1 + 3) / 10)
    assert Signs(0.5, 0.5, 1.0, 1.0, 1.0).score(weights) == pytest.approx((2 + 1 + 1 + 3 - 2) / 10)
    assert Signs(1, 1, 1, 1, 0).score(weights) == 1
    assert Signs(0, 0, 0, 0, 1).score(weights) == 0


def test_coverage_is_a_share_of_the_content_weighed_by_rarity() -> None:
    rarity = {"treati": 3.0, "sign": 1.0}.__getitem__
    assert coverage("Who signed the treaty?", "They signed it.", rarity) == pytest.approx(1 / 4)
    assert coverage("Who signed the treaty?", "The treaty was signed.", rarity) == 1
    assert coverage("Who?", "The treaty was signed.", rarity) == 0


@pytest.mark.parametrize(
    ("question", "sentence", "lacks"),
    [
        ("When was it signed?", "It was signed by two states.", True),
        ("When was it signed?", "It was signed in 1987.", False),
        ("Was it in 1987 that it began, or when?", "It began in 1987.", True),
        ("Who signed?", "they signed it.", True),
        ("Who signed?", "it was Reagan.", False),
        ("Why was it signed?", "They signed it.", False),
        ("Who signed it in 1987?\nAnd where?", "Reagan did.", True),
    ],
)
def test_a_sentence_without_what_is_asked_for_lacks_it(question: str, sentence: str, lacks: bool) -> None:
    assert lacks_answer(question, sentence) is lacks


def test_what_answers_goes_before_what_is_only_alike() -> None:
    alike = Candidate("The treaty was signed by two states.", 0.7, 1.0, 1.0)
    answers = Candidate("The treaty was signed in 1987.", 0.68, 0.9, 1.0)
    first, second = rank("When was the treaty signed?", [alike, answers], same)
    assert alike.found > answers.found
    assert first.signs is not None
    assert first.signs.lacks_answer == 1
    assert second.signs == Signs(0.68, 0.9, 1.0, 1.0, 0.0)
    assert second.score == pytest.approx((0.68 * WEIGHTS.dense + 0.9 * WEIGHTS.bm25 + WEIGHTS.passage + WEIGHTS.coverage) / sum(WEIGHTS[:4]))
    assert second.score > first.score


def test_the_rest_stays_below_the_reranked_in_the_order_of_the_first_stage() -> None:
    candidates = [Candidate("Milk.", dense, 0, 0) for dense in (0.1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.2)]
    scores = [ranked.score for ranked in rank("Who sells tea?", candidates, same)]
    assert sorted(range(7), key=lambda n: -scores[n]) == [1, 2, 3, 4, 5, 6, 0]
    assert sum(ranked.signs is not None for ranked in rank("Who sells tea?", candidates, same)) == RERANKED
    assert scores[6] == pytest.approx(scores[5] * 0.2 / 0.5)
    assert rank("Who sells tea?", [], same) == []


def test_the_weights_like_what_answers() -> None:
    assert WEIGHTS.lacks_answer < 0
    assert min(WEIGHTS[:4]) > 0
