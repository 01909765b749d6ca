"""Several targets in one run end as each would have ended alone, and nothing is done twice."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from smoke.config.settings import asked_targets
from smoke.config.targets import named
from smoke.errors import ConfigError, Exit
from smoke.results.outcome import WORST_FIRST
from smoke.results.record_reader import read
from tests.desk import Desk, has, project
from tests.forked import run_module
from tests.results.records import green
from tests.smoking import ROOT, Finished, clean_environ
from tests.unlike.serve import serving

DEAD = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Case:
    """A target with something planted: a fault of its desk, or a row of its own."""

    word: str
    exit: int
    fault: str = ""
    row: str = ""
    address: str = 'base_url = "{url}"'


CASES = {
    "healthy": Case("green", 0),
    "red": Case("red", 1, "list_breaks"),
    "misshapen": Case("red", 1, "title_is_lost"),
    "dead": Case("unverified", 2, row="ready_s = 0.2", address=f'base_url = "{DEAD}"'),
    "slow": Case("red", 1, "list_stalls", "timeout_s = 0.5"),
    "unstarted": Case("unverified", 2, address='serve = "there_is_no_such_module"'),
    "killed": Case("unverified", 2, row="options = { dies = true }"),
    "unseeded": Case("misused", 4, "door_is_shut"),
    "misspelt": Case("misused", 4, row="gates = { drawer = 'on' }"),
    "uncontracted": Case("misused", 4, row="contract = 'openapi/there_is_none.json'"),
    "nobody": Case("misused", 4, row="seeded = true\nuser_email = 'nobody@example.com'"),
}
TRIOS = [
    ("healthy", "red", "dead"),
    ("unseeded", "slow", "uncontracted"),
    ("misspelt", "killed", "nobody"),
    ("misshapen", "healthy", "unstarted"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("desks") / "project")


def run(root: Path, records: Path, *arguments: str, **environ: str) -> Finished:
    """Run the suite of the project as it is asked to, and wait for its end."""
    environ = clean_environ(PYTHONPATH=str(ROOT), **environ)
    words = ["pytest", f"--records={records}", *arguments]
    done = run_module(words, root, environ, timeout=50)
    return Finished(done.returncode, done.stdout + done.stderr, records)


@contextmanager
def deployed(root: Path, *names: str) -> Iterator[dict[str, Desk]]:
    """The desks of some cases, each serving, and a row for each in the project."""
    desks = {name: Desk(CASES[name].fault) for name in names}
    with ExitStack() as stack:
        rows = {}
        for name, desk in desks.items():
            url = stack.enter_context(serving(desk.app()))
            rows[name] = f"{CASES[name].address.format(url=url)}\n{CASES[name].row}"
        has(root, rows)
        yield desks


def asked_for(names: "tuple[str, ...]") -> list[str]:
    return [f"--target={name}" for name in names]


def checks(run: Finished, target: str) -> list[tuple[str, str]]:
    """How each check of a target ended, in the order in which they ran."""
    if not (run.records / target / "run.jsonl").exists():
        return []
    return [(row["check"], row["outcome"]) for row in run.record("check", target)]


def alone(run: Finished, target: str) -> tuple[str, int]:
    """The verdict of a run against one target; what was killed left a record without one."""
    path = run.records / target / "run.jsonl"
    if not path.exists():
        return "misused", run.code
    record = read(path)
    assert record.last is None or record.last["exit"] == run.code, run.out
    return str(record.word), record.verdict["exit"]


def together(run: Finished) -> dict[str, dict[str, Any]]:
    """The verdict of each target of a run against several."""
    reported = json.loads((run.records / "combined/verdict.json").read_text(encoding="utf-8"))
    assert reported["exit"] == run.code, run.out
    return {row["target"]: row for row in reported["targets"]}


def red_lines(run: Finished, *names: str) -> dict[str, str]:
    """The first line of a failed check, by target; alone, a line names none."""
    rows = [line.split() for line in run.out.splitlines() if line.startswith("FAIL  ")]
    if len(names) == 1:
        return {names[0]: next((row[1] for row in rows), "")}
    return {name: next((r[2] for r in rows if r[1] == name), "") for name in names}


@pytest.mark.parametrize("names", TRIOS, ids=" ".join)
def test_each_target_ends_as_it_does_alone(
    names: tuple[str, ...], root: Path, tmp_path: Path
) -> None:
    with deployed(root, *names) as desks:
        singles = {name: run(root, tmp_path / "alone", f"--target={name}") for name in names}
        before = {name: (desk.seedings, len(desk.sign_ins)) for name, desk in desks.items()}
        all_ = run(root, tmp_path / "together", *asked_for(names))
    verdicts = together(all_)
    for name, single in singles.items():
        planted = CASES[name].word, CASES[name].exit
        assert alone(single, name) == planted, single.out
        assert (verdicts[name]["verdict"], verdicts[name]["exit"]) == planted, all_.out
        assert checks(all_, name) == checks(single, name)
        assert red_lines(all_, *names)[name] == red_lines(single, name)[name]
        seedings, sign_ins = before[name]
        assert desks[name].seedings - seedings == min(seedings, 1)
        again = desks[name].sign_ins[sign_ins:]
        assert len(again) == len(set(again))
    assert all_.code == min((Exit(CASES[name].exit) for name in names), key=WORST_FIRST.index)


def test_worker_that_dies_before_it_has_collected_takes_no_other_along(
    root: Path, tmp_path: Path
) -> None:
    names = ("slow", "healthy", "red")
    green(tmp_path, "slow")  # an earlier run's: it must not be taken for this one's
    with deployed(root, *names):
        found = run(root, tmp_path, *asked_for(names), DIES_AT_ONCE="gw0")
    verdicts = together(found)
    assert [verdicts[name]["verdict"] for name in names] == ["unverified", "green", "red"]
    assert verdicts["slow"]["reason"].startswith("the worker of this target died")
    assert verdicts["slow"]["requests"] == 0
    the_end_names_the_worst_and_the_page_has_all(found)


def the_end_names_the_worst_and_the_page_has_all(found: Finished) -> None:
    lines = found.out.splitlines()
    at = lines.index("RED (service)  red (1 of 3 targets)", len(lines) - 24)
    assert lines[at + 1] == "red: GET /notes as reader: expected 200, got 500"
    assert lines[-1] == "exit code 1"
    rows = ("UNVERIFIED slow     no check ran;", "GREEN      healthy  7 passed;", "RED        red ")
    assert [row for row in rows if any(line.startswith(row) for line in lines)] == list(rows)
    pasted = ("curl ", "again ", "report ")
    assert [line for line in lines if len(line) > 80 and not line.startswith(pasted)] == []
    page = (found.records / "combined/report.html").read_text(encoding="utf-8")
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("slow", "healthy", "red"))
    assert heads in page


def test_one_target_runs_in_one_process_whatever_is_asked_of_xdist(
    root: Path, tmp_path: Path
) -> None:
    with deployed(root, "red") as desks:
        found = run(root, tmp_path, "--target=red", "-n", "2")
    assert found.code == 1, found.out
    assert (desks["red"].seedings, len(desks["red"].sign_ins)) == (1, 2)
    (note,) = found.record("note", "red")
    assert "one process" in note["text"]


RENAMED = """\
import pathlib

def pytest_sessionstart(session):
    if not hasattr(session.config, "workerinput"):
        place = pathlib.Path(__file__).with_name("pyproject.toml")
        place.write_text(place.read_text().replace("[tool.smoke", "[tool.was"))
"""


def test_workers_get_the_settings_that_the_controller_read(tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    (root / "conftest.py").write_text(RENAMED, encoding="utf-8")
    with deployed(root, "healthy", "red"):
        found = run(root, tmp_path, "--target=healthy,red")
    assert {name: row["exit"] for name, row in together(found).items()} == {"healthy": 0, "red": 1}


def test_no_more_targets_are_asked_at_once_than_allowed(root: Path, tmp_path: Path) -> None:
    with deployed(root, "healthy", "red", "unseeded"):
        found = run(root, tmp_path, "--target=healthy,red,unseeded", "--at-once=1")
    ends = datetime.min.replace(tzinfo=UTC)
    for row in sorted(together(found).values(), key=lambda row: str(row["started"])):
        began = datetime.fromisoformat(row["started"])
        assert began >= ends, found.out
        ends = began + timedelta(seconds=row["seconds"])


@pytest.mark.parametrize(
    ("arguments", "environ", "message"),
    [
        (["--target=a", "--target=b"], {"SMOKE_BASE_URL": DEAD}, "apply to one target"),
        (["--target=a", "--target=c"], {}, "There is no target 'c'. Targets: a, b."),
        (["--target=@prod"], {}, "No target has the tag '@prod'. Tags: none."),
        (["--target=a,b"], {"SMOKE_ENABLE_DRAWER": "1"}, "Did you mean 'drawers'?"),
        (["--target=a,b", "--collect-only"], {}, "--collect-only lists the checks of one"),
        (["--target=a,b", "-p", "no:xdist"], {}, "need pytest-xdist"),
        (["--target=a,b", "--at-once=0"], {}, "--at-once is 0. Allowed: 1 or more."),
    ],
)
def test_misuse_is_reported_before_a_worker_starts(
    arguments: list[str], environ: dict[str, str], message: str, root: Path, tmp_path: Path
) -> None:
    gate = '\n[tool.smoke.gates.drawers]\ncovers = ["GET /ready"]\n'
    has(root, {"a": f'base_url = "{DEAD}"', "b": f'base_url = "{DEAD}"\n{gate}'})
    found = run(root, tmp_path / "records", *arguments, **environ)
    assert found.code == 4, found.out
    assert found.out.count(message) == 1, found.out
    assert not (tmp_path / "records").exists()


def asked_by_nox(words: list[str]) -> list[str]:
    """What the session `smoke` of the noxfile makes of the words behind `--`."""
    module = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    (found,) = (n for n in module.body if isinstance(n, ast.FunctionDef) and n.name == "asked")
    space: dict[str, Any] = {}
    exec(compile(ast.Module([found], []), "noxfile.py", "exec"), space)  # noqa: S102  (our own)
    reported: list[str] = space["asked"](words, "local")
    return reported


@pytest.mark.parametrize(
    ("words", "reported"),
    [
        ([], ["--target=local"]),
        (["-k", "auth"], ["--target=local", "-k", "auth"]),
        (["--target", "@prod"], ["--target=@prod"]),
        (["--target", "eu", "-k", "x", "--target=us"], ["--target=eu", "-k", "x", "--target=us"]),
    ],
)
def test_session_of_one_target_lets_others_be_named(words: list[str], reported: list[str]) -> None:
    assert asked_by_nox(words) == reported


def test_session_of_nox_asks_the_targets_of_the_environment() -> None:
    command = [sys.executable, "-m", "nox", "--list-sessions", "--json"]
    environ = {**os.environ, "SMOKE_TARGET": "eu,us"}
    rows = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=True).stdout  # noqa: S603
    (smoke,) = (row for row in json.loads(rows) if row["session"] == "smoke")
    assert smoke["description"] == "Smoke checks against target 'eu,us'."


ROWS = {"eu": {"tags": ["prod", "far"]}, "us": {"tags": ["prod"]}, "local": {}}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["@prod"], ["eu", "us"]),
        (["us", "@prod"], ["us", "eu"]),
        (["@far", "local"], ["eu", "local"]),
        (["local", "local"], ["local"]),
    ],
)
def test_tag_stands_for_every_target_that_has_it(words: list[str], names: list[str]) -> None:
    assert named(words, ROWS) == names


def test_unknown_tag_is_reported_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"tag '@prodd'. Tags: @prod, @far. Did you mean '@prod'"):
        named(["@prodd"], ROWS)


def test_targets_may_stand_in_the_environment() -> None:
    table = {"targets": ROWS, "target": "local"}
    assert asked_targets(table, {"SMOKE_TARGET": "eu, us"}, []) == ["eu", "us"]
    assert asked_targets(table, {"SMOKE_TARGET": "eu"}, ["local"]) == ["local"]
    assert asked_targets(table, {}, []) == ["local"]
