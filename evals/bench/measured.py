"""What a command takes: python -m evals.bench.measured COMMAND... prints its seconds and peak MiB as JSON.

A small process of its own, since a process begins with the peak of the one that started it.
"""

import json
import resource
import subprocess
import sys
import time


def main() -> None:
    """Run the command; exit code 1 where it prints nothing."""
    started = time.perf_counter()
    printed = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    taken = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    sys.stdout.write(json.dumps({"seconds": taken, "mib": peak}))
    sys.exit(0 if printed else 1)


if __name__ == "__main__":
    main()
