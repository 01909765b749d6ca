"""A unit asks one target, leaves both files or none, and ends with the process that started it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from smoke.results.record_reader import gather
from tests.desk import Desk, has, project
from tests.fleet.units import Left, command, environ_of, unit
from tests.unlike.serve import serving

# The environment of a unit with a mounted password: it has none itself.
MOUNTED = {"SMOKE_USER_PASSWORD": ""}

NOWHERE = MOUNTED | {"SMOKE_USER_PASSWORD_FILE": "/nowhere/{target}"}

DEAD = 'base_url = "http://127.0.0.1:9"\nready_s = 0.2'


WAITS = '''
"""A note lies there while the desk is asked for its list."""

import pytest

@pytest.mark.exercises("POST /notes")
async def test_notes_are_listed(owner, expect, cleanup, run):
    """The list names a note."""
    made = expect(await owner.call("POST /notes", json={"title": f"smoke-{run.id}"}), 201)
    cleanup(owner, "DELETE /notes/{note_id}", note_id=made.exchange.json["id"])
    expect(await owner.call("GET /notes"))
'''


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("desk") / "project")
    (folder / "desk_checks/test_list.py").write_text(WAITS, encoding="utf-8")
    return folder


@contextmanager
def deployed(root: Path, fault: str = "", more: str = "") -> Iterator[Desk]:
    """A desk that serves, and a row for it: target `a`."""
    desk = Desk(fault)
    with ExitStack() as stack:
        url = stack.enter_context(serving(desk.app()))
        has(root, {"a": f'base_url = "{url}"\n{more}'})
        yield desk


def gathered(left: Left, folder: str) -> tuple[str, str, int]:
    """The verdict that the reports read from a record, with its reason and exit code."""
    text = "\n".join(map(json.dumps, left.lines(folder)))
    verdict = gather(folder, text + "\n").verdict
    return verdict["word"], verdict["reason"], verdict["exit"]


def test_green_target_leaves_one_folder_with_both_files(root: Path, tmp_path: Path) -> None:
    with deployed(root):
        left = unit(root, tmp_path, "a")
    assert left.code == 0, left.out
    assert left.folders == ["a.r1.1"]
    (verdict,) = left.verdicts
    assert (verdict["verdict"], verdict["exit"], verdict["target"]) == ("green", 0, "a")
    assert (verdict["unit"]["run"], verdict["unit"]["attempt"]) == ("r1", 1)
    header = left.lines("a.r1.1")[0]
    assert header["unit"] == verdict["unit"]
    assert gathered(left, "a.r1.1") == ("green", "", 0)


def test_red_target_is_asked_once(root: Path, tmp_path: Path) -> None:
    with deployed(root, "list_breaks") as desk:
        left = unit(root, tmp_path, "a")
    assert (left.code, left.folders, desk.seedings) == (1, ["a.r1.1"], 1), left.out
    assert "expected 200, got 500" in left.verdicts[0]["reason"]


def test_unverified_target_is_asked_twice_and_both_attempts_stay(
    root: Path, tmp_path: Path
) -> None:
    has(root, {"a": DEAD})
    left = unit(root, tmp_path, "a")
    assert (left.code, left.folders) == (2, ["a.r1.1", "a.r1.2"]), left.out
    first, second = left.verdicts
    assert (first["unit"]["attempt"], second["unit"]["attempt"]) == (1, 2)
    assert first["unit"]["unit"] == second["unit"]["unit"]


@pytest.mark.parametrize(
    ("row", "environ", "says"),
    [
        ("gates = { drawer = 'on' }", {}, "unknown gate 'drawer'"),
        (
            "",
            MOUNTED | {"SMOKE_USER_PASSWORD_FILE": "/nowhere/{target}"},
            "/nowhere/a, which cannot be read",
        ),
        ("contract = 'openapi/none.json'", {}, "openapi/none.json"),
    ],
)
def test_misuse_leaves_a_verdict_with_its_reason_and_is_not_repeated(
    row: str, environ: dict[str, str], says: str, root: Path, tmp_path: Path
) -> None:
    has(root, {"a": f"{DEAD}\n{row}"})
    left = unit(root, tmp_path, "a", **environ)
    assert (left.code, left.folders) == (4, ["a.r1.1"]), left.out
    assert left.verdicts[0]["verdict"] == "misused"
    assert says in left.verdicts[0]["reason"]
    assert gathered(left, "a.r1.1")[0] == "misused"


def test_password_comes_from_a_mounted_file_of_the_target(root: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("the mounted password\n")
    with deployed(root) as desk:
        mounted = MOUNTED | {"SMOKE_USER_PASSWORD_FILE": f"{tmp_path}/{{target}}.txt"}
        left = unit(root, tmp_path / "records", "a", **mounted)
    assert left.code == 0, left.out
    assert set(desk.passwords.values()) == {"the mounted password"}


def test_run_that_is_killed_is_unverified_and_asked_once_more(root: Path, tmp_path: Path) -> None:
    with deployed(root, more="options = { dies = true }") as desk:
        left = unit(root, tmp_path, "a")
    assert (left.code, left.folders, desk.seedings) == (2, ["a.r1.1", "a.r1.2"], 2), left.out
    assert gathered(left, "a.r1.2") == ("unverified", "the run was killed (SIGKILL)", 2)


def test_run_that_outlasts_its_deadline_by_far_is_ended(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smoke.config.table import load_table
    from smoke.fleet.unit import Order, attempt, run_unit

    monkeypatch.setattr(attempt, "attempt_s", lambda deadline_s: deadline_s)
    with deployed(root, "list_stalls", "deadline_s = 3\ntimeout_s = 60"):
        table = load_table(root)
        # an `extra` that keeps pytest from ending the check itself
        order = Order("a", table, root, tmp_path, environ_of(), "r1", 0, ("-p", "no:timeout"))
        code = run_unit(order)
    left = Left(int(code), "", tmp_path)
    assert (left.code, left.folders) == (2, ["a.r1.1", "a.r1.2"])
    assert all(verdict["verdict"] == "unverified" for verdict in left.verdicts)


@contextmanager
def started(root: Path, records: Path, desk: Desk) -> Iterator[subprocess.Popen[bytes]]:
    """An engine with a unit that hangs in the middle: a note is made, the list never comes."""
    engine = [sys.executable, "-c", "import subprocess, sys; subprocess.call(sys.argv[1:])"]
    process = subprocess.Popen(  # noqa: S603  (our own module, no shell)
        [*engine, *command("a", records)], cwd=root, env=environ_of(), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        until(lambda: desk.listings == 1)
        assert desk.notes
        assert running("--records", records)
        yield process
    finally:
        process.kill()
        process.wait()


def until(true: object, seconds: float = 30) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def running(flag: str, records: Path) -> list[int]:
    """The processes of this checkout with such a flag for the folder of the records."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().replace(b"\0", b"=")
        except OSError:
            continue
        if f"{flag}={records}".encode() in words and b"subprocess" not in words:
            found.append(int(file.parent.name))
    return found


STALLS = "timeout_s = 60\ndeadline_s = 60"


def test_cancelled_unit_cleans_up_and_is_unverified(root: Path, tmp_path: Path) -> None:
    with deployed(root, "list_stalls", STALLS) as desk, started(root, tmp_path, desk) as engine:
        (pid,) = running("--unit", tmp_path)
        os.kill(pid, signal.SIGTERM)
        engine.wait(25)
    left = Left(2, "", tmp_path)
    assert left.folders == ["a.r1.1"]
    assert (left.verdicts[0]["exit"], left.verdicts[0]["reason"]) == (2, "the run was cancelled")
    assert desk.notes == {}
    assert running("--records", tmp_path) == []


@pytest.mark.parametrize("killed", ["unit", "engine"])
def test_nothing_goes_on_when_the_unit_or_its_engine_is_killed(
    killed: str, root: Path, tmp_path: Path
) -> None:
    with deployed(root, "list_stalls", STALLS) as desk, started(root, tmp_path, desk) as engine:
        pid = running("--unit", tmp_path)[0] if killed == "unit" else engine.pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: not running("--records", tmp_path) and not running("--unit", tmp_path))
    assert desk.notes == {}
    assert [path.name for path in tmp_path.glob("[!.]*")] == (
        [] if killed == "unit" else ["a.r1.1"]
    )


def test_output_has_no_warning_of_a_plugin(tmp_path: Path) -> None:
    """A project that `smoke init` made does not configure pytest-asyncio."""
    root = project(tmp_path / "project")
    has(root, {"good": 'base_url = "http://127.0.0.1:9"\nready_s = 0.2'})
    table = (root / "pyproject.toml").read_text(encoding="utf-8")
    scope = 'asyncio_default_fixture_loop_scope = "session"\n'
    assert scope in table
    (root / "pyproject.toml").write_text(table.replace(scope, ""), encoding="utf-8")
    assert "Warning" not in unit(root, tmp_path / "records", "good").out
