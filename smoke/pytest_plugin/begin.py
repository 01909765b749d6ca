"""Turning a pytest run into the smoke run of one target, in this process or in a worker."""

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smoke.errors import SmokeError
from smoke.pytest_plugin.deadline import Deadline
from smoke.pytest_plugin.hooks import Conductor
from smoke.results.run import GREEN

if TYPE_CHECKING:
    from smoke.config.settings import Settings
    from smoke.pytest_plugin.parallel.relay import Relay

DERIVED = ("live.py", "refusals.py", "generated.py")
"""Modules of the engine that pytest collects: their checks are derived from the contract."""


def begin(config: pytest.Config, settings: "Settings", relay: "Relay | None" = None) -> Conductor:
    """Set what pytest collects and when it stops, and start the service and the run.

    Raises:
        SmokeError: the run is misused.
    """
    config.option.asyncio_mode = "auto"
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        derived = [str(Path(__file__).parent / "derived" / name) for name in DERIVED]
        written = [str(_folder(settings.checks))] if settings.checks else []
        config.args = [*written, *derived]
    if not config.option.maxfail and "--maxfail=0" not in config.invocation_params.args:
        config.option.maxfail = 1
    earlier = _earlier(config, settings)
    conductor = Conductor(config, settings, os.environ, relay)
    if earlier:
        (conductor.smoke.folder / GREEN).write_bytes(earlier)
    config.pluginmanager.register(conductor, "smoke-conductor")
    config.pluginmanager.register(Deadline(conductor.smoke), "smoke-deadline")
    return conductor


def _earlier(config: pytest.Config, settings: "Settings") -> bytes:
    """The record that this run is to be compared with instead of that of the last green one.

    Raises:
        DataError: it cannot be read.
    """
    path = config.getoption("--since")
    if not path:
        return b""
    from smoke.report.since import given

    return given(config.rootpath / path, settings.target.name)


def _folder(module: str) -> Path:
    """Where the checks are: the folder of a package."""
    found = importlib.util.find_spec(module)
    places: Any = found.submodule_search_locations if found else None
    if not places:
        raise SmokeError(f"[tool.smoke] checks = {module!r} is not a package that can be imported.")
    return Path(next(iter(places)))
