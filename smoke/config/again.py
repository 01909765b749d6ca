"""The commands that a message names: those that are there, in this project."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NOXFILE = "noxfile.py"


def run_again(root: Path, session: str, target: str) -> str:
    """Return the command that runs a target once more; flags may follow it."""
    return f"nox -s {session} --" if (root / NOXFILE).is_file() else f"smoke run {target}"


def plan_again(plan: Path) -> str:
    """Return the command that makes a plan: a nox session where the project has one for it."""
    for folder in plan.absolute().parents:
        noxfile = folder / NOXFILE
        if noxfile.is_file():
            # A noxfile of two lines has the sessions of runs only.
            has_session = "def plan(" in noxfile.read_text(encoding="utf-8", errors="replace")
            return "nox -s plan" if has_session else "smoke plan"
    return "smoke plan"
