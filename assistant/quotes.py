"""The answerer that needs no language model: the evidence itself, verbatim, each sentence cited. Pure."""

import re

from assistant.reply import Citation, Near
from index.documents import Document
from index.questions import Span
from index.search import Evidence

NAME = "quotes"
NOT_STATED = "The statement does not say."
ALSO, OF_BEST = 0.32, 0.5  # a further sentence is quoted from this score on, and this share of the best; chosen on the dev half
NEAR_ASKED, NEAR_DENSE = 0.12, 0.40  # what a refusal may point to
_MOST = 3  # sentences quoted of a document without questions, and in a chain of ones that lean on each other
_ASKS_FOR_MANY = re.compile(
    r"\b(?:summar\w+|list|all|every\w*|overview|main points?|key points?|tl;?dr|gist|timeline|in (?:short|brief)|outline|about\?*$|compare|comparison|"
    r"difference|both|what (?:are|were) the|which (?:\w+ ){0,2}(?:are|were)|measures|proposals?|steps|points|consequences|reasons)\b",
    re.IGNORECASE,
)
_SHARE = 0.8  # of the best score, for a further sentence of a document without questions


def choose(question: str, evidence: list[Evidence]) -> list[Evidence]:
    """The evidence to quote, in the order of the text: the best, and what else the question asks for."""
    best = evidence[0]
    if best.asked is not None:
        further = [e for e in evidence[1:] if e.asked is not None and e.asked >= max(ALSO, OF_BEST * best.asked)]
    elif _ASKS_FOR_MANY.search(question):
        further = [e for e in evidence[1:_MOST] if e.score >= _SHARE * best.score]
    else:
        further = []
    return sorted([best, *further], key=lambda e: (e.document.name, e.start))


def cite(chosen: list[Evidence], marks: tuple[Span, ...] = ()) -> tuple[str, tuple[Citation, ...]]:
    """The answer and its citations: every chosen sentence, preceded by what it leans on, `marks` highlighted."""
    pairs = dict.fromkeys((found.document.key, number) for found in chosen for number in with_antecedents(found.document, found.sentence.number))
    documents = {found.document.key: found.document for found in chosen}
    wanted = sorted(((documents[key], number) for key, number in pairs), key=lambda pair: (pair[0].name, pair[1]))
    citations = tuple(citation(number, document, sentence, marks) for number, (document, sentence) in enumerate(wanted, start=1))
    texts = [document.sentences[sentence].read for document, sentence in wanted]
    return " ".join(f"{text} [{number}]" for number, text in enumerate(texts, start=1)), citations


def with_antecedents(document: Document, number: int) -> list[int]:
    """The number of a sentence, after those that it leans on, one leaning on the next."""
    numbers = [number]
    while len(numbers) < _MOST and (before := document.sentences[numbers[0]].leans_on) is not None:
        numbers.insert(0, before)
    return numbers


def citation(number: int, document: Document, sentence_number: int, marks: tuple[Span, ...] = ()) -> Citation:
    """A citation of a whole sentence, its quote cut out of the document, with those `marks` that lie in it."""
    sentence = document.sentences[sentence_number]
    inside = tuple((start, end) for start, end in marks if sentence.start <= start and end <= sentence.end)
    return Citation(number, document.name, sentence.passage, sentence.start, sentence.end, document.text[sentence.start : sentence.end], inside)


def near(evidence: list[Evidence]) -> Near | None:
    """What a refusal may point to: the best evidence, if it is about the same thing at all."""
    if not evidence:
        return None
    best = evidence[0]
    about_it = best.dense >= NEAR_DENSE or (best.asked is not None and best.asked >= NEAR_ASKED)
    if not about_it:
        return None
    quote = best.document.text[best.start : best.end]
    return Near(best.document.name, best.sentence.passage, best.start, best.end, quote)
