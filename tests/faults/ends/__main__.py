"""
Run the kill matrix and print its table.

nox -s prove -- ends                     6 ends at 20 points in 3 ways: 360 runs
nox -s prove -- ends --points 2          a sample
nox -s prove -- ends --end KILL --way nox
nox -s prove -- ends --minutes 5 --kept ends.jsonl

With `--kept FILE` the results are kept there, and a later command measures only what is missing or
was wrong. Only the whole matrix is written into the results.

The exit code is 0 where every run was as it must be, else 1.
"""

import argparse
import json
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from itertools import count
from pathlib import Path
from time import monotonic

from tests.faults.ends.matrix import ENDS, POINTS, WAYS, Cell, Result, cells, run_and_forget
from tests.faults.results_file import RESULTS, rewritten

TITLE = "Runs that end early"


def main(arguments: Sequence[str]) -> int:
    """Run the cells that were asked for; return the exit code."""
    options = _options(arguments)
    # A shell makes its background jobs ignore Ctrl-C, and the runs would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chosen = [
        cell
        for cell in cells(options.points)
        if (not options.end or cell.end in options.end)
        and (not options.way or cell.way in options.way)
    ]
    before = _read(options.kept) if options.kept else []
    right = {result.cell for result in before if not result.wrong}
    missing = [cell for cell in chosen if cell not in right]
    until_s = monotonic() + options.minutes * 60
    results = [*before, *_ran(missing, options.jobs, until_s, options.kept)]
    latest = {result.cell: result for result in results}  # a cell that was wrong may be right now
    lines = list(table(list(latest.values()), len(chosen), sum(bool(r.wrong) for r in results)))
    sys.stdout.write("\n".join(["", *lines, ""]))
    if set(latest) == set(cells()):
        text = RESULTS.read_text(encoding="utf-8")
        RESULTS.write_text(rewritten(text, {TITLE: lines}), encoding="utf-8")
    return int(any(result.wrong for result in latest.values()))


def _read(path: Path) -> list[Result]:
    """The results that earlier commands kept."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines()) if path.exists() else ()
    return [Result(**row | {"cell": Cell(**row["cell"])}) for row in rows]


def _ran(chosen: list[Cell], jobs: int, until_s: float, kept: Path | None) -> Iterator[Result]:
    """The results of the cells that could begin in time, as they end."""
    numbers = count(1)

    def begun(cell: Cell, folder: Path) -> Result | None:
        return run_and_forget(cell, folder) if monotonic() < until_s else None

    with tempfile.TemporaryDirectory(prefix="ends-") as name, ThreadPoolExecutor(jobs) as pool:
        futures = [
            pool.submit(begun, cell, Path(name, str(number))) for number, cell in enumerate(chosen)
        ]
        for future in as_completed(futures):
            result = future.result()
            if result is None:
                continue
            word = "WRONG" if result.wrong else "ok"
            sys.stdout.write(f"[{next(numbers):>3}/{len(chosen)}] {word:<6} {result.cell}\n")
            for line in result.wrong:
                sys.stdout.write(f"          {line}\n")
            if result.wrong:
                sys.stdout.write(
                    "".join(f"          | {x}\n" for x in result.out.splitlines()[-15:])
                )
            sys.stdout.flush()
            if kept:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(result) | {"out": ""}) + "\n")
            yield result


def table(results: list[Result], chosen: int, ever_wrong: int) -> Iterator[str]:
    """The figures: for each end and way the runs, those ended in time, and what was wrong."""
    bad = [result for result in results if result.wrong]
    kinds = Counter(_kind(line) for result in bad for line in result.wrong)
    yield f"{len(results)} runs of a matrix of {chosen}, each ended at one of {POINTS} points;"
    yield f"{len(bad)} were not as they must be: no stale file, no process left, the right exit"
    yield "code, the service as before after a sweep, no row of others touched."
    if ever_wrong > len(bad):
        yield f"{ever_wrong - len(bad)} were wrong at first, and right after a correction."
    yield ""
    yield f"| end | {' | '.join(WAYS)} |"
    yield f"|---|{'---|' * len(WAYS)}"
    for end in ENDS:
        row = [_figures([r for r in results if (r.cell.end, r.cell.way) == (end, w)]) for w in WAYS]
        yield f"| {end} | {' | '.join(row)} |"
    yield ""
    yield "Each field: runs that are right, of all (and those that were over before their point)."
    yield ""
    yield f"Found wrong: {', '.join(f'{n} {kind}' for kind, n in kinds.items()) or 'nothing'}."


def _figures(results: list[Result]) -> str:
    good = sum(not result.wrong for result in results)
    early = sum(not result.reached for result in results)
    return f"{good}/{len(results)}" + (f" ({early})" if early else "")


def _kind(line: str) -> str:
    words = {
        "earlier run": "stale files", "still there": "orphans", "exit code": "exit codes",
        "sweep": "sweeps", "of others": "rows of others", "is left": "notes left",
    }  # fmt: skip
    return next((kind for word, kind in words.items() if word in line), "others")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="nox -s prove -- ends", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add("--points", type=int, default=POINTS, help="points of each end (default: %(default)s)")
    add("--end", action="append", choices=ENDS, help="one end (repeatable)")
    add("--way", action="append", choices=WAYS, help="one way to start a run (repeatable)")
    add("--minutes", type=float, default=600, help="begin no run after so many minutes")
    add("--kept", type=Path, metavar="FILE", help="keep the results there, and go on with them")
    add("--jobs", type=int, default=3, help="runs at a time (default: %(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
