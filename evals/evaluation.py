"""The whole evaluation: cases, answerers, marks, columns of the table. What is asked comes in; nothing is printed."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evals.cases import Case, Fact, load_cases, load_facts
from evals.run import Answerer, Finished, ask_cases, ask_cases_kept
from evals.score import Scored, score_all
from evals.table import Column
from evals.texts import Text, read_texts
from index.errors import CaseError

if TYPE_CHECKING:
    from assistant.settings import Settings
    from index.build import Progress

QUOTES = "quotes"


@dataclass(frozen=True)
class Subject:
    """What is evaluated, and on what: an answerer over documents, the cases about them, and those to fit baselines on."""

    answerer: Answerer
    texts: Mapping[str, Text]
    facts: Mapping[str, Fact]
    cases: tuple[Case, ...]
    fit_on: tuple[Case, ...]
    about: dict[str, str]
    settings: "Settings"


@dataclass(frozen=True)
class Evaluation:
    """The columns of the table, the answerer's first, and its scored cases of every half."""

    columns: tuple[Column, ...]
    scored: tuple[Scored, ...]


def on_statement(settings: "Settings", answerer: str, split: str, progress: "Progress", index_given: bool) -> Subject:
    """The assistant on the statement's cases; `split` is dev, test or all. Raises UserError."""
    facts = load_facts(sources=settings.sources)
    every = load_cases(facts=facts)
    cases = tuple(case for case in every if split in ("all", case.split))
    fit_on = tuple(case for case in every if case.split == "dev")
    return _subject(settings, answerer, facts, cases, fit_on, progress, index_given)


@contextmanager
def on_squad(settings: "Settings", answerer: str, path: Path, limit: int | None, progress: "Progress") -> Iterator[Subject]:
    """The assistant on a SQuAD 2.0 file, its articles indexed in a temporary folder without question files."""
    from evals.squad import read_squad, write_documents

    squad = read_squad(path, limit)
    with tempfile.TemporaryDirectory(prefix="squad-") as folder:
        sources, index = Path(folder, "sources"), Path(folder, "index")
        sources.mkdir()
        index.mkdir()
        write_documents(squad, sources)
        if (settings.index / "encoder").is_dir():
            (index / "encoder").symlink_to((settings.index / "encoder").resolve())
        yield _subject(settings.model_copy(update={"sources": sources, "index": index}), answerer, squad.facts, squad.cases, squad.cases, progress, False)


def _subject(
    settings: "Settings",
    answerer: str,
    facts: Mapping[str, Fact],
    cases: tuple[Case, ...],
    fit_on: tuple[Case, ...],
    progress: "Progress",
    index_given: bool,
) -> Subject:
    from assistant import chain

    assistant = chain.load(settings, progress, index_given)
    texts = read_texts(settings.sources)
    about = {"strictness": settings.strictness, **{name: text.sha256 for name, text in texts.items()}}
    return Subject(Answerer(answerer, assistant.chain), texts, facts, cases, fit_on, about, settings)


def evaluate(subject: Subject, journal: Path, resume: bool, baselines: bool, progress: "Progress") -> Evaluation:
    """Ask, score and set beside the baselines. `progress(what, done, of)` is called as it goes. Raises UserError."""
    finished = ask_cases_kept(subject.answerer, subject.cases, journal, subject.about, resume, _ticks(progress, subject.answerer.name, len(subject.cases)))
    peak = peak_mib()
    scored = _scored(subject, finished)
    columns = [_column(subject.answerer.name, split, scored, peak) for split in ("test", "dev") if any(s.case.split == split for s in scored)]
    beside = _baselines(subject, columns[0].what, progress) if baselines else []
    return Evaluation((columns[0], *beside, *_without_indexed(subject, columns[0]), *columns[1:]), tuple(scored))


def _without_indexed(subject: Subject, column: Column) -> list[Column]:
    """A column again, without the cases that the question index holds word for word; nothing where it holds none."""
    from evals import leaks

    left = {case.id for case in leaks.without_indexed(subject.cases, leaks.indexed_questions(subject.settings.sources))}
    kept = tuple(one for one in column.scored if one.case.id in left)
    indexed = len(column.scored) - len(kept)
    return [Column(column.answerer, f"{column.what}, without {indexed} that are in the question index", kept)] if indexed else []


def peak_mib() -> float | None:
    """The most memory that this process has held, in MiB; None where the system does not say."""
    import sys

    with suppress(OSError):  # Linux, where the other way counts from the peak of the process that started this one
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 2**10
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _scored(subject: Subject, finished: list[Finished]) -> list[Scored]:
    return score_all(finished, subject.facts, subject.texts)


def _column(answerer: str, split: str, scored: Sequence[Scored], peak: float | None = None) -> Column:
    return Column(answerer, split, tuple(one for one in scored if one.case.split == split), peak)


def _baselines(subject: Subject, split: str, progress: "Progress") -> list[Column]:
    from evals.baselines import baselines
    from index.build import encoder_for

    if len({case.answerable for case in subject.fit_on}) < 2:
        raise CaseError("the baselines need cases with and without an answer to fit a threshold on: add some, or run with --no-baselines")
    progress("fitting the baselines", 0, 1)
    cases = [case for case in subject.cases if case.split == split]
    found = []
    for answerer in baselines(subject.texts, encoder_for(subject.settings.index, subject.settings.embedding_model), subject.fit_on):
        finished = ask_cases(answerer, cases, _ticks(progress, answerer.name, len(cases)))
        found.append(_column(answerer.name, split, _scored(subject, finished)))
    return found


def _ticks(progress: "Progress", what: str, of: int) -> Callable[[], None]:
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        progress(what, done, of)

    return tick
