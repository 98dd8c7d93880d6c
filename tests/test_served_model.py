"""A real language model, served in OpenAI's form by a process of its own, writes the answers."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.model_pull import DEFAULT, models_folder
from tests.process import ASSISTANT, clean_environment

MODEL_FILE = models_folder() / DEFAULT.name
SERVE = """
import sys
import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = 8192
params.n_parallel = 1
params.offline = True
params.ui = False
params.verbosity = -1
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""
PATIENCE_SECONDS = 600

pytestmark = [
    pytest.mark.local,
    pytest.mark.skipif(importlib.util.find_spec("xllamacpp") is None, reason="xllamacpp is not installed"),
    pytest.mark.skipif(not MODEL_FILE.is_file(), reason="no model file: run assistant model pull"),
]


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    env = clean_environment(OMP_WAIT_POLICY="passive")
    command = [sys.executable, "-c", SERVE, MODEL_FILE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env) as process:
        try:
            yield f"{process.stdout.readline().strip()}/v1"
        finally:
            process.kill()


def test_a_served_model_writes_an_answer_that_is_cited(base_url: str, built_index: Path, sources: Path) -> None:
    assert base_url.startswith("http://127.0.0.1:")
    where = ["--sources", sources, "--index", built_index, "--model", "some-name", "--base-url", base_url]
    finished = subprocess.run(
        [*ASSISTANT, "ask", "When was the INF Treaty signed?", "--json", *where],
        capture_output=True,
        env=clean_environment(ASSISTANT_MODEL_SECONDS=str(PATIENCE_SECONDS)),
        timeout=2 * PATIENCE_SECONDS,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    reply = json.loads(finished.stdout)
    assert reply["status"] == "answered"
    assert reply["answerer"] == "some-name", reply
    text = (sources / reply["citations"][0]["document"]).read_bytes().decode()
    assert all(text[c["start"] : c["end"]] == c["quote"] for c in reply["citations"])
    assert "1987" in reply["answer"]
