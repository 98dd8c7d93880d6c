"""The very words that answer, inside the best quoted sentence, where the kind of question makes them certain. Pure.

A mark is of the kind that is asked for (a time, a number, a place, a person), does not stand in the question
already, and is the only one left; where the document has a question model, it lies in the span that the model
points at. Who or which has done something, a model's short span names. Better no mark than a wrong one.
"""

from index.answer_spans import answers_of_kind
from index.asked_kind import Asked, asked_for
from index.questions import Span, last_question
from index.search import Evidence
from index.words import STOP, stems

_POINTED = 0.35  # score of a span from which the question model points at it
_ALSO_POINTED = 0.7  # further spans count from this share of the best on
_NAMED, _LONGEST = 0.5, 60  # score from which, and characters up to which, a model's span is a name


def highlights(question: str, best: Evidence) -> tuple[Span, ...]:
    """Spans in the document, inside the sentence of the `best` evidence, where that is all that is quoted: none or one."""
    last = last_question(question)
    asked = asked_for(last)
    text = best.document.text
    known = frozenset(stems(question)) | STOP
    found = [(best.start + s, best.start + e) for s, e in answers_of_kind(asked.kind, best.sentence.text)]
    new = [(s, e) for s, e in found if not known.issuperset(stems(text[s:e])) and _fits(asked, text[s:e])]
    if best.recognised is not None:
        spans = pointed(best)
        new = [(s, e) for s, e in new if any(s < end and start < e for _, (start, end) in spans)]
        if not found and asked.word in ("who", "which"):
            new = [span for score, span in spans if score >= _NAMED and span[1] - span[0] <= _LONGEST and len(spans) == 1]
    return tuple(new) if len(new) == 1 else ()


def _fits(asked: Asked, words: str) -> bool:
    """A year has four digits."""
    return asked.noun != "year" or any(word.isdigit() and len(word) == 4 for word in stems(words))


def pointed(found: Evidence) -> list[tuple[float, Span]]:
    """The spans of the sentence that the question model points at, with their scores."""
    known = found.recognised
    if known is None:
        return []
    inside = [(float(score), span) for span, score in zip(known.spans, known.span_scores, strict=True) if found.start <= span[0] and span[1] <= found.end]
    most = max((score for score, _ in inside), default=0.0)
    return [(score, span) for score, span in inside if score >= max(_POINTED, _ALSO_POINTED * most)]
