"""
Measure a smoke suite in the long run: on one service, and when it is killed.

nox -s prove -- endurance --clean-runs 200   none may be anything but green
nox -s prove -- endurance --kills 20         nothing may be left behind by any
nox -s prove -- endurance --again 20         nothing may become more by any
nox -s prove -- endurance --clean-runs 30 --url https://eu.example.com

(`python -m tests.faults endurance` is the same.) All runs are against one
embedded service that keeps its database in a file, and in which others have
planted rows before. A run that is killed (kill -9, at a random request) is
swept by its record; what it left is looked up in the tables. With --again, runs
use what earlier ones made, and the rows that the API cannot delete are counted
after each. The exit code is 0 where all is as it should be, else 1.
"""

import argparse
import random
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from smoke.session.service_process import Service
from tests.faults import again
from tests.faults.deployment import environment
from tests.faults.entries import USUAL
from tests.faults.killing import Killed, Point, kill_and_sweep
from tests.faults.proxy import Proxy
from tests.faults.results_file import RESULTS, rewritten
from tests.faults.smoke_run import RunResult, run
from tests.faults.state import LASTING, Rows, left_behind, rows
from tests.foreign import Store, plant

# The sections about runs that use again what earlier ones made.
AGAIN, AGAIN_BESIDE = "Runs in a row", "Runs in a row, several at a time"

# The tenant of the runs, in which others have things too, and a tenant they do not know of.
OWN, OTHERS = "smoke", "somebody"


def main(arguments: Sequence[str]) -> int:
    """Do what was asked for, write the results, and return the exit code."""
    options = _options(arguments)
    if options.url and (options.kills or options.again):
        sys.stderr.write(
            "--kills and --again look into the tables of the embedded service: leave --url out.\n"
        )
        return 4
    if options.again:
        return _again(options)
    with tempfile.TemporaryDirectory(prefix="endurance-") as name:
        store = Store.within(Path(name))
        with _served(options.url, store) as url:
            planted = {} if options.url else _of_others(rows(store))
            sent = _sent(url)
            before = {} if options.url else rows(store)
            result = list(_clean(url, options.clean_runs, options.jobs))
            left = [] if options.url else left_behind(before, rows(store))
            killed = list(_killed(url, store, planted, sent, options)) if options.kills else []
    lines = [*_about_clean(result, left), *_about_killed(killed, options.seed)]
    _write_section("Endurance", lines, options.out)
    wrong = left or any(one.exit for one in result) or not all(one.clean for one in killed)
    return int(bool(wrong))


def _again(options: argparse.Namespace) -> int:
    """Let runs use again what earlier ones made, on a service of their own."""
    with tempfile.TemporaryDirectory(prefix="endurance-") as name:
        store = Store.within(Path(name))
        # Without rows of others: several runs and those would reach a tenant's quotas.
        service = Service("smoke.reference", environment(), *store.arguments)
        try:
            runs = again.in_a_row(service.url, store, options.again, options.jobs, _say)
        finally:
            service.stop()
    lines = list(again.about(runs, options.jobs))
    _write_section(AGAIN if options.jobs == 1 else AGAIN_BESIDE, lines, options.out)
    grew = list(again.unlike(runs, options.jobs))
    return int(bool(grew) or any(one.result.exit for one in runs))


def _of_others(planted: Rows) -> Rows:
    """What no run may touch: all that was planted, but the tenant of the runs itself."""
    return {key: row for key, row in planted.items() if row.get("slug") != OWN}


@contextmanager
def _served(url: str, store: Store) -> Iterator[str]:
    """The URL of a deployment, or of an embedded service with rows of others in it."""
    if url:
        yield url
        return
    service = Service("smoke.reference", environment(), *store.arguments)
    try:
        plant(service.url, OWN, OTHERS)
        yield service.url
    finally:
        service.stop()


def _clean(url: str, runs: int, jobs: int) -> Iterator[RunResult]:
    """Run several times; print the output of the first run that is not green."""
    first = True
    numbers = count(1)
    with ThreadPoolExecutor(jobs) as pool:
        for future in as_completed([pool.submit(run, url, USUAL) for _ in range(runs)]):
            result = future.result()
            took = result.wall_s if result.seconds is None else result.seconds
            _say(
                f"[{next(numbers):>3}/{runs}] {result.word or result.exit}  {took:.1f} s  "
                f"{result.check}"
            )
            if result.exit and first:
                first = False
                _say(result.output)
            yield result


def _killed(
    url: str, store: Store, planted: Rows, sent: int, options: argparse.Namespace
) -> Iterator[Killed]:
    """Kill runs at random points of the so many requests of a run, one after the other."""
    seed = options.seed
    _say(f"{len(planted)} rows of others; a run sends {sent} requests; points from seed {seed}")
    points = random.Random(seed)  # noqa: S311  # no secret
    proxy = Proxy(url)
    try:
        for number in range(1, options.kills + 1):
            point = Point(points.randint(1, sent), done=points.random() < 0.5)
            one = kill_and_sweep(proxy, store, planted, point)
            word = "ok" if one.clean else "WRONG"
            _say(f"[{number:>3}/{options.kills}] {word:<6} {point}\n          {one.swept}")
            for line in one.wrong:
                _say(f"          {line}")
            yield one
    finally:
        proxy.stop()


def _sent(url: str) -> int:
    """
    How many requests a first run sends; it makes the tenants and actors of those that follow.

    Raises:
        SystemExit: it is not green.
    """
    result = run(url, USUAL)
    if result.exit:
        _say(result.output)
        raise SystemExit("Nothing can be measured: the first run is not green.")
    return result.sent


def _about_clean(result: list[RunResult], left: list[str]) -> Iterator[str]:
    if not result:
        return
    times = [one.seconds for one in result if one.seconds is not None]
    words = Counter(one.word or f"exit code {one.exit}" for one in result)
    yield (
        f"**Clean runs.** {len(result)} runs of the whole suite against one service: "
        + ", ".join(f"{many} {word}" for word, many in words.most_common())
        + "."
    )
    yield f"Seconds from the first request to the verdict: {_spread(times)}."
    yield f"Things they left behind that the API can take away: {len(left)}."
    yield ""
    yield from [*(f"- {line}" for line in left), ""] if left else []


def _spread(times: list[float]) -> str:
    if not times:
        return "unknown"
    return f"median {statistics.median(times):.1f}, slowest {max(times):.1f}"


def _about_killed(killed: list[Killed], seed: int) -> Iterator[str]:
    if not killed:
        return
    clean = sum(one.clean for one in killed)
    stay: Counter[str] = sum((one.lasting for one in killed), Counter())
    yield f"**Runs that were killed.** {len(killed)} runs ended by `kill -9` at random points (seed"
    yield f"{seed}), each swept by its record: {clean} left nothing behind that the API can take"
    yield f"away; {sum(len(one.touched) for one in killed)} rows of others were touched."
    yield ""
    rows = [f"- {one.point}: {line}" for one in killed for line in one.wrong]
    yield from [*rows, ""] if rows else []
    yield "| rows that stay | of all these runs | why |"
    yield "|---|---|---|"
    for table, many in sorted(stay.items()):
        yield f"| {table} | {many} | {LASTING.get(table, 'switched off, or of what is')} |"


def _write_section(title: str, lines: list[str], out: Path) -> None:
    text = out.read_text(encoding="utf-8") if out.exists() else ""
    out.write_text(rewritten(text, {title: lines}), encoding="utf-8")
    _say("\n" + "\n".join(lines) + f"\nWritten to {out}.")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="nox -s prove -- endurance", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add("--clean-runs", type=int, default=0, metavar="N", help="runs that must all be green")
    add("--kills", type=int, default=0, metavar="K", help="runs that are killed and swept after")
    add("--again", type=int, default=0, metavar="N", help="runs that use what earlier ones made")
    add("--jobs", type=int, default=1, help="clean runs at a time (default: %(default)s)")
    add("--seed", type=int, default=1, help="of the points at which runs are killed")
    add("--url", default="", help="deployment for the clean runs (default: an embedded service)")
    add("--out", type=Path, default=RESULTS, help=f"file for the results (default: {RESULTS.name})")
    return parser.parse_args(arguments)
