"""Two lines in a noxfile define a session for each target, with the exit code of the run."""

import subprocess
import sys
from pathlib import Path

from tests.smoking import clean_environ

NOXFILE = "from smoke.nox import sessions\n\nsessions()\n"
TABLE = 'target = "eu"\n[targets.eu]\nbase_url = "http://127.0.0.1:1"\n[targets.us]\nbase_ur = ""\n'


def nox(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run nox in a directory."""
    return subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-m", "nox", *words], cwd=root, env=clean_environ(),
        capture_output=True, text=True, check=False, timeout=50,
    )  # fmt: skip


def test_each_target_has_a_session(tmp_path: Path) -> None:
    (tmp_path / "noxfile.py").write_text(NOXFILE, encoding="utf-8")
    (tmp_path / "smoke.toml").write_text(TABLE, encoding="utf-8")
    listed = nox(tmp_path, "-l").stdout
    assert "* smoke -> Smoke checks against target 'eu'." in listed
    assert "- smoke-quick -> Smoke checks against target 'eu'. --depth=quick" in listed
    assert "- smoke-us -> Smoke checks against target 'us'." in listed


def test_session_exits_with_the_code_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "noxfile.py").write_text(NOXFILE, encoding="utf-8")
    (tmp_path / "smoke.toml").write_text(TABLE, encoding="utf-8")
    assert nox(tmp_path, "-s", "smoke-us").returncode == 4
