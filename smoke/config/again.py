"""The commands that a message suggests: those that exist in this project."""

import sys
from pathlib import Path
from shutil import which

NOXFILE = "noxfile.py"


def run_again(root: Path, session: str, target: str) -> str:
    """Return the command that runs a target once more; flags may follow it."""
    has_session = (root / NOXFILE).is_file() and _nox_is_there()
    return f"nox -s {session} --" if has_session else f"smoke run {target}"


def _nox_is_there() -> bool:
    """Whether a shell finds nox, or it is installed beside this Python."""
    return bool(which("nox")) or Path(sys.executable).with_name("nox").exists()


def plan_again(plan: Path) -> str:
    """Return the command that makes a plan: the nox session if the project has one."""
    for directory in plan.absolute().parents:
        noxfile = directory / NOXFILE
        if noxfile.is_file():
            # A short noxfile may have sessions for runs only.
            has_session = "def plan(" in noxfile.read_text(encoding="utf-8", errors="replace")
            return "nox -s plan" if has_session and _nox_is_there() else "smoke plan"
    return "smoke plan"
