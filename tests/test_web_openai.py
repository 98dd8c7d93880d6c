"""OpenAI's own package, LangChain's ChatOpenAI and the llm command, each against the real server."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import openai
import pytest

QUESTION = "When was the INF Treaty signed?"


@pytest.fixture
def client(server: str) -> openai.OpenAI:
    with openai.OpenAI(base_url=f"{server}/v1", api_key="none", max_retries=0) as made:
        yield made


def test_the_openai_package_gets_an_answer_with_annotations(client: openai.OpenAI, server: str) -> None:
    done = client.chat.completions.create(model="statement-assistant", messages=[{"role": "user", "content": QUESTION}], temperature=0)
    message = done.choices[0].message
    assert done.choices[0].finish_reason == "stop"
    assert "1987" in message.content
    citation = message.annotations[0].url_citation
    assert message.content[citation.start_index : citation.end_index] == "[1]"
    assert citation.url.startswith(f"{server}/#document=putin-inf-treaty-statement.txt&char=")
    assert done.reply["status"] == "answered"


def test_the_openai_package_streams(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="any", messages=[{"role": "user", "content": QUESTION}])
    chunks = list(
        client.chat.completions.create(model="any", messages=[{"role": "user", "content": QUESTION}], stream=True, stream_options={"include_usage": True})
    )
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == whole.choices[0].message.content
    assert len(chunks) > 5
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-2].choices[0].delta.annotations
    assert chunks[-1].usage.total_tokens == 0


def test_a_conversation_with_a_system_message_and_parts(client: openai.OpenAI) -> None:
    done = client.chat.completions.create(
        model="statement-assistant",
        messages=[
            {"role": "system", "content": "You are a pirate."},
            {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
            {"role": "assistant", "content": "In 1987 [1]."},
            {"role": "user", "content": "And by whom?"},
        ],
    )
    assert "Soviet Union" in done.choices[0].message.content


def test_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["statement-assistant"]
    assert client.models.retrieve("statement-assistant").id == "statement-assistant"
    with pytest.raises(openai.NotFoundError, match="statement-assistant"):
        client.models.retrieve("other")


def test_errors_reach_the_openai_package_as_its_own(client: openai.OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="not the user's"):
        client.chat.completions.create(model="any", messages=[{"role": "assistant", "content": "x"}])
    with pytest.raises(openai.UnprocessableEntityError, match="empty"):
        client.chat.completions.create(model="any", messages=[{"role": "user", "content": ""}], stream=True)
    with pytest.raises(openai.UnprocessableEntityError, match="n: input should be 1"):
        client.chat.completions.create(model="any", messages=[{"role": "user", "content": "x"}], n=2)


def test_langchain_asks_and_streams(server: str) -> None:
    from langchain_openai import ChatOpenAI

    with httpx.Client() as http:
        model = ChatOpenAI(model="statement-assistant", base_url=f"{server}/v1", api_key="none", http_client=http)
        whole = model.invoke(QUESTION)
        assert "1987" in whole.content
        assert "".join(str(chunk.content) for chunk in model.stream(QUESTION)) == whole.content


@pytest.mark.parametrize("more", [[], ["--no-stream"]])
def test_the_llm_command(server: str, tmp_path: Path, more: list[str]) -> None:
    (tmp_path / "extra-openai-models.yaml").write_text(f"- model_id: statement\n  model_name: statement-assistant\n  api_base: {server}/v1\n")
    environment = {name: value for name, value in os.environ.items() if name != "OPENAI_API_KEY"} | {"LLM_USER_PATH": str(tmp_path)}
    command = [sys.executable, "-m", "llm", "-m", "statement", "--key", "none", "--no-log", *more, QUESTION]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "1987" in done.stdout
    assert "[1]" in done.stdout
