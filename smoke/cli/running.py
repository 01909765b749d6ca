"""`smoke run`: starts pytest for the selected targets."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from smoke.cli.options import root_option, settings_of
from smoke.cli.watching import WATCH, watch, watched


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
    from smoke.pytest_plugin import PLUGINS
    from smoke.pytest_plugin.claim import Watch

    root = root.resolve()
    table = load_table(root, os.environ)
    targets, options = split(words)
    default = os.environ.get("SMOKE_TARGET") or str(table.get("target", "local"))
    # An explicit --target among the options of pytest wins.
    named = [word for word in options if word == "--target" or word.startswith("--target=")]
    target_options = [] if named else [f"--target={name}" for name in targets or [default]]
    # Checks and pytest resolve relative paths against the working directory.
    os.chdir(root)
    words_of_pytest = [f"--rootdir={root}", *PLUGINS, *target_options, *options]
    return int(pytest.main(words_of_pytest, plugins=[Watch(root)]))


def split(words: Any) -> tuple[list[str], list[str]]:
    """Split the words into leading targets and the options for pytest."""
    first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    return list(words[:first]), [word for word in words[first:] if word != "--"]
