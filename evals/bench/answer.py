"""A warm answer beside the floor: one query embedding and one Chroma query, and nothing else."""

import statistics

from assistant import chain
from assistant.reply import Ask
from assistant.settings import Settings
from evals.bench.figure import Figure, seconds
from evals.cases import load_cases
from index.build import encoder_for

_FEW = 4  # neighbours that the Chroma query returns


def figures(settings: Settings, short: bool) -> list[Figure]:
    """Question by question in turn, on the dev half's questions without history."""
    loaded = chain.load(settings, lambda what, done, of: None)
    encoder = encoder_for(settings.index, settings.embedding_model)
    collection = loaded.store.vectors._collection
    questions = [case.question for case in load_cases() if case.split == "dev" and not case.history][:: 4 if short else 1]
    floor: list[float] = []
    ours: list[float] = []
    for _ in range(3):
        for question in questions:
            floor.append(seconds(lambda q=question: collection.query(query_embeddings=encoder.encode([q]), n_results=_FEW)))  # type: ignore[misc]
            ours.append(seconds(lambda q=question: loaded.chain.invoke(Ask(q))))  # type: ignore[misc]
    median, median_floor = 1000 * statistics.median(ours), 1000 * statistics.median(floor)
    late, late_floor = (1000 * statistics.quantiles(taken, n=20)[-1] for taken in (ours, floor))
    beside = "one query embedding and one Chroma query"
    return [
        Figure(
            f"a warm answer, median, over {beside}", median / median_floor, most=1.5, how=f"{median:.1f} ms and {median_floor:.1f} ms, {len(ours):,} of each"
        ),
        Figure("the same, 95th percentile", late / late_floor, most=1.5, how=f"{late:.1f} ms and {late_floor:.1f} ms"),
    ]
