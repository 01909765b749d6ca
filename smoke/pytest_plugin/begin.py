"""The start of a smoke run of one target, in this process or in a worker of pytest-xdist."""

import importlib.util
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from smoke.errors import SmokeError
from smoke.pytest_plugin.closing import Closing
from smoke.pytest_plugin.deadline import Deadline
from smoke.pytest_plugin.fixtures import STASH
from smoke.pytest_plugin.hooks import RunHooks
from smoke.pytest_plugin.selection import Selection
from smoke.pytest_plugin.terminal import SmokeTerminal
from smoke.report.files import begin_reports
from smoke.report.summary import header
from smoke.results.heading import heading
from smoke.results.kept import kept
from smoke.results.run_dir import GREEN
from smoke.session.session import SmokeSession

if TYPE_CHECKING:
    from smoke.config.settings import Settings
    from smoke.pytest_plugin.parallel.worker_terminal import WorkerTerminal

DERIVED = ("live.py", "refusals.py", "paging.py", "generated.py")
"""Modules of the engine that pytest collects: their checks are derived from the contract."""


def begin(
    config: pytest.Config,
    settings: "Settings",
    folder: "Path | None" = None,
    worker: "WorkerTerminal | None" = None,
) -> RunHooks:
    """Set what pytest collects and when it stops, and start the service and the run.

    `worker` takes the lines of the run where another process has the terminal; that process holds
    `folder`, too.

    Raises:
        SmokeError: the run is misused.
    """
    _select(config, settings)
    earlier = _earlier(config, settings)
    smoke = _session(config, settings, folder)
    if earlier:
        (smoke.folder / GREEN).write_bytes(earlier)
    terminal = worker or SmokeTerminal(config, smoke.run.secrets.mask, header(smoke.run.header))
    hooks = RunHooks(config, smoke, terminal, Closing(config, smoke, os.environ))
    register = config.pluginmanager.register
    if isinstance(terminal, SmokeTerminal) and not config.option.collectonly:
        config.pluginmanager.unregister(name="terminalreporter")
        register(terminal, "terminalreporter")
    config.pluginmanager.import_plugin("smoke.pytest_plugin.fixtures")
    register(Selection(config, smoke), "smoke-selection")
    register(hooks, "smoke-run")
    register(Deadline(smoke), "smoke-deadline")
    return hooks


def _select(config: pytest.Config, settings: "Settings") -> None:
    """Have pytest collect the checks, those of the project and the derived ones."""
    config.option.asyncio_mode = "auto"
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        derived = [str(Path(__file__).parent / "derived" / name) for name in DERIVED]
        sys.path.insert(0, str(settings.root))  # the console script does not have it there
        written = [str(_folder(settings.checks))] if settings.checks else []
        config.args = [*written, *derived]
    if not config.option.maxfail and "--maxfail=0" not in config.invocation_params.args:
        config.option.maxfail = 1


def _session(config: pytest.Config, settings: "Settings", folder: "Path | None") -> SmokeSession:
    """The session of this run; one that only lists the checks leaves the last record alone."""
    records = Path(config.getoption("--records"))
    if config.option.collectonly:
        listing = TemporaryDirectory()
        config.add_cleanup(listing.cleanup)
        records = Path(listing.name)
    smoke = SmokeSession(settings, os.environ, records, folder)
    config.stash[STASH] = smoke
    smoke.run.begin(**heading(settings, smoke.contract))
    begin_reports([kept(smoke.run)], smoke.folder)
    return smoke


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
