"""Who may ask, how much at once, what is logged, and that the work of a client that left stops."""

import http.client
import json
import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from assistant.guard import DEFAULT_RATE, Guard, is_loopback
from assistant.serve import listen
from assistant.web_log import JsonFormatter
from index.build import build
from index.errors import SettingsError, SourceError
from tests.serving import FakeChain, held_up, served, settings_for, wait_for

ASK = {"question": "Is anyone there?"}


def test_an_address_that_others_reach_needs_a_token() -> None:
    with pytest.raises(SettingsError, match="ASSISTANT_TOKEN"):
        listen(settings_for(host="0.0.0.0", port=0))
    listen(settings_for(host="0.0.0.0", port=0, token="secret")).close()
    listen(settings_for(host="127.0.0.1", port=0)).close()


def test_a_port_in_use_is_said() -> None:
    with listen(settings_for(port=0)) as first, pytest.raises(SettingsError, match="another --host or --port"):
        listen(settings_for(port=first.getsockname()[1]))


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("example.org", False)],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_with_a_token_nothing_is_read_without_it() -> None:
    with served(settings_for(token="sécret"), FakeChain().load) as address:
        right = {"Authorization": "Bearer sécret".encode()}
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic sécret".encode()}, {"Authorization": "Bearer"}):
            for response in (httpx.post(f"{address}/api/chat", json=ASK, headers=headers), httpx.get(f"{address}/api/sources", headers=headers)):
                assert response.status_code == 401
                assert response.headers["www-authenticate"] == "Bearer"
        assert httpx.post(f"{address}/api/chat", json=ASK, headers=right).status_code == 200
        assert httpx.get(f"{address}/v1/models", headers=right).status_code == 200
        assert [httpx.get(f"{address}{path}").status_code for path in ("/", "/healthz", "/readyz", "/static/app.js")] == [200] * 4
        assert "HTTPBearer" in httpx.get(f"{address}/openapi.json").json()["components"]["securitySchemes"]


def test_a_host_name_that_is_not_ours_is_refused() -> None:
    with served(settings_for(allowed_hosts="chat.example"), FakeChain().load) as address:
        status = {
            host: httpx.get(f"{address}/api/sources", headers={"Host": host}).status_code
            for host in ("evil.example", "chat.example:80", "LOCALHOST", "[::1]:9", "a b", "")
        }
    assert status == {"evil.example": 403, "chat.example:80": 200, "LOCALHOST": 200, "[::1]:9": 200, "a b": 403, "": 403}


def test_a_rate_limit_counts_each_client() -> None:
    with served(settings_for(rate_limit="3/minute"), FakeChain().load) as address:
        responses = [httpx.post(f"{address}/api/chat", json=ASK) for _ in range(4)]
        assert [response.status_code for response in responses] == [200, 200, 200, 429]
        assert 1 <= int(responses[-1].headers["retry-after"]) <= 60
        forwarded = {"X-Forwarded-For": "203.0.113.9"}  # another client, behind a proxy on this machine
        assert httpx.post(f"{address}/api/chat", json=ASK, headers=forwarded).status_code == 200
        assert httpx.get(f"{address}/healthz").status_code == 200


def test_the_rate_limit_is_off_on_loopback_and_on_elsewhere() -> None:
    async def app(scope: object, receive: object, send: object) -> None: ...

    assert Guard(app, settings_for())._rate is None
    assert Guard(app, settings_for(host="0.0.0.0"))._rate is not None
    assert Guard(app, settings_for(host="0.0.0.0", rate_limit="off"))._rate is None
    assert DEFAULT_RATE == "60/minute"


def test_cors_is_off_unless_set() -> None:
    with served(settings_for(cors_origins="https://a.example, https://b.example"), FakeChain().load) as address:
        allowed = httpx.post(f"{address}/api/chat", json=ASK, headers={"Origin": "https://b.example"})
        assert allowed.headers["access-control-allow-origin"] == "https://b.example"
        assert "access-control-allow-origin" not in httpx.post(f"{address}/api/chat", json=ASK, headers={"Origin": "https://c.example"}).headers
    with served(settings_for(), FakeChain().load) as address:
        assert "access-control-allow-origin" not in httpx.post(f"{address}/api/chat", json=ASK, headers={"Origin": "https://b.example"}).headers


def test_a_full_queue_says_when_to_come_back() -> None:
    chain = FakeChain(words=4, pause=0.1)
    with served(settings_for(answering_threads=1, max_waiting_questions=2), chain.load) as address, ThreadPoolExecutor(6) as pool:
        responses = list(pool.map(lambda _: httpx.post(f"{address}/api/chat", json=ASK), range(6)))
        assert sorted(response.status_code for response in responses) == [200, 200, 200, 503, 503, 503]
        assert {response.headers.get("retry-after") for response in responses if response.status_code == 503} == {"2"}
        assert httpx.post(f"{address}/api/chat", json=ASK).status_code == 200


def test_a_request_has_a_time_limit_and_its_work_stops() -> None:
    chain = FakeChain(words=100, pause=0.05)
    with served(settings_for(max_answer_seconds=0.3), chain.load) as address:
        response = httpx.post(f"{address}/api/chat", json=ASK)
        assert response.status_code == 504
        assert "0.3 seconds" in response.json()["error"]["message"]
        streamed = httpx.post(f"{address}/api/chat", json=ASK | {"stream": True})
        assert streamed.text.rstrip().splitlines()[-2] == "event: error"
        assert_still(chain)


@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions"])
@pytest.mark.parametrize("stream", [False, True])
def test_the_work_of_a_client_that_left_stops(path: str, stream: bool) -> None:
    chain = FakeChain(words=1_000, pause=0.02)
    body = ASK if path == "/api/chat" else {"model": "any", "messages": [{"role": "user", "content": "x"}]}
    with served(settings_for(), chain.load) as address:
        client = http.client.HTTPConnection(address.removeprefix("http://"))
        client.request("POST", path, json.dumps(body | {"stream": stream}), {"Content-Type": "application/json"})
        wait_for(lambda: chain.said > 0)
        client.close()
        assert_still(chain)
        assert httpx.get(f"{address}/healthz").status_code == 200


def assert_still(chain: FakeChain) -> None:
    """The chain says nothing more."""
    time.sleep(0.3)
    said = chain.said
    time.sleep(0.2)
    assert chain.said == said < chain.words


def test_a_question_that_waits_is_never_begun_once_its_client_left() -> None:
    chain = FakeChain(words=10, pause=0.05)
    with served(settings_for(answering_threads=1), chain.load) as address, ThreadPoolExecutor(1) as pool:
        first = pool.submit(httpx.post, f"{address}/api/chat", json=ASK)
        wait_for(lambda: chain.said > 0)
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{address}/api/chat", json={"question": "left"}, timeout=0.1)
        assert first.result().status_code == 200
        assert httpx.post(f"{address}/api/chat", json={"question": "last"}).status_code == 200
    assert [ask.question for ask in chain.asked] == [ASK["question"], "last"]


def test_a_slow_body_is_cut_off_and_others_are_served_meanwhile() -> None:
    with served(settings_for(max_body_seconds=0.4), FakeChain().load) as address:
        port = int(address.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(b"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
            assert httpx.post(f"{address}/api/chat", json=ASK).status_code == 200
            slow.settimeout(5)
            assert b" 408 " in slow.recv(65_536).split(b"\r\n", 1)[0]


def test_a_bug_shows_no_traceback_and_leaves_one_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with served(settings_for(), FakeChain(failure=KeyError("the inner secret")).load) as address, caplog.at_level(logging.ERROR, "assistant.web"):
        response = httpx.post(f"{address}/api/chat", json=ASK)
        streamed = httpx.post(f"{address}/api/chat", json=ASK | {"stream": True})
    assert response.status_code == 500
    for text in (response.text, streamed.text):
        assert "secret" not in text
        assert "Traceback" not in text
    assert streamed.text.rstrip().splitlines()[-2] == "event: error"
    assert "the inner secret" in JsonFormatter().format(caplog.records[0])


def test_the_log_holds_no_question_unless_asked_to(caplog: pytest.LogCaptureFixture) -> None:
    def logged(**more: bool) -> list[dict]:
        caplog.clear()
        with served(settings_for(**more), FakeChain().load) as address, caplog.at_level(logging.INFO, "assistant"):
            httpx.post(f"{address}/api/chat", json={"question": "mySecretWord?"}, headers={"X-Request-ID": "abc"})
            httpx.post(f"{address}/api/chat?q=mySecretWord", json={"question": 7, "x": "mySecretWord"})
        return [json.loads(JsonFormatter().format(record)) for record in caplog.records]

    assert "mySecretWord" not in json.dumps(logged())
    rows = logged(log_questions=True)
    assert [row["question"] for row in rows if row["event"] == "question"] == ["mySecretWord?"]
    [request] = [row for row in rows if row["event"] == "request" and row["status"] == 200]
    assert (request["method"], request["path"]) == ("POST", "/api/chat")


def test_not_ready_says_why_until_it_is() -> None:
    load, go_on = held_up(FakeChain())
    with served(settings_for(), load, until_ready=False) as address:
        wait_for(lambda: "reading 3 of 10" in httpx.get(f"{address}/readyz").text)
        for response in (httpx.get(f"{address}/readyz"), httpx.post(f"{address}/api/chat", json=ASK)):
            assert response.status_code == 503
            assert response.headers["retry-after"] == "2"
        assert httpx.get(f"{address}/healthz").status_code == 200
        go_on.set()
        wait_for(lambda: httpx.get(f"{address}/readyz").status_code == 200)


def test_what_cannot_be_loaded_is_the_reason() -> None:
    def load(progress):
        raise SourceError("no source folder at nowhere: give one with --sources DIR")

    with served(settings_for(), load, until_ready=False) as address:
        wait_for(lambda: "no source folder at nowhere" in httpx.get(f"{address}/readyz").text)


def test_an_index_built_anew_is_served_without_a_restart(own_index: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a.txt").write_text("The lighthouse was built in 1911.\n")
    settings = settings_for(own_index, texts)
    with served(settings) as address:
        names = lambda: [source["name"] for source in httpx.get(f"{address}/api/sources").json()["sources"]]  # noqa: E731
        assert names() == ["a.txt"]
        for name in ("b.txt", "c.txt", "d.txt"):
            (texts / name).write_text(f"The harbour of {name[0].upper()} was dug in 1913.\n")
            build(texts, own_index, settings.embedding_model, settings.max_source_bytes)
            wait_for(lambda name=name: name in names())
            reply = httpx.post(f"{address}/api/chat", json={"question": "When was the lighthouse built?"}).json()
            assert reply["milliseconds"]["total"] > 0
