"""A reader while a writer swaps the index under it, again and again.

What is done to a Chroma server under load belongs here too: another function beside `readers`.
"""

import json
import threading

from evals.bench.web import Client, serving
from evals.faults.ground import QUESTION, YEAR, Ground
from evals.faults.outcome import Outcome, Setting
from evals.faults.program import forked

_EVERY = 50  # questions between two openings of the index by somebody new


def readers(setting: Setting) -> Outcome:
    """`assistant serve` is asked question after question; each is answered from the state before a swap or after it, and never goes back."""
    ground, outcome, times = Ground(setting.folder, setting.exported), Outcome(), setting.times(1_000, 150)
    outcome.add("the first build", ground.build(0))
    written, stopped, problems = [0], threading.Event(), []

    def swap_on() -> None:
        while not stopped.is_set():
            ground.write(written[0] + 1)
            written[0] += 1
            said = forked("index", *ground.where)
            problems.extend([] if said.code == 0 else [repr(said)])

    with serving(*ground.where) as port:
        client, last = Client(port), 0
        writer = threading.Thread(target=swap_on)
        writer.start()
        for number in range(times):
            status, version = _ask(client)
            outcome.add(f"question {number}", "" if status == 200 and last <= version <= written[0] else f"status {status}, version {version} after {last}")
            last = version
            if number % _EVERY == 0:
                before = written[0]
                seen = ground.look()
                outcome.add(f"an opening at question {number}", seen.among(*range(max(0, before - 1), written[0] + 1)))
        stopped.set()
        writer.join()
    outcome.add("the writer", "; ".join(problems))
    outcome.note = f"{times:,} questions to one server and {times // _EVERY} openings by others, over {written[0]} swaps; none failed or went back"
    return outcome


def _ask(client: Client) -> tuple[int, int]:
    """HTTP status, and the version answered from; -1 for no answer."""
    response = client.post(QUESTION)
    reply = json.loads(response.read())
    found = [year for quote in (c["quote"] for c in reply.get("citations", ())) for year in quote.split() if year.isdecimal()]
    return response.status, int(found[0]) - YEAR if found else -1
