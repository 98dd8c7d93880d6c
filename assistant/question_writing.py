"""Let a language model write the question file of a document that has none.

Hypothetical questions kept by round trip (Alberti et al. 2019): one stays only if, of all sentences of its
document, it finds its own.
"""

import re
from pathlib import Path

import numpy as np
from langchain_core.messages import HumanMessage

from assistant import prompts
from assistant.models import LanguageModel
from assistant.pieces import pieces
from assistant.question import cleaned
from index.build import Progress
from index.encoder import Encoder
from index.passages import Sentence, split
from index.questions import IndexedQuestion, question_file, write_questions
from index.source import read_source, source_files

_EACH = 6  # questions a sentence
_FEWEST_WORDS = 4  # of a sentence that is asked about
_LONGEST = 200  # characters of a question
_NUMBERING = re.compile(r"^\s*(?:[-*•]|\(?\d{1,2}[.):]|Q\d*[.:])\s*")


def write_missing(sources: Path, max_bytes: int, model: LanguageModel, encoder: Encoder, seconds: float, retries: int, progress: Progress) -> dict[str, int]:
    """Write the file of every source that has none; the number of questions kept, by the source's name.

    `seconds` is for one sentence. A source for which none is kept gets no file. Raises SourceError, ModelError.
    """
    written = {}
    for path in source_files(sources):
        if question_file(path).exists():
            continue
        source = read_source(path, sources, max_bytes)
        sentences = split(source)[1]
        drafted: list[tuple[str, int]] = []
        for sentence in sentences:
            progress(f"writing questions for {source.name}", sentence.number, len(sentences))
            if len(sentence.text.split()) >= _FEWEST_WORDS:
                drafted += [(question, sentence.number) for question in _ask(sentence, sentences, model, seconds, retries)]
        kept = find_their_own(drafted, sentences, encoder)
        if kept:
            write_questions(question_file(path), source, kept)
        written[source.name] = len(kept)
    return written


def _ask(sentence: Sentence, sentences: tuple[Sentence, ...], model: LanguageModel, seconds: float, retries: int) -> list[str]:
    before = sentences[sentence.leans_on].read if sentence.leans_on is not None else "(nothing)"
    prompt = prompts.WRITE_QUESTIONS.format(count=_EACH, before=before, passage=sentence.read)
    return questions_in("".join(pieces(model, [HumanMessage(prompt)], seconds, retries)))


def questions_in(text: str) -> list[str]:
    """The questions of a model's list, one a line, without its numbering."""
    lines = (_NUMBERING.sub("", cleaned(line)).strip("*\"' ") for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line.endswith("?") and len(line.split()) >= 3 and len(line) <= _LONGEST))


def find_their_own(drafted: list[tuple[str, int]], sentences: tuple[Sentence, ...], encoder: Encoder) -> list[IndexedQuestion]:
    """Of (question, sentence number) those whose nearest sentence is their own; each question once."""
    if not drafted:
        return []
    texts = np.array(encoder.embed_documents([sentence.read for sentence in sentences]))
    asked = np.array(encoder.embed_documents([question for question, _ in drafted]))
    nearest = np.argmax(asked @ texts.T, axis=1)
    kept: dict[str, IndexedQuestion] = {}
    for (question, number), found in zip(drafted, nearest, strict=True):
        if found == number:
            sentence = sentences[number]
            kept.setdefault(" ".join(question.lower().split()), IndexedQuestion(question, ((sentence.start, sentence.end),)))
    return list(kept.values())
