import json
import math
from typing import Any

import numpy as np
import pytest

from assistant import gate
from index.documents import Document
from index.passages import split
from index.question_model import Recognised
from index.search import Evidence
from index.source import Source

TEXT = "Two states signed the treaty in 1987. It never ended."
PASSAGES, SENTENCES = split(Source("a.txt", TEXT, ""))
DOCUMENT = Document("a.txt", "", "", TEXT, PASSAGES, SENTENCES)
NUMBERS: dict[str, Any] = json.loads(gate.NUMBERS.read_text(encoding="utf-8"))
STRICTNESS = ("lenient", "balanced", "strict")


def known(answered: float, best: float, nearer: float) -> list[Evidence]:
    """Evidence of a document with questions."""
    recognised = Recognised(answered, np.zeros(2, dtype=np.float32), (), np.zeros(0, dtype=np.float32), nearer, 0.0)
    return [Evidence(DOCUMENT, SENTENCES[0], 0.5, 1.0, best, best, recognised)]


def unknown(sentence: int = 0, dense: float = 0.5) -> list[Evidence]:
    """Evidence of a document without questions: the sentence, then the other one."""
    return [
        Evidence(DOCUMENT, SENTENCES[sentence], dense, 2.0, None, 1.0),
        Evidence(DOCUMENT, SENTENCES[1 - sentence], 0.3, 0.5, None, 0.5),
    ]


def with_probability(wanted: float) -> list[Evidence]:
    """Evidence to which the fitted numbers give this probability."""
    part = NUMBERS["with_questions"]
    missing = math.log(wanted / (1 - wanted)) - part["intercept"]
    return known(missing / part["coefficients"]["answered"], 0.0, 0.0)


def test_the_probability_by_hand() -> None:
    part = NUMBERS["with_questions"]
    weights = part["coefficients"]
    score = part["intercept"] + 0.4 * weights["answered"] + 0.5 * weights["best_sentence"] + 0.1 * weights["nearer_answered"]
    assert gate.judge("When?", known(0.4, 0.5, 0.1), "balanced").probability == pytest.approx(1 / (1 + math.exp(-score)))


def test_the_probability_without_questions_by_hand() -> None:
    part = NUMBERS["without_questions"]
    evidence = unknown()
    kind, found = gate.features("Which states signed the treaty?", evidence)
    assert kind == "without_questions"
    assert found.keys() == part["coefficients"].keys()
    score = part["intercept"] + sum(part["coefficients"][name] * value for name, value in found.items())
    assert gate.judge("Which states signed the treaty?", evidence, "strict").probability == pytest.approx(1 / (1 + math.exp(-score)))


def test_the_levels_of_strictness_differ() -> None:
    lenient, balanced, strict = (NUMBERS["with_questions"]["thresholds"][level] for level in STRICTNESS)
    assert 0 < lenient < balanced < strict < 1
    probabilities = (lenient / 2, (lenient + balanced) / 2, (balanced + strict) / 2, (strict + 1) / 2)
    verdicts = [[gate.judge("When?", with_probability(p), level).answerable for level in STRICTNESS] for p in probabilities]
    assert verdicts == [[False, False, False], [True, False, False], [True, True, False], [True, True, True]]


def test_without_questions_they_differ_too() -> None:
    lenient, balanced, strict = (NUMBERS["without_questions"]["thresholds"][level] for level in STRICTNESS)
    assert 0 < lenient < balanced < strict < 1


@pytest.mark.parametrize("strictness", STRICTNESS)
def test_no_evidence_answers_nothing(strictness: str) -> None:
    assert gate.judge("When?", [], strictness) == gate.Verdict(0.0, False)


def test_far_out_of_range_it_stays_a_probability() -> None:
    assert gate.judge("When?", known(1e6, 0, 0), "strict").answerable
    assert gate.judge("When?", known(-1e6, 0, 0), "lenient").probability < 1e-9


def test_the_features_of_a_negated_question() -> None:
    kind, found = gate.features("Which 3 states did not sign the treaty in 1990?", unknown())
    assert kind == "without_questions"
    assert found["dense"] == 0.5
    assert found["dense_few"] == pytest.approx(0.4)
    assert found["bm25"] == 2.0
    assert (found["negated"], found["negated_alone"]) == (1.0, 1.0)
    assert (found["number_swapped"], found["year_missing"]) == (1.0, 1.0)
    assert gate.features("Which states did not sign?", unknown(1))[1]["negated_alone"] == 0.0
    plain = gate.features("Which states signed the treaty in 1987?", unknown())[1]
    assert not any(plain[name] for name in ("negated", "negated_alone", "number_swapped", "year_missing", "one_missing", "contrasts"))


def test_the_features_of_a_contrary_and_of_a_missing_word() -> None:
    found = gate.features("Who always ended the treaty?", unknown(1))[1]
    assert (found["contrasts"], found["contrasts_nearby"]) == (1.0, 1.0)
    assert gate.features("Which states signed the secret treaty?", unknown())[1]["one_missing"] == 1.0
    assert gate.features("When was the treaty signed?", unknown())[1]["lacks_answer"] == 0.0
    assert gate.features("When did it end?", unknown(1))[1]["lacks_answer"] == 1.0


def test_negation_and_contraries_speak_against_an_answer() -> None:
    weights = NUMBERS["without_questions"]["coefficients"]
    assert all(weights[name] < 0 for name in ("contrasts", "negated_alone", "number_swapped", "year_missing", "lacks_answer"))
    asked = gate.judge("Which states signed the treaty in 1987?", unknown(), "balanced").probability
    assert gate.judge("Which states did not sign the treaty in 1990?", unknown(), "balanced").probability < asked
