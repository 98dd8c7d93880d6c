"""How much of what the local model writes is not in the text: `python -m evals.check_written`.

written.jsonl holds 100 answers that it wrote to questions of the test half, each sentence with the spans that it cites
and a label, supported or not and why not, given one by one by a reader who saw only the article and the sentences: a
large language model, not the one that wrote. Counted are the answers with an unsupported sentence, by hand
and by the check; exit code 1 above the bounds. `--sample REPORT` draws the answers from a report of
`python -m evals --answerer local --split test`, to be labelled anew.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from assistant.support import Cited
from assistant.verify import claims, verify
from evals.cases import HERE, read_lines
from evals.texts import Text, read_texts
from index.errors import CaseError, UserError

WRITTEN = HERE / "written.jsonl"
MOST_BY_HAND, MOST_BY_CHECK = 0.02, 0.0  # share of answers
COUNT = 100
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a written answer, the spans that it cites in `document`, and the label: None where there is none yet."""

    case: str
    document: str
    sentence: str
    cites: Spans
    supported: bool | None = None
    why: str = ""


def said_in(case: str, reply: Mapping[str, Any], texts: Mapping[str, Text]) -> list[Said]:
    """The sentences of an answer (a Reply as JSON) that are not just quoted."""
    cited = {c["number"]: (c["start"], c["end"]) for c in reply["citations"]}
    document = reply["citations"][0]["document"]
    found = [Said(case, document, claim.text, tuple(cited[n] for n in claim.cites)) for claim in claims(reply["answer"])]
    quoted = {" ".join(sentence.read.split()) for sentence in texts[document].sentences}
    return [one for one in found if one.sentence not in quoted]


def stands(said: Said, texts: Mapping[str, Text]) -> bool:
    """Whether the check lets a sentence stand."""
    sentences = texts[said.document].sentences
    evidence = [Cited.of(sentences, s.number) for s in sentences if (s.start, s.end) in said.cites]
    markers = "".join(f"[{number}]" for number in range(1, len(evidence) + 1))
    return not verify(f"{said.sentence} {markers}", evidence).dropped


def read_written(path: Path = WRITTEN) -> list[Said]:
    """The labelled sentences. Raises CaseError."""
    found = []
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            found.append(Said(**(row | {"cites": tuple((start, end) for start, end in row["cites"])})))
        except (ValueError, KeyError, TypeError) as error:
            raise CaseError(f"{path}, line {number}: not a labelled sentence ({error})") from error
    return found


def share(sentences: Sequence[Said], is_bad: Mapping[Said, bool]) -> float:
    """The share of answers with a bad sentence."""
    answers = {one.case for one in sentences}
    return len({one.case for one in sentences if is_bad[one]}) / len(answers)


def sample(report: Path, texts: Mapping[str, Text], count: int = COUNT) -> list[Said]:
    """The sentences of `count` written answers, spread over those of a report. Raises CaseError."""
    try:
        rows = json.loads(report.read_text(encoding="utf-8"))["cases"]
        written = [said for row in rows if row["reply"]["answerer"] != "quotes" and (said := said_in(row["id"], row["reply"], texts))]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CaseError(f"cannot read {report} as a report of python -m evals ({error})") from error
    if len(written) < count:
        raise CaseError(f"{report} holds {len(written)} written answers, and {count} are wanted: give the report of a whole run")
    return [one for number in range(count) for one in written[number * len(written) // count]]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--sample", "report", type=click.Path(path_type=Path), metavar="REPORT", help="Draw answers anew from a report, without labels.")
def main(report: Path | None) -> None:
    """Count the written answers with a sentence that the text does not support, by hand and by the check."""
    from assistant.settings import load_settings

    try:
        texts = read_texts(load_settings().sources)
        if report is not None:
            for one in sample(report, texts):
                click.echo(json.dumps({name: getattr(one, name) for name in Said.__slots__}, ensure_ascii=False))
            return
        held = _counted(read_written(), texts)
    except UserError as error:
        click.echo(f"evals.check_written: {' '.join(str(error).split())}", err=True)
        sys.exit(2)
    sys.exit(0 if held else 1)


def _counted(sentences: Sequence[Said], texts: Mapping[str, Text]) -> bool:
    unlabelled = sum(one.supported is None for one in sentences)
    by_hand = share(sentences, {one: one.supported is False for one in sentences})
    by_check = share(sentences, {one: not stands(one, texts) for one in sentences})
    click.echo(f"{len({one.case for one in sentences})} written answers, {len(sentences)} sentences, {unlabelled} of them without a label")
    click.echo(f"answers with an unsupported sentence: {by_hand:.3f} by hand (at most {MOST_BY_HAND}), {by_check:.3f} by the check (at most {MOST_BY_CHECK})")
    for one in sentences:
        if one.supported is False:
            click.echo(f"  {one.case}: {one.sentence} ({one.why})")
    return not unlabelled and by_hand <= MOST_BY_HAND and by_check <= MOST_BY_CHECK


if __name__ == "__main__":
    main(prog_name="python -m evals.check_written")
