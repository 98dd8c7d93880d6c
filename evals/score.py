"""What one finished case is worth: its verdict, its citations one by one, its ranking. Pure.

Citations are judged in the sense of ALCE (Gao et al. 2023, "Enabling Large Language Models to Generate Text with
Citations"): recall asks whether what is asked is supported by what is cited, precision whether anything is cited
needlessly. Support is decided by spans, not by a model: a citation supports a fact whose words it covers wholly.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from assistant.reply import Citation
from evals.cases import Case, Fact
from evals.run import Finished, Place, Quoted
from evals.texts import Text
from index.passages import Sentence

Verdict = Literal["right", "wrong", "wrongly refused", "rightly refused", "wrongly answered"]
VERDICTS: tuple[Verdict, ...] = ("right", "wrong", "wrongly refused", "rightly refused", "wrongly answered")
GOOD: frozenset[Verdict] = frozenset({"right", "rightly refused"})


@dataclass(frozen=True, slots=True)
class Scored:
    """A finished case with its marks; None is unmeasured.

    `supports` and `verbatim` have an entry a citation. `recall` and `precision` are of the citations of an answered
    question that has an answer. `reciprocal_rank` and `recall_at` (by depth) are of the ranking. `right_if_answered`:
    whether the answer, given or held back by a refusal, is right.
    """

    finished: Finished
    verdict: Verdict
    supports: tuple[bool, ...]
    verbatim: tuple[bool, ...]
    recall: float | None
    precision: float | None
    recall_at: Mapping[int, float]
    reciprocal_rank: float | None
    right_if_answered: bool

    @property
    def case(self) -> Case:
        """The case itself."""
        return self.finished.case

    @property
    def refused(self) -> bool:
        """Whether the reply refuses."""
        return self.finished.reply.status == "not_stated"

    @property
    def good(self) -> bool:
        """Whether this is what should have come back: the right answer, or the refusal where there is none."""
        return self.verdict in GOOD


DEPTHS = (1, 3, 5)


def score_all(finished: list[Finished], facts: Mapping[str, Fact], texts: Mapping[str, Text]) -> list[Scored]:
    """Every case with its marks, in order."""
    ranked = _rank_measures(finished, facts)
    return [_score(one, facts, texts, ranked.get(one.case.id, {})) for one in finished]


def _score(one: Finished, facts: Mapping[str, Fact], texts: Mapping[str, Text], ranked: Mapping[str, float]) -> Scored:
    case, reply = one.case, one.reply
    refused = reply.status == "not_stated"
    given: Quoted = (one.instead or ("", ())) if refused else (reply.answer, reply.citations)
    right = case.answerable and is_right(given, case, facts)
    supports = supporting(reply.citations, [facts[name] for name in (*case.facts, *case.okay)], texts)
    counts = case.answerable and not refused
    return Scored(
        finished=one,
        verdict=_verdict(case.answerable, refused, right),
        supports=supports,
        verbatim=tuple(is_verbatim(citation, texts) for citation in reply.citations),
        recall=sum(_cited(facts[name], reply.citations) for name in case.facts) / len(case.facts) if counts else None,
        precision=sum(supports) / len(supports) if counts and supports else None,
        recall_at={depth: ranked[f"R@{depth}"] for depth in DEPTHS if ranked},
        reciprocal_rank=ranked.get("RR"),
        right_if_answered=right,
    )


def _verdict(answerable: bool, refused: bool, right: bool) -> Verdict:
    if answerable:
        return "wrongly refused" if refused else "right" if right else "wrong"
    return "rightly refused" if refused else "wrongly answered"


def is_right(given: Quoted, case: Case, facts: Mapping[str, Fact]) -> bool:
    """Whether every asked fact is cited and, where a short answer is known, one of its forms is said."""
    answer, citations = given
    said = not case.short or any(_folded(form) in _folded(answer) for form in case.short)
    return said and all(_cited(facts[name], citations) for name in case.facts)


def covers(place: Place, fact: Fact) -> bool:
    """Whether a place covers one of the fact's spans wholly."""
    document, start, end = place
    return document == fact.document and any(start <= a and b <= end for a, b in fact.spans)


def supporting(citations: tuple[Citation, ...], facts: Iterable[Fact], texts: Mapping[str, Text]) -> tuple[bool, ...]:
    """Which citations support one of the facts, alone or as the sentence that a supporting one leans on."""
    known = list(facts)
    alone = [any(covers(_place(citation), fact) for fact in known) for citation in citations]
    leant_on = {
        (citation.document, texts[citation.document].sentences[sentence.leans_on].start)
        for citation, supports in zip(citations, alone, strict=True)
        if supports
        for sentence in _sentences_in(citation, texts)
        if sentence.leans_on is not None
    }
    return tuple(
        supports or any((citation.document, sentence.start) in leant_on for sentence in _sentences_in(citation, texts))
        for citation, supports in zip(citations, alone, strict=True)
    )


def is_verbatim(citation: Citation, texts: Mapping[str, Text]) -> bool:
    """Whether the quote is what the file says at the citation's offsets, and its highlights lie inside it."""
    text = texts.get(citation.document)
    inside = all(citation.start <= start < end <= citation.end for start, end in citation.highlights)
    return text is not None and 0 <= citation.start < citation.end and text.text[citation.start : citation.end] == citation.quote and inside


def _place(citation: Citation) -> Place:
    return citation.document, citation.start, citation.end


def _cited(fact: Fact, citations: tuple[Citation, ...]) -> bool:
    return any(covers(_place(citation), fact) for citation in citations)


def _sentences_in(citation: Citation, texts: Mapping[str, Text]) -> list[Sentence]:
    text = texts.get(citation.document)
    return [s for s in text.sentences if s.start < citation.end and citation.start < s.end] if text else []


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _rank_measures(finished: list[Finished], facts: Mapping[str, Fact]) -> dict[str, dict[str, float]]:
    """Recall at each of DEPTHS and reciprocal rank (ir-measures), by case; nothing for a case that has no answer.

    The relevant places of a case are, for each asked fact, the best ranked place that holds it.
    """
    import ir_measures

    measures = [ir_measures.R @ depth for depth in DEPTHS] + [ir_measures.RR]
    measured = [one for one in finished if one.case.answerable and one.ranking is not None]
    wanted = {one.case.id: {_relevant(one.ranking or (), facts[name]): 1 for name in one.case.facts} for one in measured}
    ranked = {one.case.id: {str(rank): 1.0 / (rank + 1) for rank in range(len(one.ranking or ()))} for one in measured if one.ranking}
    found = {case_id: {str(measure): 0.0 for measure in measures} for case_id in wanted}
    for value in ir_measures.iter_calc(measures, wanted, ranked) if ranked else ():
        found[value.query_id][str(value.measure)] = float(value.value)
    return found


def _relevant(ranking: tuple[Place, ...], fact: Fact) -> str:
    """The rank of the best place that holds the fact, as a document's id; an id of its own where none does."""
    return next((str(rank) for rank, place in enumerate(ranking) if covers(place, fact)), f"not retrieved: {fact.id}")
