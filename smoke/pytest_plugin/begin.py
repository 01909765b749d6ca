"""The start of a smoke run of one target, in this process or in a worker of pytest-xdist."""

import importlib.util
import os
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

import pytest

from smoke.errors import SmokeError
from smoke.pytest_plugin.asked import Listing
from smoke.pytest_plugin.beside.hooks import Beside
from smoke.pytest_plugin.closing import Closing
from smoke.pytest_plugin.deadline import Deadline
from smoke.pytest_plugin.fixtures import STASH
from smoke.pytest_plugin.hooks import RunHooks
from smoke.pytest_plugin.partial import Partial
from smoke.pytest_plugin.selection import Selection
from smoke.pytest_plugin.terminal import SmokeTerminal
from smoke.report.columns import terminal_width
from smoke.report.files import begin_reports
from smoke.report.summary import header
from smoke.results.heading import heading, kept_until
from smoke.results.masked_output import MaskedStream, mask_logs
from smoke.results.record import Record
from smoke.results.run_dir import GREEN
from smoke.results.secrets import Secrets
from smoke.session.session import SmokeSession

if TYPE_CHECKING:
    from smoke.config.settings import Settings
    from smoke.pytest_plugin.parallel.worker import WorkerTerminal
    from smoke.session.service_process import Service


# Modules of the engine that pytest collects: their checks are derived from the contract.
DERIVED = (
    "live.py", "refusals.py", "paging.py", "isolation.py", "forged.py", "input.py",
    "generated.py", "readback.py", "views.py",
)  # fmt: skip


def begin(
    config: pytest.Config,
    settings: "Settings",
    folder: "Path",
    service: "Service | None" = None,
    worker: "WorkerTerminal | None" = None,
) -> RunHooks:
    """
    Set what pytest collects and when it stops, and start the run in a folder.

    The run stops the `service` at its end. `worker` takes the lines of the run where another
    process has the terminal.

    Raises:
        SmokeError: the run is misused.
    """
    # Before this run replaces its files: `--since` may name one of them.
    earlier = _earlier(config, settings)
    if not config.option.maxfail and "--maxfail=0" not in config.invocation_params.args:
        config.option.maxfail = 1
    smoke = _session(config, settings, folder, service)
    smoke.keeps = config.option.keep and not settings.target.serve
    head = heading(settings, smoke.contract, smoke.rules.actors)
    smoke.run.begin(**head, **(kept_until(smoke.run.started) if smoke.keeps else {}))
    if config.option.keep and not smoke.keeps:
        smoke.run.note("Ignoring --keep: the service that this run started ends with it.")
    begin_reports([Record.of_lines(smoke.run.lines.kept)], folder)
    if earlier:
        (folder / GREEN).write_bytes(earlier)
    terminal = worker or SmokeTerminal(
        config, smoke.run.secrets.mask, header(smoke.run.header, terminal_width())
    )
    register = config.pluginmanager.register
    register(Masking(config, smoke.run.secrets), "smoke-masking")
    if isinstance(terminal, SmokeTerminal):
        config.pluginmanager.unregister(name="terminalreporter")
        register(terminal, "terminalreporter")
    partial = Partial(config, os.environ, _check_folders(settings))
    closing = Closing(smoke, partial, folder, os.environ)
    deadline = Deadline(config, smoke)
    beside = Beside(config, smoke, deadline)
    deadline.beside = beside.running
    hooks = RunHooks(config, smoke, terminal, closing, beside)
    register(partial, "smoke-partial")
    register(beside, "smoke-beside")  # before the run's hooks: they must see its errors
    register(hooks, "smoke-run")
    register(deadline, "smoke-deadline")
    return hooks


def begin_listing(config: pytest.Config, settings: "Settings", option: str) -> None:
    """Make pytest list the checks of a target or their fixtures, without sending or recording.

    Raises:
        SmokeError: the run would be misused.
    """
    config.option.setupplan = config.option.setupplan or config.option.setuponly
    _session(config, settings, None)
    config.pluginmanager.register(Listing(option), "smoke-listing")


def _session(
    config: pytest.Config,
    settings: "Settings",
    folder: "Path | None",
    service: "Service | None" = None,
) -> SmokeSession:
    """The session, and what pytest collects for it: the project's checks and the derived ones."""
    config.option.asyncio_mode = "auto"
    sys.path.insert(0, str(settings.root))  # the console script does not add it
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        *written, derived = _check_folders(settings)
        config.args = [*map(str, written), *(str(derived / name) for name in DERIVED)]
    config.stash[STASH] = smoke = SmokeSession(settings, os.environ, folder, service)
    config.pluginmanager.import_plugin("smoke.pytest_plugin.fixtures")
    config.pluginmanager.register(Selection(config, smoke), "smoke-selection")
    return smoke


def _earlier(config: pytest.Config, settings: "Settings") -> bytes:
    """The record of `--since`, which replaces the last green record in the comparison.

    Raises:
        DataError: the record cannot be read.
    """
    path = config.getoption("--since")
    if not path:
        return b""
    from smoke.report.compare import given

    return given(config.rootpath / path, settings.target.name)


def _check_folders(settings: "Settings") -> list[Path]:
    """The directories with the checks of a target; the derived checks come last."""
    written = [_folder(settings.checks)] if settings.checks else []
    return [*written, Path(__file__).parent / "derived"]


def _folder(module: str) -> Path:
    """The directory of a package with checks."""
    found = importlib.util.find_spec(module)
    places: Any = found.submodule_search_locations if found else None
    if not places:
        raise SmokeError(f"[tool.smoke] checks = {module!r} is not a package that can be imported.")
    return Path(next(iter(places)))


class Masking:
    """Masks from the start of a run to its end."""

    def __init__(self, config: pytest.Config, secrets: Secrets) -> None:
        self._mask = secrets.mask
        config.add_cleanup(mask_logs(secrets))
        _mask_trace(config.trace.root, secrets.mask)
        if config.option.capture == "no":
            # With `-s`, a check prints directly to the terminal.
            printed = ExitStack()
            printed.enter_context(redirect_stdout(_masked(sys.stdout, secrets.mask)))
            printed.enter_context(redirect_stderr(_masked(sys.stderr, secrets.mask)))
            config.add_cleanup(printed.close)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Mask a report before anything reads it, such as pytest's own `--junitxml`."""
        report = yield
        if isinstance(report.longrepr, tuple):
            path, line, reason = report.longrepr
            report.longrepr = path, line, self._mask(reason)
        elif report.longrepr is not None:
            report.longrepr = self._mask(report.longreprtext)
        report.sections = [(title, self._mask(text)) for title, text in report.sections]
        report.user_properties = [
            (name, self._mask(value) if isinstance(value, str) else value)
            for name, value in report.user_properties
        ]
        return report


def _masked(stream: TextIO, mask: Callable[[str], str]) -> TextIO:
    return cast("TextIO", MaskedStream(stream, mask))


def _mask_trace(trace: Any, mask: Callable[[str], str]) -> None:
    """Mask the file of `--debug`, which shows the arguments and results of all hooks."""
    write = trace._writer  # noqa: SLF001  (pluggy has no other way to ask)
    if write is not None:
        trace.setwriter(lambda text: write(mask(text)))
