"""`smoke run --watch`: runs again what failed when a check, a rule or the plan changes."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.errors import Exit

if TYPE_CHECKING:
    from smoke.config.settings import Settings

# Seconds between two looks at the files: no system has the same notifications for changed files.
PAUSE_S = 0.5

WATCH = "--watch"

# The option of pytest that runs only what failed in the last run; everything if nothing failed.
FAILED = "--lf"

State = dict[Path, int]


def watch(root: Path, words: Sequence[str], files: Callable[[], Iterator[Path]]) -> int:
    """Run the suite, then what failed after each change, until Ctrl-C; return the last code."""
    command = [sys.executable, "-m", "smoke", "run", f"--root={root}", *words]
    code = int(Exit.GREEN)
    try:
        while True:
            before = _state(files())
            failed = [FAILED] if code else []
            code = subprocess.call([*command, *failed])  # noqa: S603  (this command itself)
            print(f"watching {len(before)} files; Ctrl-C ends this", flush=True)
            while _state(files()) == before:
                time.sleep(PAUSE_S)
    except KeyboardInterrupt:
        return code


def watched(settings: "Settings") -> Iterator[Path]:
    """The files that a run reads: settings, contract, rules, plan and checks."""
    yield from (settings.root / name for name in ("pyproject.toml", "smoke.toml"))
    yield from (settings.contract, settings.rules, settings.plan)
    found = find_spec(settings.checks) if settings.checks else None
    for place in (found.submodule_search_locations or ()) if found else ():
        yield from sorted(Path(place).rglob("*.py"))


def _state(files: Iterator[Path]) -> State:
    """When each file was changed last, in nanoseconds; a file that is not there has none."""
    return {path: path.stat().st_mtime_ns for path in files if path.is_file()}
