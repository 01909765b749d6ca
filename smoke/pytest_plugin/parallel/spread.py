"""Several targets in one run: each gets a pytest-xdist worker of its own, one target gets none.

pytest calls this module's hook before xdist reads how many workers there are to be.
"""

import os
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from smoke.errors import ConfigError, SmokeError
from smoke.pytest_plugin.asked import is_asked, listing
from smoke.pytest_plugin.claim import misused

if TYPE_CHECKING:
    from smoke.config.settings import Flags, Settings

# The settings of each target that is asked for, or why there are none.
SETTINGS = pytest.StashKey["dict[str, Settings | SmokeError]"]()

# A note about options of pytest-xdist that do not apply.
IGNORED = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """Read the settings of the selected targets, and set one worker per target."""
    if is_asked(config.option, config.rootpath) and not hasattr(config, "workerinput"):
        try:
            config.stash[SETTINGS] = by_target = _read(config)
            _have_workers(config, by_target)
        except SmokeError as error:
            raise misused(config, error) from None
    return (yield)


def _read(config: pytest.Config) -> "dict[str, Settings | SmokeError]":
    """The settings of each target; a mistake in one row affects only that target."""
    from smoke.config.settings import asked_targets, read_settings
    from smoke.config.table import load_table

    if not __debug__:
        raise ConfigError(
            ["python -O removes assert statements, so checks prove nothing. Run without it."]
        )
    root = config.rootpath
    table = load_table(root, os.environ)
    names = asked_targets(table, os.environ, config.getoption("--target"))
    if len(names) > 1 and (url_of(config) or os.environ.get("SMOKE_BASE_URL")):
        several = ", ".join(names)
        raise ConfigError(
            [
                "--base-url and SMOKE_BASE_URL apply to one target, but several were selected: "
                f"{several}."
            ]
        )
    found: dict[str, Settings | SmokeError] = {}
    for name in names:
        try:
            found[name] = read_settings(table, root, os.environ, flags_of(config, name))
        except SmokeError as error:
            found[name] = error
    return found


def _have_workers(config: pytest.Config, by_target: "dict[str, Settings | SmokeError]") -> None:
    """Set xdist's options: one worker for each target that can be asked, none for a single one.

    Raises:
        ConfigError: no target can be asked, or several cannot be.
    """
    option = config.option
    there = hasattr(option, "numprocesses")
    if len(by_target) == 1:
        if there and (option.numprocesses or option.distload or option.tx):
            config.stash[IGNORED] = (
                "Ignoring the xdist options: a single target runs in one process."
            )
            option.numprocesses, option.distload = 0, False
        return
    errors = [one for one in by_target.values() if isinstance(one, SmokeError)]
    if len(errors) == len(by_target):
        raise ConfigError(dict.fromkeys(line for e in errors for line in str(e).splitlines()))
    if not there:
        raise ConfigError(["Several targets need pytest-xdist, which -p no:xdist switches off."])
    if listing(option):
        raise ConfigError([f"{listing(option)} lists the checks of one target. Name one."])
    if option.at_once < 1:
        raise ConfigError([f"--at-once is {option.at_once}. Allowed: 1 or more."])
    option.numprocesses = len(by_target) - len(errors)
    option.dist, option.distload, option.maxprocesses, option.tx = "loadgroup", False, None, []
    option.maxworkerrestart = str(len(by_target))  # what replaces a dead worker gets nothing to do
    option.maxfail = 0  # each worker counts the failures of its own target


def url_of(config: pytest.Config) -> str | None:
    """
    Return the URL of `--base-url` on the command line.

    What pytest-base-url takes from its own setting or variable is for a browser, not for a target.
    """
    words = config.invocation_params.args
    given = any(str(word).partition("=")[0] == "--base-url" for word in words)
    return config.getoption("base_url", None) if given else None


def flags_of(config: pytest.Config, target: str) -> "Flags":
    """The command-line options of a target."""
    from smoke.config.settings import Flags

    shut = [f"{name}=off" for name in config.getoption("--no-gate")]
    return Flags(
        target=target,
        base_url=url_of(config),
        gates=(*config.getoption("--gate"), *shut),
        allow=tuple(config.getoption("--allow")),
        production=tuple(config.getoption("--production")),
        depth=config.getoption("--depth"),
        version=config.getoption("--expect-version"),
        concurrency=config.getoption("--concurrency"),
    )
