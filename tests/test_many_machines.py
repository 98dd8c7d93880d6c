"""The assistant over Chroma's own server: the same answers, two web servers that share it, and what becomes of both without it."""

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant import chain
from assistant.chain import Assistant
from assistant.render import as_json
from assistant.reply import Ask
from assistant.settings import Settings
from evals.cases import load_cases
from index import chroma_http
from index.chroma_http import PatientClient
from tests.chroma_running import RunningChroma, running_chroma
from tests.process import one_line, run
from tests.serving import served, settings_for, wait_for
from tests.test_web_serve import is_ready, running

QUESTION = "When was the INF Treaty signed?"
ASKED = 40  # questions of the evals


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningChroma]:
    with running_chroma(tmp_path_factory.mktemp("chroma")) as running:
        yield running


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, built_index: Path, exported: Path) -> Path:
    """The index folder of a machine that is to keep its vectors on the server; its question models are made already."""
    index = tmp_path_factory.mktemp("machine") / "index"
    shutil.copytree(built_index, index, ignore=shutil.ignore_patterns("encoder"))
    (index / "encoder").symlink_to(exported)
    return index


@pytest.fixture
def other_machine(tmp_path: Path, machine: Path) -> Path:
    index = tmp_path / "other"
    shutil.copytree(machine, index, symlinks=True)
    return index


def loaded(settings: Settings) -> Assistant:
    return chain.load(settings, lambda what, done, of: None)


def answer(assistant: Assistant, ask: Ask) -> dict[str, Any]:
    """The Reply as JSON, but for its times."""
    return {name: value for name, value in as_json(assistant.chain.invoke(ask)).items() if name != "milliseconds"}


def ask_over(address: str) -> httpx.Response:
    return httpx.post(f"{address}/api/chat", json={"question": QUESTION}, timeout=60)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chroma_http, "PATIENCE_SECONDS", 0.5)


def test_the_answers_are_those_of_the_index_in_its_folder(built_index: Path, sources: Path, machine: Path, chroma: RunningChroma) -> None:
    in_folder = loaded(settings_for(built_index, sources))
    on_server = loaded(settings_for(machine, sources, chroma_url=chroma.url))
    cases = load_cases()
    for case in cases[:: len(cases) // ASKED]:
        ask = Ask(case.question, case.history)
        assert answer(on_server, ask) == answer(in_folder, ask), case.question


def test_the_command_line_over_it(sources: Path, machine: Path, other_machine: Path, chroma: RunningChroma) -> None:
    where = ("--sources", sources, "--index", machine)
    indexed = run("index", *where, ASSISTANT_CHROMA_URL=chroma.url)
    assert indexed.returncode == 0, indexed.stderr
    asked = run("ask", QUESTION, *where, ASSISTANT_CHROMA_URL=chroma.url + "/")
    assert asked.returncode == 0, asked.stderr
    assert b"1987" in asked.stdout
    assert "run assistant index" in one_line(run("ask", QUESTION, *where))  # an index given by hand is not built anew
    assert "ASSISTANT_CHROMA_TENANT" in one_line(run("index", *where, ASSISTANT_CHROMA_URL=chroma.url, ASSISTANT_CHROMA_TENANT="nobody"))


@pytest.mark.parametrize(
    ("url", "said"), [("http://127.0.0.1:1", "does not answer"), ("127.0.0.1:8001", "http://host:port"), ("http://me:secret@127.0.0.1:1", "password")]
)
def test_an_address_of_nobody_is_one_line(sources: Path, other_machine: Path, url: str, said: str) -> None:
    assert said in one_line(run("index", "--sources", sources, "--index", other_machine, ASSISTANT_CHROMA_URL=url))


@pytest.mark.slow
def test_two_web_servers_share_it_and_outlive_its_restart(
    sources: Path, machine: Path, other_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_chroma(tmp_path / "chroma") as chroma:
        for index in (machine, other_machine):
            assert run("index", "--sources", sources, "--index", index, ASSISTANT_CHROMA_URL=chroma.url).returncode == 0
        monkeypatch.setenv("ASSISTANT_CHROMA_URL", chroma.url)
        with running("--sources", sources, "--index", machine) as (_, one), running("--sources", sources, "--index", other_machine) as (_, two):
            for address in (one, two):
                wait_for(lambda address=address: is_ready(address))
            assert ask_over(one).json()["answer"] == ask_over(two).json()["answer"]
            assert len(PatientClient(chroma.server).list_collections()) == 1
            answered, stop = asking((one, two))
            wait_for(lambda: len(answered) > 4)
            chroma.stop()
            chroma.start()
            back = len(answered)
            wait_for(lambda: [status for status in answered[back:] if status == 200] != [])
            stop()
            assert set(answered) <= {200, 503}
            assert [ask_over(address).status_code for address in (one, two)] == [200, 200]


def asking(addresses: tuple[str, ...]) -> tuple[list[int], Any]:
    """The statuses of answers as they come, of questions put to each address without a pause; and how to stop."""
    statuses: list[int] = []
    done = threading.Event()

    def ask(address: str) -> None:
        while not done.is_set():
            statuses.append(ask_over(address).status_code)

    threads = [threading.Thread(target=ask, args=(address,)) for address in addresses]
    for thread in threads:
        thread.start()

    def stop() -> None:
        done.set()
        for thread in threads:
            thread.join()

    return statuses, stop


@contextmanager
def over_chroma(index: Path, sources: Path, folder: Path) -> Iterator[tuple[RunningChroma, str]]:
    """A server of vectors of its own, and the web chat over it."""
    with running_chroma(folder) as chroma, served(settings_for(index, sources, chroma_url=chroma.url)) as address:
        yield chroma, address


@pytest.mark.usefixtures("impatient")
def test_without_it_the_web_says_so_and_answers_again_when_it_is_back(
    sources: Path, other_machine: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with over_chroma(other_machine, sources, tmp_path / "chroma") as (chroma, address):
        right = ask_over(address).json()["answer"]
        chroma.stop()
        failed = ask_over(address)
        assert (failed.status_code, failed.json()["error"]["code"]) == (503, "no_index")
        assert chroma.url not in failed.text
        assert failed.headers["retry-after"]
        streamed = httpx.post(f"{address}/v1/chat/completions", json={"model": "any", "stream": True, "messages": [{"role": "user", "content": QUESTION}]})
        assert "no_index" in streamed.text
        assert re.search(r"does not answer .*chroma run", str([vars(record).get("fields") for record in caplog.records]))
        assert not [record for record in caplog.records if record.exc_info]
        chroma.start()
        assert ask_over(address).json()["answer"] == right


def test_a_collection_deleted_under_the_web_is_written_again_by_itself(sources: Path, other_machine: Path, tmp_path: Path) -> None:
    with over_chroma(other_machine, sources, tmp_path / "chroma") as (chroma, address):
        right = ask_over(address).json()["answer"]
        client = PatientClient(chroma.server)
        (collection,) = client.list_collections()
        client.delete_collection(collection.name)
        assert ask_over(address).status_code == 503
        wait_for(lambda: ask_over(address).status_code == 200)
        assert ask_over(address).json()["answer"] == right
        assert [found.name for found in client.list_collections()] == [collection.name]
