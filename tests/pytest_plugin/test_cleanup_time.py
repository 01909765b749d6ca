"""After the deadline there is time for the cleanup; what it cannot remove is listed and kept."""

import json
from pathlib import Path
from typing import Any

from tests.desk import Desk, has, project
from tests.forked import run_module
from tests.smoking import ROOT, clean_environ
from tests.unlike.serve import serving

SLEEPS = '''
import asyncio


async def test_sleeps(owner, expect, cleanup, run):
    """Two notes are written."""
    for _ in range(2):
        made = expect(await owner.call("POST /notes", json={"title": f"smoke-{run.id}"}), 201)
        cleanup(owner, "DELETE /notes/{note_id}", note_id=made.value("/id"))
    await asyncio.sleep(50)
'''


def ended(root: Path, url: str) -> tuple[int, dict[str, Any], str]:
    """Run a check that makes two notes and then sleeps beyond the deadline of the run."""
    (root / "desk_checks/test_sleeping.py").write_text(SLEEPS, encoding="utf-8")
    has(root, {"a": f'base_url = "{url}"\ndeadline_s = 4'})
    environ = clean_environ(PYTHONPATH=str(ROOT))
    done = run_module(["pytest", "--target=a", "-k", "sleeps"], root, environ, timeout=55)
    last = (root / ".smoke/a/run.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    return done.returncode, json.loads(last), done.stdout + done.stderr


def test_run_removes_its_things_after_the_deadline(tmp_path: Path) -> None:
    desk = Desk()
    with serving(desk.app()) as url:
        code, last, out = ended(project(tmp_path / "project"), url)
    assert (code, last["cause"]) == (2, "environment"), out
    assert "The run's deadline of 4 s has passed while test_sleeps was running" in last["reason"]
    assert last["behind"] == []
    assert desk.notes == {}


def test_what_the_cleanup_cannot_remove_is_listed_and_kept_for_a_sweep(tmp_path: Path) -> None:
    desk = Desk("never_throws_away")
    root = project(tmp_path / "project")
    with serving(desk.app()) as url:
        code, last, out = ended(root, url)
        assert code == 2, out
        assert sorted(last["behind"]) == [f"DELETE /notes/{name}" for name in sorted(desk.notes)]
        assert len(desk.notes) == 2
        for name in desk.notes:
            assert f"left behind: DELETE /notes/{name}" in out
        desk.fault = ""
        ended(root, url)
        assert len(list((root / ".smoke/a").glob("unswept-*.jsonl"))) == 1
