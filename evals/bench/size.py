"""What a warm question costs as documents, and the question, grow. Each size is measured in a process of its own, for its memory."""

import statistics
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from assistant.settings import Settings
from evals.bench.figure import Figure, seconds
from evals.bench.indexing import take_over_export
from evals.bench.texts import texts, write_files
from index.build import build

SIZES, SHORT_SIZES = (1_000, 10_000, 100_000), (250, 2_500)  # passages
WORDS = (5, 10, 20, 50, 100, 200, 400)  # of a question
_EACH = 250  # passages a file
_ASKED = 60


@dataclass(frozen=True, slots=True)
class At:
    """A size, milliseconds of a warm question there (median), and the process's peak memory."""

    passages: int
    milliseconds: float
    peak_mib: float


def figures(settings: Settings, short: bool) -> tuple[list[Figure], list[At]]:
    """The largest size beside the smallest, and all of them for the plot."""
    found = list(_grow(settings, SHORT_SIZES if short else SIZES))
    first, last = found[0], found[-1]
    how = f"{last.milliseconds:.1f} ms and {first.milliseconds:.1f} ms; memory of the process {last.peak_mib:,.0f} MiB and {first.peak_mib:,.0f} MiB"
    ratio = last.milliseconds / first.milliseconds
    return [Figure(f"a warm question over {last.passages:,} passages, over one over {first.passages:,}", ratio, most=3, how=how)], found


def _grow(settings: Settings, sizes: tuple[int, ...]) -> Iterator[At]:
    sentences = texts(sizes[-1])
    with tempfile.TemporaryDirectory(prefix="bench-size-") as folder:
        sources, index = Path(folder, "sources"), Path(folder, "index")
        take_over_export(settings, index)
        held = 0
        for size in sizes:
            write_files(sources, sentences[held:size], _EACH, first=held // _EACH)
            held = size
            build(sources, index, settings.embedding_model, settings.max_source_bytes)
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                milliseconds, peak = pool.submit(_asked, settings.model_copy(update={"sources": sources, "index": index})).result()
            yield At(size, milliseconds, peak)


def _asked(settings: Settings) -> tuple[float, float]:
    from assistant import chain
    from assistant.reply import Ask
    from evals.evaluation import peak_mib

    loaded = chain.load(settings, lambda what, done, of: None)
    questions = [f"{text.rstrip('.')}?" for text in texts(20 * _ASKED)[::20]]
    taken = [seconds(lambda q=question: loaded.chain.invoke(Ask(q))) for question in [*questions[:5], *questions]]  # type: ignore[misc]
    return 1000 * statistics.median(taken[5:]), peak_mib() or 0.0


def by_length(settings: Settings) -> list[tuple[int, float]]:
    """Words of a question, and milliseconds of its answer (median), on the statement."""
    from assistant import chain
    from assistant.reply import Ask

    loaded = chain.load(settings, lambda what, done, of: None)
    words = " ".join(texts(200)).replace(".", "").split()
    found = []
    for count in WORDS:
        asked = [Ask(" ".join(words[start : start + count])[: settings.max_question_chars - 1] + "?") for start in range(0, 15 * 20, 20)]
        found.append((count, 1000 * statistics.median(seconds(lambda a=a: loaded.chain.invoke(a)) for a in asked)))  # type: ignore[misc]
    return found
