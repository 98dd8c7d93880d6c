"""Text -> unit vectors, as LangChain Embeddings.

The model is loaded by sentence-transformers once, when the first index is built, and its weights are exported
into the index's folder, with their checksums. From then on onnxruntime runs them: torch is not loaded to answer a question or to
index a changed file. Where there is no export, or none can be made, sentence-transformers does the work itself.
"""

import json
import os
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.embeddings import Embeddings

from index.embedding_model import DEFAULT_MODEL, model_folder
from index.errors import EncoderError, StoreDamaged
from index.files import sha256

if TYPE_CHECKING:
    import numpy as np
    from langchain_huggingface import HuggingFaceEmbeddings

_BATCH = 16  # texts a run of the export
_FILES = ("model.onnx", "model.onnx.data", "tokenizer.json")  # the weights apart, so that they are mapped and not copied
_CHECKSUMS = "sha256.json"


class Encoder(Embeddings):
    """The embedding model `model` (DEFAULT_MODEL, a folder, or a hub name); its export lies in `export_folder`.

    Vectors have unit length. Nothing is loaded before the first text, unless `begin` is called. Raises EncoderError
    when it cannot be.
    """

    def __init__(self, model: str = DEFAULT_MODEL, export_folder: Path | None = None) -> None:
        self.model = model
        self.export_folder = export_folder
        self._whole: Future[bool] | None = None
        self._loading: Future[_OnnxModel | None] | None = None

    def begin(self) -> None:
        """Check and load the export in a thread; whatever is wrong is raised by `check` and by the first text."""
        pool = ThreadPoolExecutor(1)
        self._whole = pool.submit(self._is_whole)
        self._loading = pool.submit(self._load)
        pool.shutdown(wait=False)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text, in order."""
        vectors: list[list[float]] = self.encode(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of one question."""
        return self.embed_documents([text])[0]

    def encode(self, texts: list[str]) -> "np.ndarray":
        """Shape (len(texts), dimensions), float32. Texts of like length go together, so that little is padded."""
        import numpy as np

        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        if self._exported is None:
            return np.asarray(self._reference.embed_documents(texts), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        parts = [self._exported([texts[n] for n in order[s : s + _BATCH]]) for s in range(0, len(order), _BATCH)]
        vectors = np.concatenate(parts)
        return vectors[np.argsort(order)]

    def is_word(self, word: str) -> bool:
        """Whether the model's vocabulary holds the lower-case `word` whole: rare and misspelt words are in pieces."""
        if self._exported is not None:
            return self._exported.tokenizer.token_to_id(word) is not None
        return word in self._reference._client.tokenizer.get_vocab()

    @cached_property
    def _exported(self) -> "_OnnxModel | None":
        return self._loading.result() if self._loading else self._load()

    def _load(self) -> "_OnnxModel | None":
        folder = self.export_folder
        return None if folder is None or not folder.is_dir() else _OnnxModel(folder)

    def _is_whole(self) -> bool:
        folder = self.export_folder
        return folder is None or not folder.is_dir() or _is_whole(folder)

    @cached_property
    def _reference(self) -> "HuggingFaceEmbeddings":
        folder = model_folder(self.model)
        if folder is not None:
            for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
                os.environ[name] = "1"
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from langchain_huggingface import HuggingFaceEmbeddings
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            return HuggingFaceEmbeddings(
                model_name=str(folder or self.model),
                model_kwargs={"device": "cpu"},
                encode_kwargs={"normalize_embeddings": True, "batch_size": 32},
            )
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise EncoderError(f"cannot load the embedding model {self.model!r} ({reason}): set ASSISTANT_EMBEDDING_MODEL to a model's folder") from error

    def check(self) -> None:
        """Raises StoreDamaged where there is an export and it is not what was written."""
        if not (self._whole.result() if self._whole else self._is_whole()):
            raise StoreDamaged(f"the exported model in {self.export_folder} is damaged: run assistant index to make it anew")

    def export(self) -> bool:
        """Write the export unless it is there, whole; the folder appears whole or not at all.

        False where the model is not a folder, or not of the plain form that is exported: a transformer, mean
        pooling, normalising.
        """
        if self.export_folder is None or model_folder(self.model) is None:
            return False
        if _is_whole(self.export_folder):
            return True
        self.__dict__.pop("_exported", None)
        partial = self.export_folder.with_name(f"{self.export_folder.name}.partial-{os.getpid()}")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            if not _write_export(self._reference, partial):
                return False
            shutil.rmtree(self.export_folder, ignore_errors=True)
            partial.rename(self.export_folder)
            return True
        finally:
            shutil.rmtree(partial, ignore_errors=True)


class _OnnxModel:
    """The transformer by onnxruntime, then mean pooling and normalising in numpy, as sentence-transformers does."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = min(4, os.cpu_count() or 1)
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf, NotImplemented

        try:
            self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except (Fail, InvalidGraph, InvalidProtobuf, NotImplemented, OSError, ValueError) as error:
            raise EncoderError(f"cannot read the exported model in {folder}: remove that folder and run assistant index") from error

    def __call__(self, texts: list[str]) -> "np.ndarray":
        import numpy as np

        encoded = self.tokenizer.encode_batch(texts)
        ids = np.array([e.ids for e in encoded], dtype=np.int64)
        mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
        hidden = self.session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        weights = mask[:, :, None].astype(np.float32)
        pooled = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
        return np.asarray(pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def _write_export(reference: "HuggingFaceEmbeddings", folder: Path) -> bool:
    import contextlib
    import io
    import logging
    import warnings

    import torch
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from tokenizers import Tokenizer

    modules: list[Any] = list(reference._client)
    plain = len(modules) == 3 and [type(m) for m in modules] == [Transformer, Pooling, Normalize]
    if not plain or modules[1].pooling_mode != "mean":
        return False
    transformer = modules[0]

    class LastHidden(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = transformer.auto_model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    transformer.auto_model.set_attn_implementation("eager")
    example = (torch.ones(2, 12, dtype=torch.int64), torch.ones(2, 12, dtype=torch.int64))
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        batch, length = torch.export.Dim("batch", min=1, max=4096), torch.export.Dim("length", min=2, max=512)
        torch.onnx.export(
            LastHidden().eval(),
            example,
            str(folder / "model.onnx"),
            input_names=["input_ids", "attention_mask"],
            output_names=["last_hidden_state"],
            dynamic_shapes={"input_ids": {0: batch, 1: length}, "attention_mask": {0: batch, 1: length}},
            external_data=True,
            verbose=False,
        )
    tokenizer = Tokenizer.from_str(transformer.tokenizer.backend_tokenizer.to_str())
    tokenizer.enable_truncation(transformer.max_seq_length)
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id("[PAD]") or 0)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / _CHECKSUMS).write_text(json.dumps(_checksums(folder)))
    return True


def _checksums(folder: Path) -> dict[str, str]:
    return {name: sha256(folder / name) for name in _FILES}


def _is_whole(folder: Path) -> bool:
    try:
        written = json.loads((folder / _CHECKSUMS).read_text(encoding="utf-8"))
        return bool(written == _checksums(folder))
    except (StoreDamaged, OSError, ValueError, RecursionError):
        return False
