"""Messages name a command that exists."""

import sys
from pathlib import Path

import pytest

from smoke.config.again import plan_again, run_again

TWO_LINES = "from smoke.nox import sessions\n\nsessions()\n"
OWN = "def plan(session): ...\n"


def test_run_is_a_nox_session_only_with_a_noxfile(tmp_path: Path) -> None:
    assert run_again(tmp_path, "smoke-eu", "eu") == "smoke run eu"
    (tmp_path / "noxfile.py").write_text(TWO_LINES)
    assert run_again(tmp_path, "smoke-eu", "eu") == "nox -s smoke-eu --"


def test_nox_is_named_only_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "noxfile.py").write_text(OWN)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert run_again(tmp_path, "smoke-eu", "eu") == "smoke run eu"
    assert plan_again(tmp_path / "openapi/plan.json") == "smoke plan"
    (tmp_path / "nox").write_text("#!/bin/sh\n")
    (tmp_path / "nox").chmod(0o755)
    assert run_again(tmp_path, "smoke-eu", "eu") == "nox -s smoke-eu --"


def test_plan_is_a_nox_session_only_if_the_noxfile_has_it(tmp_path: Path) -> None:
    plan = tmp_path / "openapi/plan.json"
    assert plan_again(plan) == "smoke plan"
    (tmp_path / "noxfile.py").write_text(TWO_LINES)
    assert plan_again(plan) == "smoke plan"
    (tmp_path / "noxfile.py").write_text(OWN)
    assert plan_again(plan) == "nox -s plan"
