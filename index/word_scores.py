"""BM25 (Robertson and Zaragoza 2009) of sentences: counted by bm25s when the index is built, summed up here for a question."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float32]]
Integers = np.ndarray[Any, np.dtype[np.int32]]


@dataclass(frozen=True, slots=True)
class WordScores:
    """The scores of `count` sentences, by stem: a stem's sentences are in `rows`, and its scores there in `weights`,
    from `offsets[number]` to `offsets[number + 1]`, by its number in `numbers`."""

    numbers: dict[str, int]
    offsets: Integers
    rows: Integers
    weights: Floats
    count: int

    def of(self, stems: Iterable[str]) -> Floats:
        """One score a sentence, the sum over the distinct `stems`: shape (count,)."""
        scores = np.zeros(self.count, dtype=np.float32)
        for stem in dict.fromkeys(stems):
            held = self._entries(stem)
            scores[self.rows[held]] += self.weights[held]
        return scores

    def holding(self, stem: str) -> int:
        """How many sentences hold the stem."""
        held = self._entries(stem)
        return int(held.stop - held.start)

    def _entries(self, stem: str) -> slice:
        number = self.numbers.get(stem)
        return slice(0, 0) if number is None else slice(self.offsets[number], self.offsets[number + 1])

    @staticmethod
    def load(folder: Path, count: int) -> "WordScores":
        """Read what `write` wrote of `count` sentences."""
        if not folder.is_dir():  # not one sentence has a word
            return WordScores({}, np.zeros(1, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32), count)
        offsets, rows, weights = (np.asarray(np.load(folder / f"{name}.csc.index.npy", mmap_mode="r")) for name in ("indptr", "indices", "data"))
        return WordScores(json.loads((folder / "vocab.index.json").read_text(encoding="utf-8")), offsets, rows, weights, count)


def write(folder: Path, sentences: Sequence[list[str]]) -> None:
    """Count the words of `sentences`, given as stems."""
    import bm25s

    if any(sentences):
        bm25 = bm25s.BM25()
        bm25.index(sentences, show_progress=False)
        bm25.save(str(folder), show_progress=False)
