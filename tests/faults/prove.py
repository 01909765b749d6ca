"""Running entries of the catalogue, several at a time."""

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tests.faults.deployment import Bench
from tests.faults.editing import all_of, target
from tests.faults.entries import Entry, Fault, Hang, Harmless, Setting
from tests.faults.outcome import Outcome, outcome_of
from tests.faults.smoke_run import run, run_command


@dataclass(frozen=True)
class Suite:
    """
    The smoke suite that is measured: this project's own, or a command of somebody else.

    `url` is the deployment that proxied entries stand in front of; empty starts the reference
    service. `arguments` are added to our own run.
    """

    command: str = ""
    url: str = ""
    arguments: tuple[str, ...] = ()

    def measured(self, entry: Entry, bench: Bench) -> Outcome:
        """Deploy an entry, run the suite against it, and return the outcome."""
        with bench.deployed(entry) as url:
            if isinstance(entry, (Fault, Harmless)) and entry.before is not None:
                entry.before(url)
            if self.command:
                return outcome_of(entry, run_command(self.command, url), foreign=True)
            return outcome_of(entry, run(url, _setting(entry), *self.arguments))


def _setting(entry: Entry) -> Setting:
    """How the run of an entry is set up; that of one that hangs has a deadline of its own."""
    if not isinstance(entry, Hang):
        return entry.setting
    deadline = target(f"deadline_s = {entry.deadline_s:g}")
    edit = entry.setting.edit
    return replace(entry.setting, edit=all_of(deadline, edit) if edit else deadline)


def prove(
    entries: Sequence[Entry], suite: Suite, jobs: int, report: Callable[[Outcome], None]
) -> list[Outcome]:
    """Run every entry and return the outcomes in the order of the entries."""
    benches: queue.SimpleQueue[Bench] = queue.SimpleQueue()
    for _ in range(jobs):
        benches.put(Bench(suite.url))
    done: dict[str, Outcome] = {}

    def one(entry: Entry) -> Outcome:
        with _borrowed(benches) as bench:
            return suite.measured(entry, bench)

    try:
        with ThreadPoolExecutor(jobs) as pool:
            for future in as_completed([pool.submit(one, entry) for entry in entries]):
                outcome = future.result()
                done[outcome.entry.name] = outcome
                report(outcome)
    finally:
        for _ in range(jobs):
            benches.get().close()
    return [done[entry.name] for entry in entries]


@contextmanager
def _borrowed(benches: "queue.SimpleQueue[Bench]") -> Iterator[Bench]:
    bench = benches.get()
    try:
        yield bench
    finally:
        benches.put(bench)
