"""
The kill matrix: each way to end a run early, at many points, in each way to start it.

A desk keeps notes of others and those of the run. The run is ended at a request or at a hook of
pytest, at a size of its files, by a mistake, or by a crash in a hook. Then its files, its
processes, its exit code and the notes after a sweep are compared with what they must be.
"""

import atexit
import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from smoke.config.settings import Flags, read_settings
from smoke.config.table import load_table
from smoke.results.run_dir import NAMES
from smoke.session.cleanup.sweep import sweep_records
from tests.desk import Desk, has, project
from tests.faults.ends.misuses import MISUSES
from tests.faults.ends.points import SIGNALS, Gate, conftest
from tests.smoking import ROOT, clean_environ
from tests.unlike.serve import serving

POINTS = 20
ENDS = ("TERM", "INT", "KILL", "full disk", "misuse", "crash")
WAYS = ("pytest", "nox", "two targets")

# A check that writes several notes and keeps them until its end, so that a kill leaves some.
CHECK = '''
async def test_keeps(owner, expect, cleanup, run):
    """Some notes are written."""
    for _ in range(6):
        made = expect(await owner.call("POST /notes", json={"title": f"smoke-{run.id}"}), 201)
        cleanup(owner, "DELETE /notes/{note_id}", note_id=made.value("/id"))
        expect(await owner.call("GET /notes"))
'''
NOXFILE = "from smoke.nox import sessions\n\nsessions()\n"
MARK = "YESTERDAY"
FOREIGN = {f"other-{n}": {"id": f"other-{n}", "title": f"of somebody {n}"} for n in range(5)}
ENVIRON = clean_environ(PYTHONPATH=str(ROOT))
PATIENCE_S = 90
POLL_S = 0.1
# A run that writes no file of more than so many bytes: the largest is about 20 times as large.
STEP_KIB = 2


@dataclass(frozen=True)
class Cell:
    """One run of the matrix: how it ends, at which point (from 1), and how it was started."""

    end: str
    point: int
    way: str

    def __str__(self) -> str:
        return f"{self.end} at {self.point} under {self.way}"


@dataclass
class Result:
    """What a cell left; `wrong` names what it should not have."""

    cell: Cell
    code: int
    wrong: list[str] = field(default_factory=list)
    reached: bool = True
    out: str = ""


def cells(points: int = POINTS) -> list[Cell]:
    """Every cell of the matrix, or those of some points."""
    # Point by point and in leaps, so that a measurement that stops early has seen every end.
    chosen = [1 + n * 7 % POINTS for n in range(points)]
    return [Cell(end, point, way) for point in chosen for end in ENDS for way in WAYS]


LOCK = threading.Lock()


def template() -> Path:
    """The project of all cells: its plan is built once."""
    with LOCK, contextlib.redirect_stdout(io.StringIO()):
        return _built()


@cache
def _built() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ends-project-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return project(folder / "project")


def run_cell(cell: Cell, folder: Path) -> Result:
    """Run one cell in a folder of its own."""
    names = ("a", "b") if cell.way == "two targets" else ("a",)
    root = folder / "project"
    shutil.copytree(template(), root)
    (root / "desk_checks/test_a_keep.py").write_text(CHECK, encoding="utf-8")
    (root / "noxfile.py").write_text(NOXFILE, encoding="utf-8")
    desks = {name: Desk() for name in names}
    children: list[subprocess.Popen[str]] = []

    def kill() -> None:
        numbers = {"TERM": signal.SIGTERM, "INT": signal.SIGINT, "KILL": signal.SIGKILL}
        with contextlib.suppress(ProcessLookupError):
            # A terminal sends Ctrl-C to the whole group; a supervisor ends one process.
            send = os.killpg if cell.end == "INT" else os.kill
            send(children[0].pid, numbers[cell.end])

    point = SIGNALS[cell.point - 1] if cell.end in ("TERM", "INT", "KILL") else 0
    gate = Gate(point, kill)
    mark = uuid4().hex
    with ExitStack() as stack:
        for desk in desks.values():
            desk.notes |= {name: dict(note) for name, note in FOREIGN.items()}
        urls = {n: stack.enter_context(serving(gate.of(d.app()))) for n, d in desks.items()}  # type: ignore[arg-type]
        has(root, {name: f'base_url = "{url}"' for name, url in urls.items()})
        yesterday(root, names)
        child = start(cell, root, names, mark, urls["a"])
        children.append(child)
        try:
            out = child.communicate(timeout=PATIENCE_S)[0]
        except subprocess.TimeoutExpired:
            child.kill()
            out = f"HUNG\n{child.communicate()[0]}"
        orphans = alive(mark)
        result = Result(cell, child.returncode, out=out)
        result.wrong += [f"process {pid} is still there" for pid in orphans]
        compare_files(result, root, names)
        swept(result, root, names)
        for name, desk in desks.items():
            result.wrong += rows(name, desk)
    return result


def yesterday(root: Path, names: tuple[str, ...]) -> None:
    """Write the files of an earlier green run."""
    for name in names if len(names) == 1 else (*names, "combined"):
        (root / ".smoke" / name).mkdir(parents=True)
        for file in NAMES:
            text = f'{{"verdict": "green", "mark": "{MARK}"}}'
            (root / ".smoke" / name / file).write_text(text, encoding="utf-8")


def start(
    cell: Cell, root: Path, names: tuple[str, ...], mark: str, url: str
) -> "subprocess.Popen[str]":
    """Start the run of a cell; `url` is a service that ends it when a hook asks for it."""
    words = [sys.executable, "-m", "pytest", *(f"--target={name}" for name in names)]
    environ = {"KILL_MATRIX_MARK": mark, "PYTHONPATH": str(ROOT)}
    if cell.way == "nox":
        words = [sys.executable, "-m", "nox", "-s", "smoke", "--"]
    if cell.end == "misuse":
        misuse = MISUSES[cell.point - 1]
        words += misuse.arguments
        environ |= misuse.environ
    (root / "conftest.py").write_text(conftest(cell.end, cell.point, url), encoding="utf-8")
    if cell.end == "misuse" and misuse.edit is not None:
        misuse.edit(root)
    if cell.end == "full disk":
        limit = cell.point * STEP_KIB
        words = ["/bin/bash", "-c", f'ulimit -f {limit}; exec "$@"', "bash", *words]
    return subprocess.Popen(  # noqa: S603  (this suite)
        words, cwd=root, env=clean_environ(**environ), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def alive(mark: str) -> list[int]:
    """The processes of a cell that do not end in time; they are killed then."""
    end = time.monotonic() + PATIENCE_S
    while (left := marked(mark)) and time.monotonic() < end:
        time.sleep(POLL_S)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return left


def marked(mark: str) -> list[int]:
    """The running processes with the mark of a cell in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            state = (path.parent / "stat").read_text().rpartition(")")[2].split()[0]
            if mark.encode() in path.read_bytes() and state != "Z":
                found.append(int(path.parent.name))
    return found


def compare_files(result: Result, root: Path, names: tuple[str, ...]) -> None:
    """Compare the files and the exit code of a cell with what they must be."""
    words = []
    for name in names if len(names) == 1 else (*names, "combined"):
        folder = root / ".smoke" / name
        stale = [p.name for p in folder.iterdir() if MARK in p.read_text("utf-8", "replace")]
        result.wrong += [f"{name}/{file} is of an earlier run" for file in stale]
        reported = verdict(folder / "verdict.json")
        words.append(reported.get("verdict", "none"))
    result.reached = set(words) != {"green"}
    expected = codes(result.cell, result.reached)
    if result.code not in expected:
        result.wrong.append(f"exit code {result.code} instead of {expected}, files say {words}")
    if result.code != 0 and words[-1] == "green":
        result.wrong.append(f"files say green, the exit code is {result.code}")


def verdict(path: Path) -> dict[str, Any]:
    """The verdict in a file; an empty one if there is none."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def codes(cell: Cell, reached: bool) -> tuple[int, ...]:
    """The right exit codes of a cell."""
    if not reached:  # the run was over before the point
        return (0,)
    return {
        "TERM": (2,), "INT": (2,), "KILL": (-9,), "full disk": (2,), "misuse": (4,), "crash": (3,),
    }[cell.end]  # fmt: skip


def swept(result: Result, root: Path, names: tuple[str, ...]) -> None:
    """Sweep the targets of a cell; a project with a mistake was never sent anything."""
    if result.cell.end == "misuse":
        return
    for name in names:
        # In this process: what it costs to start Python twice more for a cell proves nothing.
        settings = read_settings(load_table(root, ENVIRON), root, ENVIRON, Flags(target=name))
        for line, bad in sweep_records(settings, root / ".smoke"):
            result.wrong += [f"the sweep of {name} failed: {line}"] if bad else []


def rows(name: str, desk: Desk) -> list[str]:
    """The notes of others that were touched, and those of the run that are still there."""
    touched = [key for key, note in FOREIGN.items() if desk.notes.get(key) != note]
    left = sorted(set(desk.notes) - set(FOREIGN))
    return [
        *(f"{name}: the row {key} of others was touched" for key in touched),
        *(f"{name}: the note {key} is left" for key in left),
    ]


def run_and_forget(cell: Cell, folder: Path) -> Result:
    """Run one cell and delete its folder."""
    try:
        return run_cell(cell, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
