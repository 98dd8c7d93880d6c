import math
from pathlib import Path

import numpy as np
import pytest

from index.passages import split
from index.question_model import JOINED, LEXICAL, RIDGE, WIDTH, QuestionModel, Terms, Texts, fit, targets
from index.questions import IndexedQuestion
from index.source import Source

TEXT = "Ann sells tea. Bob sells rum."
SENTENCES = split(Source("a.txt", TEXT, ""))[1]
TEA, RUM = (0, 13), (15, 28)
QUESTIONS = (IndexedQuestion("red", (TEA,)), IndexedQuestion("green", (RUM,)), IndexedQuestion("blue", ()), IndexedQuestion("pink", ()))
CORNERS = np.eye(5, dtype=np.float32)
APART = math.exp(-3)  # the kernel of two vectors at a right angle, squared distance 2, without a common word
NONE = np.zeros((0, 5), dtype=np.float32)


@pytest.fixture(scope="module")
def model() -> QuestionModel:
    return fit(QUESTIONS, CORNERS[:4], NONE, SENTENCES)


def test_the_kernel_by_hand() -> None:
    terms = Terms({"red": 0, "car": 1, "red car": 2}, np.ones(3, dtype=np.float32))
    texts = Texts.of(["red car", "car"], np.array([[1, 0], [0.6, 0.8]], dtype=np.float32), terms)
    assert terms.weighted("a red boat") == {0: 1.0}
    kernel, cosines = texts.kernel(np.array([0.6, 0.8], dtype=np.float32), terms.weighted("red"))
    # squared distances 2 - 2 * 0.6 = 0.8 and 0; "red" is one of three terms of the first, none of the second
    assert kernel.tolist() == pytest.approx([math.exp(-1.5 * 0.8) + 0.5 / math.sqrt(3), 1.0])
    assert cosines.tolist() == pytest.approx([0.6, 1.0])
    assert (WIDTH, LEXICAL) == (1.5, 0.5)


def test_what_is_to_be_learnt() -> None:
    spans, wanted = targets(QUESTIONS, SENTENCES)
    assert spans == (TEA, RUM)
    # columns: answered, the two sentences, the two spans
    assert wanted.tolist() == [[1, 1, 0, 1, 0], [1, 0, 1, 0, 1], [0] * 5, [0] * 5]


def test_a_known_question_by_hand(model: QuestionModel) -> None:
    found = model.recognise("red", CORNERS[0], CORNERS[0])
    # The kernel is 1 + LEXICAL on the diagonal, RIDGE is added there, and APART stands elsewhere. Such a matrix
    # has the solution (target - APART * sum) / (diagonal - APART), where sum = sum(targets) / (diagonal + 3 * APART).
    diagonal = 1 + LEXICAL + RIDGE

    def fitted(target: float, total: float) -> float:
        return target - RIDGE * (target - APART * total / (diagonal + 3 * APART)) / (diagonal - APART)

    assert found.answered == pytest.approx(fitted(1, 2), abs=1e-5)
    assert found.sentences.tolist() == pytest.approx([fitted(1, 1), fitted(0, 1)], abs=1e-5)
    assert found.span_scores.tolist() == pytest.approx([fitted(1, 1), fitted(0, 1)], abs=1e-5)
    assert found.answered > 0.9
    assert (found.nearest_answered, found.nearest_unanswered) == (1.0, 0.0)


def test_a_known_question_without_an_answer_scores_near_0(model: QuestionModel) -> None:
    found = model.recognise("blue", CORNERS[2], CORNERS[2])
    assert abs(found.answered) < 0.02
    assert (found.nearest_answered, found.nearest_unanswered) == (0.0, 1.0)


def test_a_far_question_scores_near_0_everywhere(model: QuestionModel) -> None:
    far = -np.array([0.5, 0.5, 0.5, 0.5, 0], dtype=np.float32)
    found = model.recognise("Quantum chromodynamics?", far, far)
    # each kernel value is exp(-1.5 * 3), and the four duals sum to 2 / (1.6 + 3 * APART)
    assert found.answered == pytest.approx(math.exp(-4.5) * 2 / (1.6 + 3 * APART), abs=1e-5)
    assert found.answered < 0.02
    assert max(*found.sentences, *found.span_scores) < 0.02


def test_a_follow_up_is_known_as_asked_whatever_came_before() -> None:
    asked = (*QUESTIONS[:3], IndexedQuestion("pink", (RUM,), after=("blue",)))
    model = fit(asked, CORNERS[:4], CORNERS[4:], SENTENCES)
    assert model.follow_ups.tolist() == [3]
    assert model.asked.vectors.tolist() == CORNERS[4:].tolist()
    assert model.duals.shape == (4, 1 + 2 + 2)
    after_blue = model.recognise("blue\npink", CORNERS[3], CORNERS[4])
    after_red = model.recognise("red\npink", CORNERS[0], CORNERS[4])
    alone = model.recognise("red", CORNERS[0], CORNERS[0])
    assert after_blue.sentences[1] > after_red.sentences[1] > 0.6
    assert after_red.sentences[1] > after_red.sentences[0]
    assert alone.sentences[0] > 0.9
    assert alone.sentences[1] < 0.1
    assert JOINED < 0.5


def test_saved_and_loaded_it_says_the_same(model: QuestionModel, tmp_path: Path) -> None:
    asked = (*QUESTIONS[:3], IndexedQuestion("pink", (RUM,), after=("blue",)))
    for number, one in enumerate((model, fit(asked, CORNERS[:4], CORNERS[4:], SENTENCES))):
        path = tmp_path / f"{number}.npz"
        one.save(path)
        again = QuestionModel.load(path)
        before, after = (m.recognise("red\npink", CORNERS[0], CORNERS[3]) for m in (one, again))
        assert after.answered == before.answered
        assert after.sentences.tolist() == before.sentences.tolist()
        assert after.span_scores.tolist() == before.span_scores.tolist()
        assert after.spans == before.spans == (TEA, RUM)
        assert after.nearest_answered == before.nearest_answered
