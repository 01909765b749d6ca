"""The commands that a message suggests: those that exist in this project."""

from pathlib import Path

NOXFILE = "noxfile.py"


def run_again(root: Path, session: str, target: str) -> str:
    """Return the command that runs a target once more; flags may follow it."""
    return f"nox -s {session} --" if (root / NOXFILE).is_file() else f"smoke run {target}"


def plan_again(plan: Path) -> str:
    """Return the command that makes a plan: the nox session if the project has one."""
    for directory in plan.absolute().parents:
        noxfile = directory / NOXFILE
        if noxfile.is_file():
            # A short noxfile may have sessions for runs only.
            has_session = "def plan(" in noxfile.read_text(encoding="utf-8", errors="replace")
            return "nox -s plan" if has_session else "smoke plan"
    return "smoke plan"
