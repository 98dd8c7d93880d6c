"""Small sources in numbered versions, an index of them, and a look at it that tells whether it is whole."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from assistant.chain import build_chain
from assistant.reply import Ask
from assistant.settings import Settings
from evals.faults.program import Said, forked
from index.build import encoder_for
from index.chroma import release_chroma
from index.embedding_model import DEFAULT_MODEL
from index.encoder import Encoder
from index.errors import StoreError
from index.questions import IndexedQuestion, write_questions
from index.search import EvidenceRetriever
from index.source import read_source
from index.store import open_store

QUESTION = "When was the treaty signed?"
YEAR = 1900  # of version 0
_BESIDE = "# Bases\n\nInspectors visit the base in Ruritania. They look for rockets.\n"
_ANSWERS = {QUESTION: "signed in {year}", "In which year was it signed?": "{year}", "Who signed it?": "by two states", "When did it end?": "ended in 2019"}
_SILENT = ("Who paid for it?", "Why was it signed?", "How long was it?", "What did it cost?")


def text_of(version: int) -> str:
    """The text of a.txt."""
    return f"The treaty was signed in {YEAR + version} by two states. It ended in 2019.\n\nMore words follow, and nobody asks about them.\n"


@dataclass(frozen=True, slots=True)
class Seen:
    """The version that an index answers from, whole; or what is wrong with it."""

    version: int | None
    problem: str = ""

    def among(self, *versions: int) -> str:
        """What is wrong where one of `versions` is expected; empty: nothing."""
        return self.problem or ("" if self.version in versions else f"it answers from version {self.version}, not from {versions}")


class _Trusted(Encoder):
    """An encoder whose export is not under fire, so that 90 MB need not be summed up at every look."""

    def check(self) -> None:
        return None


class Ground:
    """Sources and an index below `folder`; the model's export is linked into the index."""

    def __init__(self, folder: Path, exported: Path) -> None:
        self.sources, self.index, self.exported = folder / "docs", folder / "index", exported
        self.sources.mkdir(parents=True)
        self.index.mkdir()
        (self.index / "encoder").symlink_to(exported)

    @property
    def where(self) -> tuple[str, ...]:
        """The options that name its folders."""
        return "--sources", str(self.sources), "--index", str(self.index)

    def write(self, version: int) -> None:
        """Put a version of the sources in place, with its questions."""
        path = self.sources / "a.txt"
        for name, text in (("a.txt", text_of(version)), ("b.md", _BESIDE)):
            partial = self.sources / ".partial"
            partial.write_text(text, encoding="utf-8")
            partial.replace(self.sources / name)
        source = read_source(path, self.sources)
        answered = {question: answer.format(year=YEAR + version) for question, answer in _ANSWERS.items()}
        questions = [IndexedQuestion(q, ((source.text.index(a), source.text.index(a) + len(a)),)) for q, a in answered.items()]
        write_questions(self.sources / "a.questions.jsonl", source, questions + [IndexedQuestion(q, ()) for q in _SILENT])

    def build(self, version: int) -> str:
        """Write a version and index it; what went wrong, if anything."""
        self.write(version)
        said = forked("index", *self.where)
        return "" if said.code == 0 else f"indexing failed: {said!r}"

    @cached_property
    def encoder(self) -> Encoder:
        """The model, loaded once."""
        return _Trusted(DEFAULT_MODEL, encoder_for(self.index, DEFAULT_MODEL).export_folder)

    def look(self, index: Path | None = None) -> Seen:
        """Open the index as for a question, compare all that it holds with the version that it names, and ask."""
        try:
            store = open_store(index or self.index, self.encoder)
            texts = {document.name: document.text for document in store.documents}
            found = re.search(r"signed in (\d+)", texts.get("a.txt", ""))
            version = int(found[1]) - YEAR if found else -1
            if texts != {"a.txt": text_of(version), "b.md": _BESIDE}:
                return Seen(None, f"it holds other texts than were written: {texts}")
            if set(store.vectors.get(include=[])["ids"]) != set(store.positions):
                return Seen(None, "its vectors are not those of its sentences")
            reply = build_chain(EvidenceRetriever.over(store, self.encoder), Settings.model_construct()).invoke(Ask(QUESTION))
        except StoreError as error:
            return Seen(None, str(error))
        finally:
            release_chroma()
        right = reply.status == "answered" and str(YEAR + version) in reply.citations[0].quote
        return Seen(version, "" if right else f"it answers {reply.answer!r}")

    def ask(self, index: Path | None = None) -> Said:
        """`assistant ask`, which brings the index up to date first."""
        return forked("ask", QUESTION, "--json", "--sources", self.sources, "--index", index or self.index)

    def recovered(self, version: int, index: Path | None = None) -> str:
        """What is wrong after `assistant ask` has met a damaged index; empty where it answers from `version` and the index is whole."""
        said = self.ask(index)
        return unlike(said, version) or self.look(index).among(version)

    def leftovers(self) -> str:
        """What stands in the index that should not, after a build that was let finish."""
        names = [path.name for path in self.index.iterdir()]
        strange = [name for name in names if name not in ("CURRENT", "lock", "encoder") and not name.startswith("generation-")]
        generations = [name for name in names if name.startswith("generation-")]
        return f"left over: {strange or generations}" if strange or len(generations) > 2 else ""


def unlike(said: Said, version: int) -> str:
    """What is wrong with a Reply in JSON on standard output as the answer from `version`."""
    if said.code != 0 or said.err:
        return f"no answer but {said!r}"
    reply = json.loads(said.out)
    right = reply["status"] == "answered" and str(YEAR + version) in reply["answer"]
    return "" if right else f"it answers {reply['answer']!r}"
