"""A run that a signal ends leaves no process, no thing on the service and no stale result."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.desk import Desk, has, project
from tests.smoking import ROOT, clean_environ
from tests.unlike.serve import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

POLL_S = 0.1
PATIENCE_S = 45

# It makes a note, says so, and then waits for the signal.
WAITS = '''
import asyncio
import os
import pathlib


async def test_waits(owner, expect, cleanup, run):
    """A note is made."""
    made = expect(await owner.call("POST /notes", json={"title": f"smoke-{run.id}"}), 201)
    cleanup(owner, "DELETE /notes/{note_id}", note_id=made.value("/id"))
    pathlib.Path(f"here-{run.target}").write_text(str(os.getpid()))
    await asyncio.sleep(50)
'''


@dataclass
class Ended:
    """How a run ended, and what it left."""

    code: int
    alive: list[int]
    notes: int
    root: Path
    out: str


def until(reached: "Iterator[bool]") -> None:
    """Wait for something, for a while."""
    end = time.monotonic() + PATIENCE_S
    while not next(reached) and time.monotonic() < end:
        time.sleep(POLL_S)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def ended(root: Path, names: str, number: signal.Signals) -> Ended:
    """Start a run of some targets, and end it while each of them has made a note."""
    (root / "desk_checks/test_a_wait.py").write_text(WAITS, encoding="utf-8")
    desks = {name: Desk() for name in names}
    with ExitStack() as stack:
        urls = {name: stack.enter_context(serving(desk.app())) for name, desk in desks.items()}
        has(root, {name: f'base_url = "{url}"' for name, url in urls.items()})
        command = [sys.executable, "-m", "pytest", *(f"--target={name}" for name in names)]
        with subprocess.Popen(  # noqa: S603  (this suite, no shell)
            command, cwd=root, env=clean_environ(PYTHONPATH=str(ROOT)), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        ) as child:  # fmt: skip
            until(len(list(root.glob("here-*"))) == len(names) for _ in iter(int, 1))
            pids = [int(path.read_text()) for path in root.glob("here-*")]
            os.kill(child.pid, number)
            out = child.communicate(timeout=PATIENCE_S)[0]
        until(not any(map(is_alive, pids)) for _ in iter(int, 1))
        alive = [pid for pid in pids if is_alive(pid)]
        return Ended(child.returncode, alive, sum(len(d.notes) for d in desks.values()), root, out)


@pytest.mark.timeout(150)
@pytest.mark.parametrize("names", ["a", "ab"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=str)
def test_signal_ends_a_run_cleanly(number: signal.Signals, names: str, tmp_path: Path) -> None:
    found = ended(project(tmp_path / "project"), names, number)
    assert found.code == 2, found.out
    assert (found.alive, found.notes) == ([], 0), found.out
    for name in names if len(names) == 1 else (*names, "combined"):
        path = found.root / ".smoke" / name / "verdict.json"
        reported = json.loads(path.read_text(encoding="utf-8"))
        assert (reported["verdict"], reported["exit"]) == ("unverified", 2)
        assert "the run was cut short: interrupted" in reported["reason"]


@pytest.mark.timeout(150)
@pytest.mark.parametrize("names", ["a", "ab"])
def test_kill_leaves_no_process_and_is_reported_unfinished(names: str, tmp_path: Path) -> None:
    found = ended(project(tmp_path / "project"), names, signal.SIGKILL)
    assert found.code == -signal.SIGKILL
    assert found.alive == []
    for name in names if len(names) == 1 else (*names, "combined"):
        path = found.root / ".smoke" / name / "verdict.json"
        assert json.loads(path.read_text(encoding="utf-8"))["verdict"] == "unverified"


@pytest.mark.parametrize("kilobytes", [8, 26])
def test_full_disk_is_unverified_and_leaves_nothing_stale(kilobytes: int, tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: writing fails at the same places."""
    root = project(tmp_path / "project")
    with serving(Desk().app()) as url:
        has(root, {"a": f'base_url = "{url}"'})
        (root / ".smoke/a").mkdir(parents=True)
        (root / ".smoke/a/verdict.json").write_text('{"verdict": "green"}', encoding="utf-8")
        command = f"ulimit -f {kilobytes}; exec {sys.executable} -m pytest --target=a"
        done = subprocess.run(  # noqa: S603  (this suite)
            ["/bin/bash", "-c", command], cwd=root, env=clean_environ(PYTHONPATH=str(ROOT)),
            capture_output=True, text=True, check=False, timeout=55,
        )  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    path = root / ".smoke/a/verdict.json"
    if path.exists():
        assert json.loads(path.read_text(encoding="utf-8"))["verdict"] == "unverified"


# It stands for nox, and is killed while pytest configures itself.
PARENT = """
import subprocess, sys
subprocess.run([sys.executable, "-m", "pytest", "--target=a"])
"""
KILLS_PARENT = """
import os, pathlib, signal, time

def pytest_configure():
    parent = os.getppid()
    pathlib.Path("pid").write_text(str(os.getpid()))
    os.kill(parent, signal.SIGKILL)
    while os.getppid() == parent:
        time.sleep(0.01)
"""


@pytest.mark.timeout(150)
def test_run_ends_if_nox_is_killed_before_the_run_begins(tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    path = root / ".smoke/a/verdict.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"verdict": "green"}', encoding="utf-8")
    (root / "conftest.py").write_text(KILLS_PARENT, encoding="utf-8")
    (root / "desk_checks/test_a_wait.py").write_text(WAITS, encoding="utf-8")
    environ = clean_environ(PYTHONPATH=str(ROOT), NOX_CURRENT_SESSION="smoke")
    with serving(Desk().app()) as url:
        has(root, {"a": f'base_url = "{url}"'})
        subprocess.run([sys.executable, "-c", PARENT], cwd=root, env=environ, check=False)  # noqa: S603
        pid = int((root / "pid").read_text(encoding="utf-8"))
        until(not is_alive(pid) for _ in iter(int, 1))
        assert not is_alive(pid)
    assert json.loads(path.read_text(encoding="utf-8"))["verdict"] == "unverified"
