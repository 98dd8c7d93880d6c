"""What an answer costs: python -m evals.bench_answer, the chain beside one query embedding plus one Chroma query.

Both in one process and one run, question by question in turn; exit code 1 above the bound.
"""

import statistics
import sys
import time
from collections.abc import Callable

import click

from assistant import chain
from assistant.reply import Ask
from assistant.settings import load_settings
from evals.cases import load_cases
from index.build import encoder_for

BOUND = 1.5
ROUNDS = 3
_FEW = 4  # neighbours that the Chroma query returns


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    """Measure on the dev half's questions without history, and print the medians and their ratio."""
    settings = load_settings()
    loaded = chain.load(settings, lambda what, done, of: None)
    encoder = encoder_for(settings.index, settings.embedding_model)
    collection = loaded.store.vectors._collection
    questions = [case.question for case in load_cases() if case.split == "dev" and not case.history]
    floor: list[float] = []
    ours: list[float] = []
    for _ in range(ROUNDS):
        for question in questions:
            floor.append(_milliseconds(lambda q=question: collection.query(query_embeddings=encoder.encode([q]), n_results=_FEW)))  # type: ignore[misc]
            ours.append(_milliseconds(lambda q=question: loaded.chain.invoke(Ask(q))))  # type: ignore[misc]
    ratio = statistics.median(ours) / statistics.median(floor)
    p95 = statistics.quantiles(ours, n=20)[-1] / statistics.quantiles(floor, n=20)[-1]
    click.echo(f"one embedding and one Chroma query {statistics.median(floor):.2f} ms, an answer {statistics.median(ours):.2f} ms (medians of {len(ours)})")
    click.echo(f"ratio of medians {ratio:.2f}, of 95th percentiles {p95:.2f}; at most {BOUND}")
    sys.exit(0 if ratio <= BOUND else 1)


if __name__ == "__main__":
    main()
