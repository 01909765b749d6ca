"""`smoke run`: starts pytest for the selected targets."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from smoke.cli.options import root_option, settings_of
from smoke.errors import Exit, SmokeError

if TYPE_CHECKING:
    from smoke.config.settings import Settings


@click.command(
    "run",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    options_metavar="[--root DIR]",
)
@root_option
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[TARGET]... [PYTEST OPTION]...")
def run_command(root: Path, words: tuple[str, ...]) -> int:
    """
    Run the checks and the plan against targets.

    The same as `pytest --target TARGET`. Words after the targets are options for pytest:
    `smoke run staging -k login --gate billing`. With `--watch`, it runs again what failed when a
    check, a rule or the plan changes. With `--unit DIR`, the run is a unit of work
    (`smoke run --unit --help`).
    """
    # `run` passes unknown options on to pytest, so it looks for `--unit` itself.
    if any(word == "--unit" or word.startswith("--unit=") for word in words):
        from smoke.cli.units import unit_command

        return int(
            unit_command.main([f"--root={root}", *words], "smoke run", standalone_mode=False)
        )
    if WATCH in words:
        os.chdir(root)
        sys.path.insert(0, "")  # the project's checks are found as in a run
        settings = settings_of(Path())
        others = [word for word in words if word != WATCH]
        return watch(Path(), others, lambda: watched(settings))
    import pytest

    from smoke.config.table import load_table

    # Imported now, pytest does not compile them anew: that costs the first run half a second.
    from smoke.pytest_plugin import PLUGINS, begin, plugin  # noqa: F401
    from smoke.pytest_plugin.claim import Watch, settle

    root = root.resolve()
    targets, options = split(words)
    try:
        table = load_table(root, os.environ)
    except SmokeError as error:
        settle(root, [*(f"--target={name}" for name in targets), *options], error)
        raise
    default = os.environ.get("SMOKE_TARGET") or str(table.get("target", "local"))
    # An explicit --target among the options of pytest wins.
    named = [word for word in options if word == "--target" or word.startswith("--target=")]
    target_options = [] if named else [f"--target={name}" for name in targets or [default]]
    # Checks and pytest resolve relative paths against the working directory.
    os.chdir(root)
    words_of_pytest = [f"--rootdir={root}", *PLUGINS, *target_options, *options]
    return int(pytest.main(words_of_pytest, plugins=[Watch(root)]))


# An option, a node id, or a file with checks.
PYTEST_WORD = re.compile(r"^-|::|\.py$")


def split(words: Any) -> tuple[list[str], list[str]]:
    """Split the words into leading targets and what is for pytest: options, files and node ids."""
    of_pytest = (at for at, word in enumerate(words) if PYTEST_WORD.search(word))
    first = next(of_pytest, len(words))
    return list(words[:first]), [word for word in words[first:] if word != "--"]


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
