"""pytest's own options do in a smoke run what a pytest user expects."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from smoke.cli.main import main
from tests.desk import Desk, has, project
from tests.forked import run_module
from tests.smoking import ROOT, clean_environ
from tests.unlike.serve import serving

PRINTS = '''
"""A check that prints."""

async def test_printing(owner, expect):
    """The list is there."""
    print("printed by the check")
    expect(await owner.call("GET /notes"))
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return project(tmp_path / "project")


def run(root: Path, desk: Desk, *arguments: str) -> tuple[int, list[str]]:
    """The exit code and the lines of a run against a desk."""
    with serving(desk.app()) as url:
        return run_at(root, url, *arguments)


def run_at(root: Path, url: str, *arguments: str) -> tuple[int, list[str]]:
    has(root, {"a": f'base_url = "{url}"'})
    environ = clean_environ(PYTHONPATH=str(ROOT), COLUMNS="80")
    done = run_module(["pytest", "--target=a", *arguments], root, environ, timeout=55)
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_quiet_green_run_is_one_line(root: Path) -> None:
    code, lines = run(root, Desk(), "-q")
    assert code == 0, lines
    assert len(lines) == 1
    assert lines[0].startswith("GREEN  7 passed; ")


def test_quiet_red_run_has_the_verdict_and_the_failure(root: Path) -> None:
    code, lines = run(root, Desk("list_breaks"), "-q")
    assert code == 1, lines
    assert lines[0].startswith("FAIL  GET /notes ")
    assert lines[1].startswith("RED (service)  GET /notes: ")
    assert lines[2] == "asked     GET /notes as reader"


def test_loud_run_shows_requests_output_tracebacks_and_lists(root: Path) -> None:
    (root / "desk_checks/test_prints.py").write_text(PRINTS, encoding="utf-8")
    code, lines = run(root, Desk("list_breaks"), "-vv", "-rA", "--durations=1", "--tb=short")
    assert code == 1, lines
    shown = "\n".join(lines)
    assert "      GET /notes as owner: 500, " in shown
    assert '          < {"detail":"Internal Server Error"}' in shown
    assert "> authorization: Bearer $SMOKE_TOKEN_OWNER" in shown
    assert "in test_printing" in shown
    assert "      Captured stdout call:\n      printed by the check\n" in shown
    assert "FAILED   prints.printing - GET /notes as owner: expected 200, got 500" in lines
    assert len([line for line in lines if line.startswith("durations ")]) == 1


BREAKS = '''
"""A check of a list that breaks."""

async def test_list(owner, expect):
    """The list is there."""
    expect(await owner.call("GET /notes"))
'''


def test_traceback_of_a_wrong_answer_shows_only_the_check(root: Path) -> None:
    (root / "desk_checks/test_breaks.py").write_text(BREAKS, encoding="utf-8")
    desk, words = (
        Desk("list_breaks"),
        ("--tb=short", "--maxfail=0", "-k", "breaks or test_operation"),
    )
    _, lines = run(root, desk, *words)
    assert any(line.startswith("desk_checks/test_breaks.py:6: in test_list") for line in lines)
    engine = re.compile(r"smoke/.*\.py:\d+: ")
    assert not [line for line in lines if engine.search(line)]
    _, lines = run(root, desk, *words, "--full-trace")
    assert any(map(engine.search, lines)), lines


def test_printing_goes_to_the_terminal_at_once(root: Path) -> None:
    (root / "desk_checks/test_prints.py").write_text(PRINTS, encoding="utf-8")
    _, lines = run(root, Desk(), "-s", "-k", "printing")
    assert "printed by the check" in lines
    assert not any("Captured" in line for line in lines)


def test_kept_world_stays_until_it_is_swept(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in clean_environ().items():
        monkeypatch.setenv(name, value)
    check = root / "desk_checks/test_note.py"
    check.write_text(KEEPS, encoding="utf-8")
    desk = Desk()
    with serving(desk.app()) as url:
        code, lines = run_at(root, url, "--keep", "-k", "stays")
        assert code == 0, lines
        assert any(line.startswith("kept      until ") for line in lines), lines
        assert len(desk.notes) == 1
        sweep = ["sweep", "--target=a", f"--root={root}"]
        assert main(sweep) == 0
        assert "left alone: --keep leaves it until" in capsys.readouterr().out
        assert main([*sweep, "--now"]) == 0
        assert desk.notes == {}


KEEPS = '''
"""A check that cleans up."""

async def test_note_stays(owner, expect, run, cleanup):
    """A note is written."""
    note = expect(await owner.call("POST /notes", json={"title": f"smoke-{run.id}"}), 201)
    cleanup(owner, "DELETE /notes/{note_id}", note_id=note.value("/id"))
    expect(await owner.call("GET /notes/{note_id}", note_id=note.value("/id")))
'''


def test_command_runs_in_a_project_that_makes_warnings_errors(root: Path) -> None:
    table = root / "pyproject.toml"
    strict = '[tool.pytest]\nfilterwarnings = ["error"]'
    strict = table.read_text("utf-8").replace("[tool.pytest]", strict)
    table.write_text(strict, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "smoke", "run", "a", "--collect-only"],
        cwd=root, env=clean_environ(PYTHONPATH=str(ROOT)), capture_output=True, text=True,
        check=False, timeout=55,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
