"""
A fleet on a real Temporal server: workers and the server die, and nothing is lost or run twice.

`FLEET_TARGETS=300 nox -s fleet -- -k temporal` has as many targets as the figures in the docs.
"""

import asyncio
import json
import logging
import os
import signal
import subprocess
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.desk import has, project
from tests.fleet.engines.network import network, why_not
from tests.fleet.engines.temporal_server import Cluster, cluster, until
from tests.fleet.simulation import Simulated, drawn, simulated
from tests.fleet.units import environ_of, smoke

MANY = int(os.environ.get("FLEET_TARGETS", "14"))

# The figures of the docs: `nox -s fleet -- --log-cli-level=INFO`.
LOG = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = project(tmp_path_factory.mktemp("desk") / "project")
    has(root, {"known": 'base_url = "http://127.0.0.1:9"'})
    return root


@pytest.fixture
def root(desk: Path) -> Path:
    """The project, without the files of an earlier test."""
    for name in ("store", "t.db", "list.json", "fleet.json"):
        subprocess.run(["/bin/rm", "-rf", str(desk / name)], check=True)  # noqa: S603
    return desk


def planned(root: Path, *words: str) -> None:
    done = subprocess.run(  # noqa: S603  (our own module)
        smoke("fleet", "plan", "list.json", *words), cwd=root, env=environ_of(), check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def verdict_of(here: Cluster) -> dict[str, Any]:
    text = (here.run_folder() / "merged/verdict.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def units_by_target(here: Cluster) -> Counter[str]:
    """How many units have started per target, finished or not."""
    seen = set()
    for path in here.store.glob("*/*/*.json"):
        file = json.loads(path.read_text(encoding="utf-8"))
        row = file | file["unit"] if isinstance(file.get("unit"), dict) else file
        if "unit" in row:
            seen.add((row["target"], row["unit"]))
    return Counter(target for target, _ in seen)


def test_every_target_has_its_verdict(root: Path) -> None:
    targets = drawn(6)
    with simulated(targets, root / "list.json") as expected:
        planned(root, "--limit", "owner=1")
        with cluster(root, workers=1) as here:
            out, _ = (run := here.start_run()).communicate(timeout=240)
            verdict = verdict_of(here)
            # A person finds the run by its verdict, and by a target that is not green.
            for query in ('SmokeVerdict = "red"', 'SmokeTargets = "t001"'):
                until(partial(here.found, query), 30)
            assert here.found('SmokeVerdict = "green"') == "" == here.found('SmokeTargets = "t000"')
    assert run.returncode == 1, out
    assert {row["target"]: row["verdict"] for row in verdict["targets"]} == expected
    assert out.splitlines()[-1] == "exit code 1"
    assert set(units_by_target(here).values()) == {1}


# Runs that a target may see: the unit repeats, once, what could not finish.
RUNS_MOST = {"green": 1, "red": 1, "dead": 0, "late": 2, "killed": 2, "misspelt": 0}

# Targets that a worker runs at the same time; a killed worker loses no more than these.
IN_HAND = 3


def test_nothing_is_lost_or_run_twice_when_workers_and_the_server_are_killed(root: Path) -> None:
    targets = drawn(MANY)
    patience_s = 60 + 20 * MANY
    with simulated(targets, root / "list.json") as expected:
        planned(root, "--at-once", "8")
        with cluster(root) as here:
            run = here.start_run()
            until(lambda: here.done() >= MANY // 4, patience_s)
            here.workers[0].kill()
            until(lambda: here.done() >= MANY // 3, patience_s)
            assert here.server
            here.server.kill()
            here.workers[1].kill()
            here.server.wait()
            here.start_server()
            here.start_worker(IN_HAND)
            out, _ = run.communicate(timeout=patience_s)
            until(lambda: not here.orphans(), 40)
            assert run.returncode == 1, out
            verdict = verdict_of(here)
    nothing_is_lost(here, targets, expected, verdict, 2 * IN_HAND)


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "it can")
def test_nothing_is_lost_or_run_twice_when_a_worker_is_cut_off(root: Path) -> None:
    targets = drawn(MANY)
    patience_s = 120 + 20 * MANY
    with (
        network() as net,
        simulated(targets, root / "list.json", net.address) as expected,
        cluster(root, workers=1, host=net.address) as here,
    ):
        planned(root, "--at-once", "6")
        here.start_worker(IN_HAND, tuple(net.enter))
        run = here.start_run()
        until(lambda: here.done() >= MANY // 4 and here.busy(here.workers[1]), patience_s)
        net.cut()
        out, _ = run.communicate(timeout=patience_s)
        assert run.returncode == 1, out
        verdict = verdict_of(here)
        nothing_is_lost(here, targets, expected, verdict, IN_HAND)
        # Its units cannot ask their targets any more; they end by their own deadline.
        until(lambda: not here.orphans(), 300)
    assert set(units_by_target(here).values()) <= {1}


def nothing_is_lost(
    here: Cluster, targets: list[Simulated], expected: dict[str, str], verdict: Any, lost: int
) -> None:
    """Every target has its planted verdict, but for some that are unverified by name."""
    words = {row["target"]: row["verdict"] for row in verdict["targets"]}
    other = {name: word for name, word in words.items() if word != expected[name]}
    units = units_by_target(here)
    LOG.info("%d targets: %s, missing: %s", MANY, Counter(words.values()), verdict["missing"])
    LOG.info("not as planted: %s; units: %s", other, Counter(units.values()))
    assert set(words) == set(expected)
    assert set(other.values()) <= {"unverified"}, other
    assert len(other) <= lost, "only what the lost workers had in hand may be unverified"
    assert set(units.values()) <= {1}
    often = [one.name for one in targets if len(one.runs) > RUNS_MOST[one.kind]]
    assert often == [], "the targets themselves saw more runs than their unit may make"
    silent = [one.name for one in targets if words[one.name] == "green" and not one.runs]
    assert silent == [], "green without a run"
    assert verdict["duplicates"] == []
    assert set(verdict["missing"]) <= set(other)


def test_cancelled_run_removes_its_data(root: Path) -> None:
    targets = [Simulated(f"t{number:03}", "green", 0.5) for number in range(8)]
    with simulated(targets, root / "list.json"):
        planned(root)
        with cluster(root, workers=2) as here:
            run = here.start_run()
            until(lambda: sum(bool(target.notes) for target in targets) > 1, 120)
            run.send_signal(signal.SIGTERM)
            out, _ = run.communicate(timeout=120)
            assert here.orphans() == []
    assert run.returncode == 2, out
    assert "ended without a verdict" in out
    # Counted in the service: what was created is gone, also of units that were interrupted.
    created = sum(target.asked["POST notes"] for target in targets)
    left = sum(len(target.notes) for target in targets)
    asked = sum(bool(target.runs) for target in targets)
    LOG.info(
        "cancelled: %d of %d targets asked; %d notes, %d left", asked, len(targets), created, left
    )
    assert (created > 1, left) == (True, 0)
    assert asked <= 6, "a unit began after the run was cancelled"


def test_second_run_of_the_same_name_is_refused_and_a_second_signal_ends_the_wait(
    root: Path,
) -> None:
    with cluster(root, workers=0) as here:  # without a worker a run neither ends nor is cancelled
        first = here.start_run()
        until(here.events, 60)
        second = here.start_run()
        out, _ = second.communicate(timeout=60)
        assert (second.returncode, "The run 'smoke-fleet' has not ended." in out) == (4, True), out
        first.send_signal(signal.SIGTERM)
        until(lambda: "cancel_requested" in here.events(), 60)
        first.send_signal(signal.SIGTERM)
        out, _ = first.communicate(timeout=60)
    assert (first.returncode, "The run smoke-fleet may go on" in out) == (2, True), out


def test_missing_schedule_is_a_misuse_every_time(root: Path) -> None:
    """A shutdown of the interpreter beside Temporal's threads ended one in four with SIGABRT."""
    words = smoke("fleet", "temporal", "schedule", "--delete")
    with cluster(root, workers=0) as here:
        ended = []
        for _ in range(4):  # several at once, so that threads are interrupted in any place
            each = [
                subprocess.Popen(  # noqa: S603  (our own module)
                    words, cwd=root, env=here.environ, text=True, stderr=subprocess.PIPE
                )
                for _ in range(4)
            ]
            ended += [(one.communicate(timeout=100)[1], one.returncode) for one in each]
    message = (
        "The server has no schedule 'smoke-fleet'. Name it with --id; all of them: temporal "
        "schedule list\n"
    )
    assert set(ended) == {(message, 4)}


def test_schedule_runs_again_and_again_and_never_overtakes_itself(root: Path) -> None:
    from temporalio.client import Client, ScheduleOverlapPolicy

    targets = [Simulated("t000", "green", 0.0)]
    with simulated(targets, root / "list.json"):
        planned(root)
        with cluster(root, workers=1) as here:

            def schedule(*words: str) -> subprocess.CompletedProcess[str]:
                return subprocess.run(  # noqa: S603  (our own module)
                    smoke("fleet", "temporal", "schedule", *words), cwd=root, env=here.environ,
                    capture_output=True, text=True, check=False,
                )  # fmt: skip

            assert schedule("--every", "1h").returncode == 0
            made = schedule("--every", "2s")
            assert made.returncode == 0, made.stderr
            assert made.stdout == "schedule  smoke-fleet: every 2 s, one run at a time\n"
            until(lambda: len(list(here.store.glob("*/merged/verdict.json"))) >= 2, 120)

            async def overlap() -> object:
                client = await Client.connect(f"127.0.0.1:{here.port}")
                found = await client.get_schedule_handle("smoke-fleet").describe()
                return found.schedule.policy.overlap

            assert asyncio.run(overlap()) == ScheduleOverlapPolicy.SKIP
            assert schedule("--delete").returncode == 0
            assert schedule("--delete").returncode == 4
    (begun,) = units_by_target(here).values()
    assert begun - len(targets[0].runs) in (0, 1), "the last unit may have been ended at its start"
