"""The terminal output for a person, for a log and for a pipe."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import Desk, has, project
from tests.smoking import ROOT, clean_environ
from tests.unlike.serve import serving


def seen(root: Path, *arguments: str, **environ: str) -> str:
    """What a run writes to a terminal of 80 columns."""
    here, there = pty.openpty()
    words = [sys.executable, "-m", "pytest", "--target=a", "--records=records", *arguments]
    environ = {"TERM": "xterm-256color", "COLUMNS": "80", "PYTHONPATH": str(ROOT), **environ}
    kept = {key: value for key, value in clean_environ(**environ).items() if key != "CI"}
    with subprocess.Popen(words, cwd=root, env=kept, stdout=there, stderr=there):  # noqa: S603
        os.close(there)
        reported = b""
        while part := read(here):
            reported += part
    os.close(here)
    return reported.decode()


def read(terminal: int) -> bytes:
    """The next bytes; none if the other side is gone, which Linux reports as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return project(tmp_path / "project")


def test_person_sees_colour_and_how_far_it_is(root: Path) -> None:
    with serving(Desk("list_breaks").app()) as url:
        has(root, {"a": f'base_url = "{url}"'})
        reported = seen(root)
    assert "\x1b[31m" in reported
    assert "\x1b[?25l" in reported
    assert "\x1b[?25h" in reported
    assert "collect" not in reported
    assert "RED (service)" in reported


@pytest.mark.parametrize(
    ("arguments", "environ"), [(["--no-color"], {}), (["--color=no"], {}), ([], {"NO_COLOR": "1"})]
)
def test_who_wants_no_colour_gets_plain_lines(
    arguments: list[str], environ: dict[str, str], root: Path
) -> None:
    with serving(Desk("").app()) as url:
        has(root, {"a": f'base_url = "{url}"'})
        reported = seen(root, *arguments, **environ)
    assert "\x1b" not in reported
    lines = reported.replace("\r\n", "\n").splitlines()
    assert [line for line in lines if len(line) > 80 and not line.startswith("report ")] == []
    assert lines[-1].startswith("GREEN  ")
