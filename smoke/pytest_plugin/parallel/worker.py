"""A worker of several targets: it runs one of them, whole and in order, and says how it went."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smoke.config.settings import read_settings
from smoke.config.table import load_table
from smoke.errors import Exit, SmokeError
from smoke.pytest_plugin.begin import begin
from smoke.pytest_plugin.parallel.relay import KEY, Relay
from smoke.pytest_plugin.parallel.spread import FOLDER, LABEL, TARGET, flags_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from smoke.pytest_plugin.hooks import Conductor

LINES, MISUSE = "smoke_lines", "smoke_misuse"
"""What a worker tells the controller when it ends: its last lines, and why nothing was asked."""


class Worker:
    """What the run of a target does otherwise when it has a worker to itself."""

    def __init__(self, config: pytest.Config, conductor: "Conductor", relay: Relay) -> None:
        self.conductor = conductor
        self.relay = relay
        relay.mask = conductor.smoke.run.secrets.mask
        self.target = conductor.smoke.settings.target.name
        self.output: dict[str, Any] = config.workeroutput  # type: ignore[attr-defined]
        self.output[LINES] = relay.kept

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the session, which a crash ends."""
        self.session = session

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Put every check into the group of the target (`--dist loadgroup`)."""
        item.add_marker(pytest.mark.xdist_group(self.target))

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self, session: pytest.Session) -> "Generator[None, object, object]":
        """Nothing runs where the checks cannot be collected; xdist would run what is left."""
        try:
            return (yield)
        except pytest.UsageError as error:
            self.conductor.stopped = SmokeError(str(error))
            session.items = []
            session.config.hook.pytest_collection_finish(session=session)
            return True

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out everything where something could not be collected."""
        if self.conductor.stopped is not None:
            items.clear()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self,
    ) -> "Generator[None, pytest.TestReport, pytest.TestReport]":
        """Let the report take along what there is to say."""
        report = yield
        lines = self.relay.take()
        if lines:
            report.user_properties.append((KEY, lines))
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """How this target ended is no reason for xdist to stop the others."""
        self.output.update(exitstatus=0, shouldfail=False, shouldstop=False)

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """End at once with the verdict in the record: xdist would take the others along."""
        self.conductor.pytest_internalerror(excinfo)
        self.conductor.pytest_sessionfinish(self.session)
        self.conductor.pytest_unconfigure()
        os._exit(Exit.INTERNAL)


def take_seat(config: pytest.Config) -> None:
    """Turn a worker into the run of its target; one without a target has nothing to do."""
    told = config.workerinput  # type: ignore[attr-defined]
    if not told[TARGET]:
        config.args = []
        return
    root = config.rootpath
    relay = Relay(told[LABEL], Path(told[FOLDER]))
    try:
        table = load_table(root)
        settings = read_settings(table, root, os.environ, flags_of(config, told[TARGET]))
        conductor = begin(config, settings, relay)
    except SmokeError as error:
        config.args = []
        config.workeroutput[MISUSE] = [str(error), int(error.exit_code), str(error.cause)]  # type: ignore[attr-defined]
        return
    config.pluginmanager.register(Worker(config, conductor, relay), "smoke-worker")
