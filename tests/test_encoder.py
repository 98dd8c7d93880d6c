import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from index.build import encoder_for
from index.embedding_model import DEFAULT_MODEL, model_folder, model_key
from index.encoder import Encoder
from index.errors import EncoderError, StoreDamaged, UserError
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def encoder(exported: Path) -> Encoder:
    return encoder_for(exported.parent, DEFAULT_MODEL)


@pytest.fixture(scope="module")
def export(encoder: Encoder) -> Path:
    """The folder of the export itself."""
    assert encoder.export_folder is not None
    return encoder.export_folder


@pytest.fixture
def damaged(tmp_path: Path, export: Path) -> Path:
    """A copy of the export whose model is cut off."""
    folder = tmp_path / "encoder"
    shutil.copytree(export, folder)
    model = folder / "model.onnx"
    model.write_bytes(model.read_bytes()[: model.stat().st_size // 2])
    return folder


def test_the_export_agrees_with_sentence_transformers(encoder: Encoder) -> None:
    cases = [json.loads(line) for line in (ROOT / "evals" / "statement.jsonl").read_text(encoding="utf-8").splitlines()]
    questions = [case["question"] for case in cases if case["split"] == "dev"]
    sample = [*random.Random(7).sample(questions, 58), "a", "missiles " * 400]
    ours, theirs = encoder.encode(sample), Encoder(DEFAULT_MODEL).encode(sample)
    assert ours.shape == theirs.shape == (60, 384)
    assert ours.dtype == np.float32
    assert np.linalg.norm(ours, axis=1) == pytest.approx(1, abs=1e-5)
    assert (ours * theirs).sum(axis=1).min() >= 0.9999


def test_texts_keep_their_order_and_their_company_does_not_matter(encoder: Encoder) -> None:
    texts = ["Who signed the treaty, when, and where was it?", "Why?", *(f"Question {n}?" for n in range(40))]
    together = encoder.encode(texts)
    assert together == pytest.approx(np.concatenate([encoder.encode([text]) for text in texts]), abs=1e-5)
    assert encoder.embed_query("Why?") == pytest.approx(together[1].tolist(), abs=1e-5)
    assert encoder.embed_documents([]) == []


def test_a_damaged_export_is_told_with_its_cure(damaged: Path) -> None:
    broken = Encoder(DEFAULT_MODEL, damaged)
    with pytest.raises(StoreDamaged, match="run assistant index"):
        broken.check()
    with pytest.raises(UserError, match="run assistant index") as caught:
        broken.encode(["Why?"])
    assert "\n" not in str(caught.value)


def test_a_damaged_export_is_made_anew(damaged: Path, encoder: Encoder) -> None:
    again = Encoder(DEFAULT_MODEL, damaged)
    assert again.export()
    again.check()
    assert again.encode(["Why?"]) == pytest.approx(encoder.encode(["Why?"]), abs=1e-5)
    assert [path.name for path in damaged.parent.iterdir()] == ["encoder"]


def test_a_whole_export_is_left_alone(export: Path, encoder: Encoder) -> None:
    before = (export / "model.onnx").stat().st_mtime_ns
    encoder.check()
    assert encoder.export()
    assert (export / "model.onnx").stat().st_mtime_ns == before


def test_whole_words_of_the_language(encoder: Encoder) -> None:
    assert all(encoder.is_word(word) for word in ("treaty", "missile", "france"))
    assert not any(encoder.is_word(word) for word in ("traety", "misile", "withdrawl"))
    reference = Encoder(DEFAULT_MODEL)
    assert [reference.is_word(word) for word in ("treaty", "traety")] == [True, False]


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot load the embedding model") as caught:
        Encoder(str(tmp_path)).encode(["Why?"])
    assert "\n" not in str(caught.value)


def test_a_model_is_known_by_its_files(tmp_path: Path) -> None:
    assert model_key(DEFAULT_MODEL).startswith(f"{DEFAULT_MODEL}-")
    assert model_folder("some/hub-name") is None
    assert model_key("some/hub-name") == "some/hub-name"
    (tmp_path / "weights").write_text("abc")
    before = model_key(str(tmp_path))
    (tmp_path / "weights").write_text("abcd")
    assert model_key(str(tmp_path)) != before
