"""The command that runs one check again: it works as it is printed, also with the engine inside."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from smoke.cli.running import split
from tests.smoking import ROOT, clean_environ
from tests.unlike import lockers
from tests.unlike.projects import KEYS, project_of
from tests.unlike.serve import serving

SMOKE = str(Path(sys.executable).with_name("smoke"))

CHECK = '''
"""A check with a name that `-k` does not take."""

import pytest


@pytest.mark.exercises("GET /audit")
@pytest.mark.parametrize("what", ["all of it"])
async def test_audit(actor, expect, what):
    """The audit is read."""
    expect(await actor("owner").call("GET /audit"))
'''


def smoke(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The console script in a project whose environment lies inside of it."""
    environ = clean_environ(PYTHONPATH=str(root / "lib"), **KEYS)
    return subprocess.run([SMOKE, "run", *words], cwd=root, env=environ, check=False,  # noqa: S603  (our own command)
                          capture_output=True, text=True, timeout=60)  # fmt: skip


def record(root: Path) -> list[dict[str, object]]:
    """The checks of the last run."""
    lines = (root / ".smoke/staging/run.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["kind"] == "check"]


@pytest.mark.parametrize("check", ["", CHECK], ids=["derived", "written"])
def test_command_of_a_failed_check_runs_that_check(check: str, tmp_path: Path) -> None:
    with serving(lockers.make("audit_breaks")) as url:
        root = project_of("lockers", tmp_path, f'base_url = "{url}"', 'checks = "mychecks"\n')
        for folder in ("lib", "mychecks"):
            (root / folder).mkdir()
        (root / "lib/smoke").symlink_to(ROOT / "smoke")
        (root / "mychecks/__init__.py").touch()
        (root / "mychecks/test_audit.py").write_text(check, encoding="utf-8")
        assert smoke(root, "staging").returncode == 1
        (failed,) = (one for one in record(root) if one["outcome"] == "failed")
        done = smoke(root, "staging", *shlex.split(str(failed["again"])))
    assert done.returncode == 1, done.stdout + done.stderr
    assert [one["check"] for one in record(root)] == [failed["check"]]


def test_node_id_after_the_targets_is_for_pytest() -> None:
    assert split(["eu", "mychecks/test_a.py::test_b[c d]"]) == (
        ["eu"], ["mychecks/test_a.py::test_b[c d]"],
    )  # fmt: skip
    assert split(["mychecks/test_a.py"]) == ([], ["mychecks/test_a.py"])
