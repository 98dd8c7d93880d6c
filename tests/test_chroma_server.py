"""The vectors on Chroma's own server: shared by name, completed, swept, lost and found."""

import functools
import gc
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import chroma_http
from index.build import Summary, build, encoder_for, is_fresh
from index.chroma_http import PatientClient
from index.chroma_server import ChromaServer, collection_name
from index.embedding_model import DEFAULT_MODEL
from index.encoder import Encoder
from index.errors import SettingsError, StoreDamaged, StoreError, StoreStale, StoreUnreachable
from index.search import EvidenceRetriever
from index.store import Store, current, open_store
from tests.chroma_running import RunningChroma, running_chroma
from tests.conftest import MAX_BYTES
from tests.serving import answering

OLD = "The treaty was signed in 1987. It ended in 2019."


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningChroma]:
    with running_chroma(tmp_path_factory.mktemp("chroma")) as running:
        yield running


@pytest.fixture
def server(chroma: RunningChroma, tmp_path: Path) -> ChromaServer:
    """A database of the test's own on it."""
    name = f"database-{abs(hash(tmp_path))}"
    PatientClient(chroma.server)._server.create_database(name)
    return ChromaServer(chroma.url, database=name)


@pytest.fixture
def docs(docs: Path) -> Path:
    (docs / "a.txt").write_text(OLD)
    return docs


def built(docs: Path, index: Path, server: ChromaServer | None, embedded: list[int] | None = None) -> Summary:
    """Bring an index up to date; `embedded` gets how many texts went through the model."""

    def progress(what: str, done: int, of: int) -> None:
        if embedded is not None and what == "embedding" and done == of:
            embedded.append(of)

    summary = build(docs, index, DEFAULT_MODEL, MAX_BYTES, progress, server)
    assert is_fresh(index, docs, DEFAULT_MODEL, MAX_BYTES, server)
    return summary


@functools.cache
def _encoder(index: Path) -> Encoder:
    """The model, loaded once."""
    return encoder_for(index, DEFAULT_MODEL)


def encoder_of(index: Path) -> Encoder:
    return _encoder((index / "encoder").resolve().parent)


def opened(index: Path, server: ChromaServer | None) -> Store:
    return open_store(index, encoder_of(index), server)


def found(index: Path, server: ChromaServer | None) -> list[tuple[str, float]]:
    retriever = EvidenceRetriever.over(opened(index, server), encoder_of(index))
    return [(e.sentence.text, round(e.score, 4)) for e in retriever.find("When was the treaty signed?")]


def collections(server: ChromaServer) -> set[str]:
    return {collection.name for collection in PatientClient(server).list_collections()}


def held_by(generation: Path) -> str:
    """The collection that a generation rests on."""
    name: str = json.loads((generation / "manifest.json").read_text())["collection"]
    return name


def another_index(index: Path, name: str) -> Path:
    """The index of another machine: nothing of the first but the model's export."""
    other = index.with_name(name)
    other.mkdir()
    (other / "encoder").symlink_to((index / "encoder").resolve())
    return other


def test_the_server_finds_what_the_folder_finds(docs: Path, new_index: Path, server: ChromaServer) -> None:
    built(docs, another_index(new_index, "in-folder"), None)
    assert built(docs, new_index, server) == Summary(added=2, changed=0, removed=0, unchanged=0, passages=3, sentences=5, questions=0)
    assert found(new_index, server) == found(new_index.with_name("in-folder"), None)
    assert not (current(new_index) / "chroma").exists()


def test_another_machine_finds_the_collection_there_and_embeds_nothing(docs: Path, new_index: Path, server: ChromaServer) -> None:
    first: list[int] = []
    second: list[int] = []
    other = another_index(new_index, "other")
    built(docs, new_index, server, first)
    built(docs, other, server, second)
    assert (first, second) == ([5], [])
    assert len(collections(server)) == 1
    assert found(other, server) == found(new_index, server)


def test_two_that_build_at_once_write_the_same(docs: Path, new_index: Path, server: ChromaServer) -> None:
    indexes = [new_index, another_index(new_index, "second"), another_index(new_index, "third")]
    threads = [threading.Thread(target=built, args=(docs, index, server)) for index in indexes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(collections(server)) == 1
    assert found(indexes[0], server) == found(indexes[1], server) == found(indexes[2], server)


def test_a_collection_that_is_half_written_is_completed(docs: Path, new_index: Path, server: ChromaServer) -> None:
    built(docs, new_index, server)
    right = found(new_index, server)
    collection = opened(new_index, server).vectors._collection
    collection.delete(ids=collection.get(include=[])["ids"][:2])
    other = another_index(new_index, "other")
    built(docs, other, server)
    assert found(other, server) == found(new_index, server) == right
    collection.modify(metadata={"complete": False})
    with pytest.raises(StoreDamaged, match="run assistant index"):
        opened(new_index, server)


def test_what_others_put_into_a_collection_is_not_taken_for_ours(docs: Path, new_index: Path, server: ChromaServer) -> None:
    built(docs, new_index, server)
    opened(new_index, server).vectors._collection.upsert(ids=["stray"], embeddings=[[0.0] * 384], documents=["stray"])  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="delete it there"):
        build(docs, new_index, DEFAULT_MODEL, MAX_BYTES, server=server)


def test_a_changed_document_takes_a_new_collection_and_what_stays_is_carried(docs: Path, new_index: Path, server: ChromaServer) -> None:
    built(docs, new_index, server)
    reader = EvidenceRetriever.over(opened(new_index, server), encoder_of(new_index))
    (docs / "b.md").write_text("Nobody visits.")
    embedded: list[int] = []
    assert built(docs, new_index, server, embedded).changed == 1
    assert embedded == [1]
    assert len(collections(server)) == 2
    assert reader.find("When was the treaty signed?")[0].sentence.text == "The treaty was signed in 1987."  # who reads the one before goes on
    del reader  # a generation that is read is kept, with its collection
    gc.collect()
    (docs / "b.md").write_text("Somebody visits.")
    built(docs, new_index, server)
    kept = {held_by(generation) for generation in new_index.glob("generation-*")}
    assert collections(server) == kept
    assert len(kept) == 2


def test_a_text_that_comes_back_keeps_its_collection(docs: Path, new_index: Path, server: ChromaServer) -> None:
    for text in (OLD, "Another.", OLD):
        (docs / "a.txt").write_text(text)
        built(docs, new_index, server)
    assert found(new_index, server)[0][0] == "The treaty was signed in 1987."
    assert len(collections(server)) == 2


def test_the_collections_of_others_stay(docs: Path, new_index: Path, server: ChromaServer) -> None:
    theirs = PatientClient(server).create_collection("sentences-of-theirs", embedding_function=None)
    for number in range(4):
        (docs / "a.txt").write_text(f"It was signed in 198{number}.")
        built(docs, new_index, server)
    assert theirs.name in collections(server)
    assert len(collections(server)) == 3


def test_a_collection_that_was_deleted_is_found_and_written_again(docs: Path, new_index: Path, server: ChromaServer) -> None:
    built(docs, new_index, server)
    right = found(new_index, server)
    reader = EvidenceRetriever.over(opened(new_index, server), encoder_of(new_index))
    PatientClient(server).delete_collection(held_by(current(new_index)))
    for ask in (lambda: opened(new_index, server), lambda: reader.find("When?")):
        with pytest.raises(StoreDamaged, match="run assistant index"):
            ask()
    assert built(docs, new_index, server).unchanged == 2
    assert found(new_index, server) == right


def test_an_index_whose_vectors_are_elsewhere_is_stale_and_built_anew(docs: Path, new_index: Path, server: ChromaServer) -> None:
    built(docs, new_index, None)
    right = found(new_index, None)
    for place in (server, None, server):
        with pytest.raises(StoreStale, match="run assistant index"):
            is_fresh(new_index, docs, DEFAULT_MODEL, MAX_BYTES, place)
        with pytest.raises(StoreStale, match="keeps its vectors"):
            opened(new_index, place)
        built(docs, new_index, place)
        assert found(new_index, place) == right


def test_the_name_of_a_collection_is_its_content(docs: Path, new_index: Path) -> None:
    def name() -> str:
        built(docs, new_index, None)
        return collection_name(DEFAULT_MODEL, opened(new_index, None).documents)

    first = name()
    assert collection_name("another-model", opened(new_index, None).documents) != first
    assert collection_name(DEFAULT_MODEL, reversed(opened(new_index, None).documents)) == first
    (docs / "a.txt").write_text(OLD.replace("1987", "1988"))
    assert name() != first
    (docs / "a.txt").write_text(OLD)
    assert name() == first
    (docs / "a.txt").rename(docs / "c.txt")
    assert name() != first


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a server that never comes."""
    monkeypatch.setattr(chroma_http, "PATIENCE_SECONDS", 0.3)


def refusal(server: ChromaServer) -> str:
    with pytest.raises((StoreError, SettingsError)) as caught:
        PatientClient(server)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://no-such-host.invalid:8000", "http://127.0.0.1:99999", "http://[::1]:1"])
def test_nobody_there(url: str) -> None:
    assert "ASSISTANT_CHROMA_URL" in refusal(ChromaServer(url))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, "<html>Welcome</html>", "is not Chroma's server"),
        (200, '{"status": "alive"}', "is not Chroma's server"),
        (200, "[]", "is not Chroma's server"),
        (404, '{"detail": "Not Found"}', "is not Chroma's server (HTTP 404)"),
        (500, "Traceback", "is not Chroma's server (HTTP 500)"),
        (301, "", "is not Chroma's server (HTTP 301)"),
        (401, "no", "ASSISTANT_CHROMA_TOKEN"),
        (403, '{"error": "ChromaAuthError", "message": "Forbidden"}', "ASSISTANT_CHROMA_TOKEN"),
        (500, '{"error": "InternalError", "message": "disk\\nfull"}', "see its log"),
        (503, "", "does not answer (HTTP 503)"),
    ],
)
def test_somebody_else_there(status: int, body: str, said: str) -> None:
    with answering(status, body) as url:
        assert said in refusal(ChromaServer(url, token="secret"))


def test_no_such_tenant_or_database(chroma: RunningChroma) -> None:
    assert "ASSISTANT_CHROMA_TENANT" in refusal(ChromaServer(chroma.url, tenant="nobody"))
    assert "no database nothing" in refusal(ChromaServer(chroma.url, database="nothing"))


@pytest.mark.parametrize("token", ["secret\n", "sécret", "secret\r\nX-More: 1"])
def test_a_token_that_no_header_takes(token: str) -> None:
    assert "ASSISTANT_CHROMA_TOKEN" in refusal(ChromaServer("http://127.0.0.1:1", token=token))


def test_a_proxy_has_no_say_on_loopback(chroma: RunningChroma, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert PatientClient(chroma.server).get_max_batch_size() > 0


def answering_over(chroma: RunningChroma, docs: Path, index: Path) -> tuple[EvidenceRetriever, list[float]]:
    """A retriever with its vectors on the server, and the scores that it gives there."""
    built(docs, index, chroma.server)
    retriever = EvidenceRetriever.over(opened(index, chroma.server), encoder_of(index))
    return retriever, [e.score for e in retriever.find("When was it signed?")]


def test_a_short_outage_is_waited_out(docs: Path, new_index: Path, tmp_path: Path) -> None:
    with running_chroma(tmp_path / "chroma") as chroma:
        retriever, right = answering_over(chroma, docs, new_index)
        chroma.stop()
        back = threading.Timer(0.5, chroma.start)
        back.start()
        assert [e.score for e in retriever.find("When was it signed?")] == right
        back.join()


@pytest.mark.usefixtures("impatient")
def test_a_long_outage_is_said_and_over_when_the_server_is_back(docs: Path, new_index: Path, tmp_path: Path) -> None:
    with running_chroma(tmp_path / "chroma") as chroma:
        retriever, right = answering_over(chroma, docs, new_index)
        chroma.stop()
        for _ in range(2):
            with pytest.raises(StoreUnreachable, match="chroma run"):
                retriever.find("When was it signed?")
        with pytest.raises(StoreUnreachable):
            build(docs, new_index, DEFAULT_MODEL, MAX_BYTES, server=chroma.server)
        chroma.start()
        assert [e.score for e in retriever.find("When was it signed?")] == right
