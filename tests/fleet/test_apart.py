"""A run of one target is as it was: it imports nothing of fleets, nor of their extras."""

import re
import subprocess
import sys
from pathlib import Path

from tests.desk import has, project
from tests.fleet.units import environ_of

EXTRAS = ("smoke.fleet", "temporalio", "fsspec")


def test_run_of_one_target_imports_nothing_of_fleets(tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    has(root, {"known": 'base_url = "http://127.0.0.1:9"\nready_s = 0.2'})
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "smoke", "run", "known"],
        cwd=root, env=environ_of(), capture_output=True, text=True, check=False, timeout=50,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout
    names = re.findall(r"\|\s+([\w.]+)$", done.stderr, re.MULTILINE)
    assert "smoke.session.session" in names
    assert [name for name in names if name.startswith(EXTRAS)] == []
