"""`smoke run --watch` runs again what failed when a file of the project changes."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.desk import Desk, has, project
from tests.smoking import ROOT, clean_environ
from tests.unlike.serve import serving

WRONG = '''
"""A check with a wrong expectation."""


async def test_notes_are_listed(owner, expect):
    """The list is there."""
    expect(await owner.call("GET /notes"), 204)
'''


def until(child: "subprocess.Popen[str]", words: str) -> str:
    """The lines of a program up to the one with these words; it must print it before it ends."""
    assert child.stdout is not None
    lines = []
    for line in child.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def test_changed_check_runs_again(tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    table = (root / "pyproject.toml").read_text("utf-8")
    check = root / "desk_checks/test_another.py"
    check.write_text(WRONG, encoding="utf-8")
    with serving(Desk().app()) as url:
        has(root, {"a": f'base_url = "{url}"'})
        text = (root / "pyproject.toml").read_text("utf-8")
        cached = text.replace(', "-p", "no:cacheprovider"', "")
        assert cached != text, table
        (root / "pyproject.toml").write_text(cached, encoding="utf-8")
        with subprocess.Popen(
            [sys.executable, "-m", "smoke", "run", "--watch"],
            cwd=root, env=clean_environ(PYTHONPATH=str(ROOT)), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as child:  # fmt: skip
            try:
                first = until(child, "watching ")
                assert "FAIL  another.notes_are_listed" in first
                check.write_text(WRONG.replace("204", "200"), encoding="utf-8")
                second = until(child, "watching ")
                assert "ok    another.notes_are_listed" in second
                assert "GREEN (partial)" in second
            finally:
                child.send_signal(signal.SIGINT)
                child.wait(20)
    assert child.returncode == 0
