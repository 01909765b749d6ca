"""A Python without the toolkit's packages gets a sentence instead of a traceback."""

import subprocess
import sys

import pytest

from tests.readme_commands.__main__ import commands
from tests.smoking import ROOT, clean_environ


@pytest.mark.parametrize("command", ["serve", "run", "--help"])
def test_module_without_its_packages_names_the_way_in(command: str) -> None:
    done = subprocess.run(  # noqa: S603  (our own module; -S leaves out installed packages)
        [sys.executable, "-S", "-m", "smoke", command],
        cwd=ROOT, env=clean_environ(), capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert "does not have the package" in done.stderr
    assert ".venv/bin/nox -s smoke" in done.stderr
    assert "Traceback" not in done.stderr


def test_marked_run_without_the_plugin_collects_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:smoke", "-m", "smoke"],
        cwd=ROOT, env=clean_environ(), capture_output=True, text=True, check=False, timeout=50,
    )  # fmt: skip
    assert done.returncode == 4, done.stdout
    assert "Run: nox -s smoke" in done.stderr
    assert "collected" not in done.stdout


def test_readme_shows_venv_uv_and_pipx() -> None:
    assert [command.split()[0] for command in commands()] == ["python3", "python3", "uvx", "pipx"]
