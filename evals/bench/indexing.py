"""Indexing beside a bare SentenceTransformer.encode, and indexing again with one file of many changed."""

import shutil
import statistics
import tempfile
from pathlib import Path

from assistant.settings import Settings
from evals.bench.figure import Figure, in_turn, median_ratio, seconds
from evals.bench.texts import long_texts, write_files
from index.build import build, encoder_for
from index.encoder import Encoder

_FILES, _EACH = 1_000, 10
_BATCHES = (16, 32, 64, 128)


def take_over_export(settings: Settings, index: Path) -> None:
    """The embedding model's export of the index in use, so that none is made again."""
    shutil.copytree(settings.index / "encoder", index / "encoder", ignore=shutil.ignore_patterns("*.partial-*"))


def figures(settings: Settings, short: bool) -> list[Figure]:
    """Throughput in texts a second, and, where there is time, what a small change takes over the whole."""
    with tempfile.TemporaryDirectory(prefix="bench-indexing-") as folder:
        return [_throughput(settings, Path(folder), 500 if short else 1_000), *([] if short else [_changed(settings, Path(folder))])]


def _throughput(settings: Settings, folder: Path, count: int) -> Figure:
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    from index.embedding_model import model_folder

    sentences = long_texts(count)
    write_files(folder / "texts", sentences, each=100)
    index = folder / "whole"
    take_over_export(settings, index)
    disable_progress_bar()  # type: ignore[no-untyped-call]
    model = SentenceTransformer(str(model_folder(settings.embedding_model) or settings.embedding_model), device="cpu")

    def bare(size: int, texts: list[str]) -> object:
        return model.encode(texts, batch_size=size, normalize_embeddings=True)

    def ours() -> None:
        build(folder / "texts", index, settings.embedding_model, settings.max_source_bytes)
        (index / "CURRENT").unlink()

    tried = in_turn(1, *(lambda size=size: bare(size, sentences[: max(_BATCHES)]) for size in _BATCHES))
    best = min(zip(tried, _BATCHES, strict=True))[1]
    own, theirs = in_turn(3, ours, lambda: bare(best, sentences))
    rate, bare_rate = count / statistics.median(own), count / statistics.median(theirs)
    how = f"{rate:.0f} and {bare_rate:.0f} texts a second, {count:,} texts, its best batch {best}; ours splits, embeds and writes the index"
    return Figure("indexing, texts a second, over a bare `SentenceTransformer.encode`", median_ratio(theirs, own), least=0.9, how=how)


def _changed(settings: Settings, folder: Path) -> Figure:
    sources, index = folder / "many", folder / "changed"
    sentences = long_texts(_FILES * _EACH + 10)
    write_files(sources, sentences[: _FILES * _EACH], each=_EACH)
    take_over_export(settings, index)

    def again() -> None:
        build(sources, index, settings.embedding_model, settings.max_source_bytes)

    whole = seconds(again)
    loading = statistics.median(seconds(lambda: _load(encoder_for(index, settings.embedding_model))) for _ in range(5))
    taken = []
    for number, sentence in enumerate(sentences[_FILES * _EACH :][:5]):
        changed = sources / f"{number * 7:06}.txt"
        changed.write_text(f"{sentence}\n\n{changed.read_text(encoding='utf-8')}", encoding="utf-8")
        taken.append(seconds(again))
    again_seconds = statistics.median(taken)
    how = f"{again_seconds:.2f} s, of which checking and loading the model {loading:.2f} s, and {whole:.1f} s; {_FILES:,} files of {_EACH} sentences"
    return Figure(
        f"indexing again with one of {_FILES:,} files changed, less loading, over the whole", max(0.0, again_seconds - loading) / whole, most=0.02, how=how
    )


def _load(encoder: Encoder) -> None:
    encoder.export()  # which is there, and is checked
    encoder.encode(["a text"])
