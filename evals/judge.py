"""A language model as judge of written answers, and how far it agrees with labels given by hand.

Citations are judged by spans (score.py); whether prose says what the text says needs a reader. The judge is any
LangChain chat model that the assistant can write with; `judge_labels.jsonl` holds written answers with labels, and Cohen's kappa on them says how far
the judge can be believed. A reply that is no verdict counts as unmeasured.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable

from assistant.models import LanguageModel
from evals.cases import HERE, Case, Fact, read_lines
from evals.metrics import Number, mean_number
from evals.score import Scored
from evals.texts import Text
from index.errors import CaseError, ModelError

LABELS = HERE / "judge_labels.jsonl"
Label = Literal["right", "wrong"]

PROMPT = ChatPromptTemplate.from_messages(
    [
        (
            "system",
            "You check answers against a text. An answer is RIGHT if it answers the question, and everything that it says is in the text, "
            "with the same names, numbers, dates, conditions and speakers. It is WRONG if it leaves out what was asked, or if anything in "
            "it is not in the text or differs from it. Reply with one word: RIGHT or WRONG.",
        ),
        ("human", "Text:\n{text}\n\nConversation and question:\n{question}\n\nWhat a right answer holds:\n{facts}\n\nAnswer:\n{answer}\n\nRIGHT or WRONG?"),
    ]
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A written answer to a case, and what a person found it to be."""

    case: Case
    answer: str
    label: Label


def load_labels(cases: Sequence[Case], path: Path = LABELS) -> tuple[Labelled, ...]:
    """The answers labelled by hand. Raises CaseError with the line."""
    known = {case.id: case for case in cases}
    labels = []
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            fits = set(row) == {"case", "answer", "label"} and row["label"] in ("right", "wrong") and isinstance(row["answer"], str)
            if not fits:
                raise CaseError(f'{path}, line {number}: expected {{"case": "...", "answer": "...", "label": "right" or "wrong"}}')
            labels.append(Labelled(known[row["case"]], row["answer"], row["label"]))
        except KeyError as error:
            raise CaseError(f"{path}, line {number}: there is no case {error}") from error
        except (ValueError, TypeError, RecursionError) as error:
            raise CaseError(f"{path}, line {number}: not a JSON object ({error})") from error
    return tuple(labels)


def judging(model: BaseChatModel, facts: Mapping[str, Fact], texts: Mapping[str, Text]) -> Runnable[tuple[Case, str], Label | None]:
    """(case, answer) -> what the judge finds; None where it does not say."""

    def fields(asked: tuple[Case, str]) -> dict[str, str]:
        case, answer = asked
        said = [f"{turn.role}: {turn.content}" for turn in case.history]
        documents = dict.fromkeys(facts[name].document for name in case.facts)
        return {
            "text": "\n\n".join(texts[name].text for name in documents),
            "question": "\n".join([*said, case.question]),
            "facts": "\n".join(f"- {facts[name].text}" for name in case.facts),
            "answer": answer,
        }

    return fields | PROMPT | model | StrOutputParser() | read_verdict


def read_verdict(reply: str) -> Label | None:
    """The verdict, where a reply opens with one."""
    first = reply.strip().lstrip("*_\"'").upper()
    return "right" if first.startswith("RIGHT") else "wrong" if first.startswith("WRONG") else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cohen's kappa between judge and labels, on `measured` of `labels` answers; None where it cannot be had."""

    kappa: float | None
    same: int
    measured: int
    labels: int


def agreement(labelled: Sequence[Labelled], found: Sequence[Label | None]) -> Agreement:
    """How far verdicts agree with the labels."""
    pairs = [(one.label, verdict) for one, verdict in zip(labelled, found, strict=True) if verdict is not None]
    same = sum(label == verdict for label, verdict in pairs)
    if len({value for pair in pairs for value in pair}) < 2:
        return Agreement(None, same, len(pairs), len(labelled))
    from sklearn.metrics import cohen_kappa_score

    kappa = cohen_kappa_score([label for label, _ in pairs], [verdict for _, verdict in pairs])
    return Agreement(float(kappa), same, len(pairs), len(labelled))


@dataclass(frozen=True, slots=True)
class Judged:
    """What the judge `model` found: its agreement with the labels, the share of answers right, and the verdicts by case."""

    model: str
    agreement: Agreement
    right: Number
    verdicts: Mapping[str, Label | None]


def judge_run(
    model: LanguageModel,
    scored: Sequence[Scored],
    labelled: Sequence[Labelled],
    facts: Mapping[str, Fact],
    texts: Mapping[str, Text],
    done: Callable[[], None] = lambda: None,
) -> Judged:
    """Have the labelled answers judged, then every answer of the run to a question that has one; `done` after each.

    Raises ModelError where the judge fails.
    """
    chain = judging(model.chat, facts, texts)

    def ask(case: Case, answer: str) -> Label | None:
        try:
            verdict = chain.invoke((case, answer))
        except model.failures as error:
            raise ModelError(f"the judge {model.name} failed ({error}): see that it runs, and go on with --resume") from error
        done()
        return verdict

    agreed = agreement(labelled, [ask(one.case, one.answer) for one in labelled])
    verdicts = {one.case.id: ask(one.case, one.finished.reply.answer) for one in to_judge(scored)}
    right = mean_number([float(verdict == "right") for verdict in verdicts.values() if verdict is not None])
    return Judged(model.name, agreed, right, verdicts)


def to_judge(scored: Sequence[Scored]) -> list[Scored]:
    """The cases whose answers are judged: they have an answer, and got one."""
    return [one for one in scored if one.case.answerable and not one.refused]
