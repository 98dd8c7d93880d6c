"""The answerer that writes with a language model: numbered passages in, a draft streamed, what stands of it out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from assistant import prompts, quotes
from assistant.models import LanguageModel
from assistant.pieces import pieces
from assistant.question import cleaned
from assistant.reply import Delta, Event, Progress, Reply
from assistant.support import Cited, reported_part
from assistant.verify import Checked, verify
from index.documents import Document
from index.errors import ModelError
from index.passages import Sentence
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
        places = {(document.name, sentence.number): n for n, (document, sentence) in enumerate(numbered, start=1)}
        best = [places[e.document.name, e.sentence.number] for e in chosen]
        yield Progress("writing")
        draft = ""
        try:
            for piece in pieces(self.model, messages(question, numbered, best), self.seconds, self.retries, grammar(best)):
                draft += piece
                yield Delta(piece)
        except ModelError as error:
            yield replace(quoted, notice=f"{error}; the answer is quoted instead.")
            return
        checked = verify(cleaned_lines(draft), [as_cited(*passage) for passage in numbered])
        yield standing(checked, numbered, quoted, self.model.name)


def passages(store: Store, evidence: list[Evidence]) -> list[Passage]:
    """What the writer is given, in the order of the texts: everything where that is short, else the evidence and what it leans on."""
    if sum(len(document.text) for document in store.documents) <= _WHOLE:
        return list(store.sentences)
    best = {(e.document.name, number) for e in evidence for number in (e.sentence.number, e.sentence.leans_on) if number is not None}
    return [(document, sentence) for document, sentence in store.sentences if (document.name, sentence.number) in best]


def as_cited(document: Document, sentence: Sentence) -> Cited:
    """A passage as the check reads it."""
    return Cited(sentence.read, document.sentences[sentence.leans_on].read if sentence.leans_on is not None else "")


def messages(question: str, numbered: list[Passage], best: list[int]) -> list[BaseMessage]:
    """The prompt. What stays the same from question to question comes first, so that a prompt cache serves."""
    listed = "\n".join(f"[{number}] {' '.join(sentence.read.split())}" for number, (_, sentence) in enumerate(numbered, start=1))
    openings = " ".join(f"[{number}] {_opening(numbered[number - 1][1].read)} ..." for number in best)
    tells = any(reported_part(numbered[number - 1][1].text) for number in best)
    asked = prompts.QUESTION.format(question=question, openings=openings, speaker=prompts.SPEAKER if tells else "")
    return [SystemMessage(prompts.SYSTEM.format(passages=listed)), HumanMessage(asked)]


def _opening(text: str) -> str:
    """The first words, by which a small model finds a passage that it has read better than by its number."""
    return " ".join(text.split()[:_OPENING_WORDS])


def grammar(best: list[int]) -> str:
    """The form of an answer: a few sentences, each after the number of one of the `best` passages."""
    return prompts.GRAMMAR.format(more=max(1, len(best) - 1), numbers=" | ".join(f'"{number}"' for number in best))


def standing(checked: Checked, numbered: list[Passage], quoted: Reply, name: str) -> Reply:
    """`quoted` with the sentences that stand in its place, their citations counted from 1 in the order they are cited."""
    if not checked.claims:
        return replace(quoted, dropped=checked.dropped, notice="Nothing that the model wrote stood the check; the answer is quoted instead.")
    order = list(dict.fromkeys(n for claim in checked.claims for n in claim.cites))
    citations = tuple(quotes.citation(new, numbered[old - 1][0], numbered[old - 1][1].number) for new, old in enumerate(order, start=1))
    sentences = [claim.text + " " + "".join(f"[{order.index(n) + 1}]" for n in claim.cites) for claim in checked.claims]
    return replace(quoted, answer=" ".join(sentences), citations=citations, dropped=checked.dropped, answerer=name)


def cleaned_lines(text: str) -> str:
    """Without control characters and broken ones, line by line."""
    return "\n".join(cleaned(line) for line in text.splitlines())
