"""As many different short texts as wanted: the indexed questions of the statement, then the same with one word of another put in."""

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path

_QUESTIONS = Path(__file__).resolve().parents[2] / "source_docs" / "putin-inf-treaty-statement.questions.jsonl"


def texts(count: int) -> list[str]:
    """`count` sentences, the same each time."""
    return list(itertools.islice(_endless(), count))


def _endless() -> Iterator[str]:
    asked = [json.loads(line)["question"] for line in _QUESTIONS.read_text(encoding="utf-8").splitlines()[1:]]
    plain = list(dict.fromkeys(" ".join(question.rstrip("?.! ").replace(".", "").split()) + "." for question in asked if len(question.split()) > 3))
    yield from plain
    chance = random.Random(0)
    for sentence in itertools.cycle(plain):
        words, others = sentence.split(), chance.choice(plain).split()
        words[chance.randrange(len(words) - 1)] = others[chance.randrange(len(others) - 1)]
        yield " ".join(words)


def long_texts(count: int) -> list[str]:
    """`count` sentences as long as those of a news article, two in one."""
    short = texts(2 * count)
    return [f"{one.rstrip('.')}, and {other}" for one, other in zip(short[::2], short[1::2], strict=True)]


def write_files(folder: Path, sentences: list[str], each: int, first: int = 0) -> None:
    """Text files of `each` sentences, a paragraph a sentence, numbered from `first`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, len(sentences), each), start=first):
        (folder / f"{number:06}.txt").write_text("\n\n".join(sentences[start : start + each]) + "\n", encoding="utf-8")
