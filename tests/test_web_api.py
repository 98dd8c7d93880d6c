import json
from pathlib import Path

import httpx
import pytest

QUESTION = "When was the INF Treaty signed?"


def events_of(text: str) -> list[tuple[str, dict]]:
    """Server-sent events as (name, data)."""
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def test_chat_gives_the_reply_with_its_quote_at_its_place(server: str, sources: Path) -> None:
    response = httpx.post(f"{server}/api/chat", json={"question": QUESTION})
    reply = response.json()
    text = (sources / "putin-inf-treaty-statement.txt").read_bytes().decode()
    assert response.status_code == 200
    assert reply["status"] == "answered"
    assert "1987" in reply["answer"]
    for citation in reply["citations"]:
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_a_stream_gives_status_at_once_then_deltas_then_one_reply(server: str) -> None:
    response = httpx.post(f"{server}/api/chat", json={"question": QUESTION, "stream": True})
    events = events_of(response.text)
    names = [name for name, _ in events]
    assert response.headers["content-type"].startswith("text/event-stream")
    assert names[0] == "status"
    assert names[-1] == "reply"
    assert names.count("reply") == 1
    assert "".join(data["text"] for name, data in events if name == "delta") == events[-1][1]["answer"]


def test_accept_asks_for_a_stream_too(server: str) -> None:
    response = httpx.post(f"{server}/api/chat", json={"question": QUESTION}, headers={"Accept": "text/event-stream"})
    assert events_of(response.text)[-1][1]["status"] == "answered"


def test_a_follow_up_is_understood_by_the_history_that_comes_with_it(server: str) -> None:
    history = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "In 1987 [1]."}]
    reply = httpx.post(f"{server}/api/chat", json={"question": "And by whom?", "history": history}).json()
    assert QUESTION.rstrip("?") in reply["standalone_question"]
    assert reply["status"] == "answered"


def test_a_refusal_carries_no_citation(server: str) -> None:
    reply = httpx.post(f"{server}/api/chat", json={"question": "What is the capital of Mongolia?"}).json()
    assert reply["status"] == "not_stated"
    assert reply["citations"] == []


def test_sources_are_the_documents_as_indexed(server: str, sources: Path) -> None:
    [summary] = httpx.get(f"{server}/api/sources").json()["sources"]
    source = httpx.get(f"{server}/api/sources/{summary['name']}").json()
    text = (sources / summary["name"]).read_bytes().decode()
    assert source["text"] == text
    assert (summary["characters"], summary["paragraphs"], summary["sentences"]) == (len(text), 7, 13)
    assert text[source["sentences"][0]["start"] : source["sentences"][0]["end"]].startswith("Russian President Vladimir Putin: U.S. withdrawal")


@pytest.mark.parametrize("name", ["../pyproject.toml", "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "nothing.txt", "%ff", "a%00b"])
def test_no_path_reaches_the_disk(server: str, name: str) -> None:
    for place in ("api/sources", "static"):
        response = httpx.get(f"{server}/{place}/{name}")
        assert response.status_code == 404
        assert "root:" not in response.text


def test_alive_and_ready(server: str) -> None:
    assert httpx.get(f"{server}/healthz").json() == {"status": "alive"}
    assert httpx.get(f"{server}/readyz").json() == {"status": "ready"}


@pytest.mark.parametrize(
    ("body", "status", "part"),
    [
        (b'{"question": ', 422, "not JSON"),
        (b"\xff\xfe", 422, "not JSON"),
        (b"[1]", 422, "not a JSON object"),
        (b"", 422, "not a JSON object"),
        (b"{}", 422, "question"),
        (b'{"question": 1}', 422, "question"),
        (b'{"question": null}', 422, "question"),
        (b'{"question": "  "}', 422, "empty"),
        (b'{"question": "\\ud800"}', 422, "empty"),
        (b'{"question": "x", "history": "y"}', 422, "history"),
        (b'{"question": "x", "history": [{"role": "king", "content": ""}]}', 422, "history.0.role"),
        (b'{"question": "x", "unknown": 1}', 422, "unknown"),
        (b'{"question": "' + b"x" * 2_001 + b'"}', 422, "over the limit of 2,000"),
        (b"[" * 900_000, 422, "not JSON"),
        (b" " * 10_000_000, 413, "over the limit of 1,000,000 bytes"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(server: str, body: bytes, status: int, part: str) -> None:
    response = httpx.post(f"{server}/api/chat", content=body, headers={"Content-Type": "application/json"})
    error = response.json()["error"]
    assert response.status_code == status
    assert part in error["message"]
    assert "\n" not in error["message"]
    assert "Traceback" not in response.text


def test_a_long_body_in_pieces_is_refused_too(server: str) -> None:
    pieces = (b" " * 100_000 for _ in range(30))
    response = httpx.post(f"{server}/api/chat", content=pieces, headers={"Content-Type": "application/json"})
    assert response.status_code == 413


def test_every_response_has_the_headers_and_an_id(server: str) -> None:
    responses = [httpx.get(f"{server}/"), httpx.get(f"{server}/nothing"), httpx.post(f"{server}/api/chat", json={}), httpx.delete(f"{server}/api/chat")]
    assert [response.status_code for response in responses] == [200, 404, 422, 405]
    for response in responses:
        policy = response.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["x-request-id"]
        assert "access-control-allow-origin" not in response.headers
    assert httpx.get(f"{server}/healthz", headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert httpx.get(f"{server}/healthz", headers={"X-Request-ID": "not an id"}).headers["x-request-id"] != "not an id"


def test_the_page_and_its_files_load_nothing_from_elsewhere(server: str) -> None:
    page = httpx.get(f"{server}/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "http://" not in page.text
    assert "https://" not in page.text
    again = httpx.get(f"{server}/", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    assert httpx.get(f"{server}/static/app.js").headers["content-type"].startswith("text/javascript")


def test_the_schema_has_examples(server: str) -> None:
    schema = httpx.get(f"{server}/openapi.json").json()
    assert {"/api/chat", "/v1/chat/completions", "/v1/models", "/api/sources", "/healthz", "/readyz"} <= set(schema["paths"])
    assert schema["components"]["schemas"]["Question"]["examples"]
