"""The run itself, as a command."""

import os
from pathlib import Path
from typing import Any

import click

from smoke.cli.options import root_option


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

    The same as `pytest --target TARGET`. What follows the targets goes to pytest:
    `smoke run staging -k login --gate billing`. With `--unit DIR` it is a unit of work
    (`smoke run --unit --help`).
    """
    if any(word == "--unit" or word.startswith("--unit=") for word in words):
        from smoke.cli.units import unit_command

        return int(
            unit_command.main([f"--root={root}", *words], "smoke run", standalone_mode=False)
        )
    import pytest

    from smoke.config.table import load_table

    root = root.resolve()
    table = load_table(root, os.environ)
    targets, options = split(words)
    default = os.environ.get("SMOKE_TARGET") or str(table.get("target", "local"))
    named = [word for word in options if word == "--target" or word.startswith("--target=")]
    asked = [] if named else [f"--target={name}" for name in targets or [default]]
    os.chdir(root)
    return int(pytest.main([f"--rootdir={root}", *PLUGINS, *asked, *options]))


PLUGINS = ("-p", "no:schemathesis", "-o", "asyncio_default_fixture_loop_scope=session")
"""Without the plugin of schemathesis, which costs half a second; and pytest-asyncio is not to ask
a project without settings for them."""


def split(words: Any) -> tuple[list[str], list[str]]:
    """The targets in front, and the options for pytest behind them."""
    first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    return list(words[:first]), [word for word in words[first:] if word != "--"]
