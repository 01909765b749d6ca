"""
The cost of a merge: `python -m tests.fleet.merge_cost .smoke/local/run.jsonl 300 3000`.

Each number of records gets a line: seconds of wall and CPU time, and the peak memory in MB.
"""

import gzip
import json
import subprocess
import sys
import time
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from smoke.cli.main import main
from tests.memory import peak_mb

# One target in so many is red, and gets a full page.
RED_EVERY = 10


@dataclass(frozen=True)
class Cost:
    """Seconds of wall and CPU time, and the peak memory in MB, of one process."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def spread(record: Path, folder: Path, many: int) -> None:
    """Write the list of so many targets, and for each the record as its unit would leave it."""
    # Only here: the process that is measured should import what a user's process imports.
    from tests.fleet.returned import RUN, fleet

    first, *middle, last = record.read_text(encoding="utf-8").splitlines()
    header, verdict, names = json.loads(first), json.loads(last), []
    red = verdict | {"word": "red", "exit": 1, "cause": "service", "reason": "GET /x: got 500"}
    for number in range(many):
        name = f"t{number:05}"
        names.append(name)
        unit = {"run": RUN, "unit": f"{number:08x}", "attempt": 1, "host": "here"}
        begin = header | {"target": name, "url": "https://example.com", "unit": unit}
        end = verdict if number % RED_EVERY else red
        place = folder / f"records/{name}.{RUN}.1"
        place.mkdir(parents=True)
        with gzip.open(place / "run.jsonl.gz", "wt", encoding="utf-8", compresslevel=1) as file:
            file.writelines(f"{line}\n" for line in [json.dumps(begin), *middle, json.dumps(end)])
    (folder / "fleet.json").write_text(fleet(*names).text(), encoding="utf-8")


def cost(folder: Path) -> Cost:
    """What a process needs that merges the records of a directory."""
    words = [sys.executable, "-m", __spec__.name, str(folder)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603
    return Cost(*json.loads(done.stdout))


def merge(folder: Path) -> None:
    """Merge the records of a directory, and print what this process needed."""
    began = time.monotonic()
    words = ["fleet", "merge", "fleet.json", "records", "--out", "out"]
    paths = [
        str(folder / word) if word in ("fleet.json", "records", "out") else word for word in words
    ]
    with redirect_stdout(sys.stderr):
        code = main(paths)
    assert code in (0, 1), code
    print(json.dumps([time.monotonic() - began, time.process_time(), peak_mb()]))  # noqa: T201


if __name__ == "__main__":
    place, *numbers = sys.argv[1:]
    if not numbers:
        merge(Path(place))
    for number in map(int, numbers):
        with TemporaryDirectory() as made:
            spread(Path(place), Path(made), number)
            print(number, cost(Path(made)), flush=True)  # noqa: T201
