"""The answerer that writes with a language model: numbered passages in, a draft streamed, what stands of it out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from assistant import prompts, quotes
from assistant.attribution import reported_part
from assistant.highlight import pointed
from assistant.models import LanguageModel
from assistant.pieces import pieces
from assistant.question import cleaned
from assistant.reply import Delta, Event, Progress, Reply
from assistant.support import Cited
from assistant.verify import Checked, verify
from index.documents import Document
from index.errors import ModelError
from index.passages import Sentence
from index.questions import Span
from index.search import Evidence
from index.store import Store

_WHOLE = 8_000  # characters; a collection no longer is given whole, so that every prompt begins alike and is read once
_MOST = 8  # pieces of evidence of a longer one
_WARMING_SECONDS = 600
_OPENING_WORDS = 7

Passage = tuple[Document, Sentence]


@dataclass(frozen=True)
class Writer:
    """Writes answers with `model`; `seconds` is the most that one may take, `retries` how often a failed call is made anew."""

    model: LanguageModel
    seconds: float
    retries: int

    def warm(self, store: Store) -> None:
        """Let a model in this process read what every prompt begins with, if it does. Raises ModelError."""
        numbered = passages(store, [])
        if numbered and self.model.server is not None:
            prompt = messages("Hello.", numbered, [])
            self.model.server.prompts.read_once(str(prompt[0].content), lambda: next(pieces(self.model, prompt, _WARMING_SECONDS, 0)))

    def write(self, quoted: Reply, question: str, evidence: list[Evidence], store: Store) -> Iterator[Event]:
        """The draft in pieces, and at last the Reply with what stands of it.

        `question` stands alone; `quoted` is the answer in quotes, which takes its place, with a notice, where the model fails or nothing stands.
        """
        chosen = quotes.choose(question, evidence)
        numbered = passages(store, [*chosen, *evidence[:_MOST]])
        best = [_number(numbered, found) for found in chosen]
        yield Progress("writing")
        draft = ""
        try:
            for piece in pieces(self.model, messages(question, numbered, best), self.seconds, self.retries, grammar(best)):
                draft += piece
                yield Delta(piece)
        except ModelError as error:
            yield replace(quoted, notice=f"{error}; the answer is quoted instead.")
            return
        answering = {_number(numbered, found): found for found in chosen}
        marks = tuple(mark for citation in quoted.citations for mark in citation.highlights)
        cited = [as_cited(*passage, answering.get(number), marks) for number, passage in enumerate(numbered, start=1)]
        yield standing(verify(cleaned_lines(draft), cited), numbered, best, quoted, self.model.name)


def passages(store: Store, evidence: list[Evidence]) -> list[Passage]:
    """What the writer is given, in the order of the texts: everything where that is short, else the evidence and what it leans on."""
    if sum(len(document.text) for document in store.documents) <= _WHOLE:
        return list(store.sentences)
    best = {(found.document.name, number) for found in evidence for number in quotes.with_antecedents(found.document, found.sentence.number)}
    return [(document, sentence) for document, sentence in store.sentences if (document.name, sentence.number) in best]


def _number(numbered: list[Passage], found: Evidence) -> int:
    return 1 + next(n for n, (document, sentence) in enumerate(numbered) if document is found.document and sentence.number == found.sentence.number)


def as_cited(document: Document, sentence: Sentence, found: Evidence | None = None, marks: tuple[Span, ...] = ()) -> Cited:
    """A passage as the check reads it; `found` where it is to answer, and `marks` the words in the document that do."""
    if found is None:
        return Cited.of(document.sentences, sentence.number)
    marked = " ".join(_meant(document, sentence, mark) for mark in marks if sentence.start <= mark[0] and mark[1] <= sentence.end)
    start, end = max(pointed(found), default=(0.0, (0, 0)))[1]
    return Cited.of(document.sentences, sentence.number, marked, document.text[start:end])


def _meant(document: Document, sentence: Sentence, mark: Span) -> str:
    """Marked words; a relative date as it is read."""
    return next((date.meaning for date in sentence.dates if date.start <= mark[0] and mark[1] <= date.end), document.text[slice(*mark)])


def messages(question: str, numbered: list[Passage], best: list[int]) -> list[BaseMessage]:
    """The prompt. What stays the same from question to question comes first, so that a prompt cache serves."""
    listed = "\n".join(f"[{number}] {' '.join(sentence.read.split())}" for number, (_, sentence) in enumerate(numbered, start=1))
    openings = " ".join(f"[{number}] {_opening(numbered[number - 1][1].read)} ..." for number in best)
    tells = any(reported_part(numbered[number - 1][1].text) for number in best)
    form = prompts.EACH if len(best) > 1 else prompts.ONE
    asked = prompts.QUESTION.format(question=question, openings=openings, form=form, speaker=prompts.SPEAKER if tells else "")
    return [SystemMessage(prompts.SYSTEM.format(passages=listed)), HumanMessage(asked)]


def _opening(text: str) -> str:
    """The first words, by which a small model finds a passage that it has read better than by its number."""
    return " ".join(text.split()[:_OPENING_WORDS])


def grammar(best: list[int]) -> str:
    """The form of an answer: a sentence from each of the `best` passages in turn, after its number; from a single one, one or two."""
    sentences = [f'"[{number}] " sentence' for number in best]
    if len(best) == 1:
        sentences.append(f'(" [{best[0]}] " sentence)?')
        return prompts.GRAMMAR.format(sentences=" ".join(sentences))
    return prompts.GRAMMAR.format(sentences=' " " '.join(sentences))


def standing(checked: Checked, numbered: list[Passage], best: list[int], quoted: Reply, name: str) -> Reply:
    """`quoted` with the sentences that stand in its place, their citations counted from 1 in the order they are cited.

    A sentence rests on what it cites and on what that leans on. One of the `best` passages of which nothing stands is
    quoted among them, with a notice, so that no part of the answer is lost.
    """
    if not checked.claims:
        return replace(quoted, dropped=checked.dropped, notice="Nothing that the model wrote stood the check; the answer is quoted instead.")
    parts = [(claim.text, [m for n in claim.cites for m in _with_antecedents(numbered, n)]) for claim in checked.claims]
    untold = [n for n in best if not any(n in cites for _, cites in parts)]
    for wanted in untold:
        for number in _with_antecedents(numbered, wanted):
            if not any(number in cites for _, cites in parts):
                later = (at for at, (_, cites) in enumerate(parts) if min(cites) > number)
                parts.insert(next(later, len(parts)), (numbered[number - 1][1].read, [number]))
    order = list(dict.fromkeys(n for _, cites in parts for n in cites))
    citations = tuple(quotes.citation(new, numbered[old - 1][0], numbered[old - 1][1].number) for new, old in enumerate(order, start=1))
    sentences = [text + " " + "".join(f"[{order.index(n) + 1}]" for n in dict.fromkeys(cites)) for text, cites in parts]
    notice = f"{len(untold)} of {len(best)} passages quoted: nothing that the model wrote from them stood the check." if untold else ""
    return replace(quoted, answer=" ".join(sentences), citations=citations, dropped=checked.dropped, answerer=name, notice=notice)


def _with_antecedents(numbered: list[Passage], number: int) -> list[int]:
    """The number of a passage, after those of what it leans on."""
    document, sentence = numbered[number - 1]
    wanted = quotes.with_antecedents(document, sentence.number)
    return [n for n, (other, one) in enumerate(numbered, start=1) if other is document and one.number in wanted]


def cleaned_lines(text: str) -> str:
    """Without control characters and broken ones, line by line."""
    return "\n".join(cleaned(line) for line in text.splitlines())
