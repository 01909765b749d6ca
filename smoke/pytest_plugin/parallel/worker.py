"""A worker of a run of several targets: it runs one of them, whole and in order."""

import os
import pickle
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from filelock import FileLock

from smoke.config.settings import Settings
from smoke.errors import Exit, SmokeError
from smoke.pytest_plugin.begin import begin
from smoke.pytest_plugin.hooks import RunHooks
from smoke.report.columns import StyledLine
from smoke.session.service_process import started

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController  # type: ignore[import-untyped]


# The name under which a worker's input holds its task; empty for a worker without a target.
TASK = "smoke_task"

# The name of the property that carries lines with a report.
KEY = "smoke lines"

# What a worker's output holds: its last lines, and the misuse that kept it from asking.
LINES, MISUSE = "smoke_lines", "smoke_misuse"


@dataclass(frozen=True)
class Task:
    """
    One target for one worker: its settings, where its files go, and the label of its lines.

    Workers with the same `lane`, the path of a lock, ask their targets one after the other.
    """

    settings: Settings
    folder: Path
    label: str
    lane: Path

    def packed(self) -> bytes:
        """Return the task as execnet can carry it."""
        return pickle.dumps(self)


def unpacked(data: bytes) -> Task:
    """Return the task that a controller packed."""
    task = pickle.loads(data)  # noqa: S301  (written by the process that started this one)
    assert isinstance(task, Task)  # noqa: S101
    return task


class WorkerTerminal:
    """Replaces the terminal in a worker: keeps the lines until the next report carries them."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.mask: Callable[[str], str] = str
        # Lines that no report has taken along yet.
        self.kept: list[StyledLine] = []

    def show(self, lines: Iterable[StyledLine]) -> None:
        """Keep the lines, masked."""
        self.kept += [(self.mask(text), style) for text, style in lines]

    def take(self) -> list[StyledLine]:
        """Return the lines that are kept, and forget them."""
        taken = list(self.kept)
        self.kept.clear()
        return taken


class Worker:
    """The hooks that a run has only in a worker."""

    def __init__(
        self, config: pytest.Config, hooks: RunHooks, terminal: WorkerTerminal, lane: FileLock
    ) -> None:
        self.hooks = hooks
        self.lane = lane
        self.terminal = terminal
        terminal.mask = hooks.smoke.run.secrets.mask
        self.target = hooks.smoke.settings.target.name
        self.output: dict[str, Any] = config.workeroutput  # type: ignore[attr-defined]
        self.output[LINES] = terminal.kept

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the session, which a crash ends."""
        self.session = session

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Put every check into the group of the target (`--dist loadgroup`)."""
        item.add_marker(pytest.mark.xdist_group(self.target))

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, object, object]:
        """Nothing runs where the checks cannot be collected; xdist would run what is left."""
        try:
            return (yield)
        except pytest.UsageError as error:
            self.hooks.closing.stop(SmokeError(str(error)))
            session.items = []
            session.config.hook.pytest_collection_finish(session=session)
            return True

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out everything where something could not be collected."""
        if self.hooks.closing.stopped is not None:
            items.clear()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Send the lines that wait along with the report."""
        report = yield
        lines = self.terminal.take()
        if lines:
            report.user_properties.append((KEY, lines))
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """How this target ended is no reason for xdist to stop the others."""
        self.output.update(exitstatus=0, shouldfail=False, shouldstop=False)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Let the next target of the lane be asked."""
        self.lane.release()

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """End at once with the verdict in the record: xdist would take the others along."""
        self.hooks.pytest_internalerror(excinfo)
        self.hooks.conclude(self.session)
        self.hooks.pytest_unconfigure()
        os._exit(Exit.INTERNAL)


def begin_in_worker(config: pytest.Config) -> None:
    """Turn a worker into the run of its target; one without a target has nothing to do."""
    data = config.workerinput[TASK]  # type: ignore[attr-defined]
    if not data:
        config.args = []
        return
    task = unpacked(data)
    terminal = WorkerTerminal(task.label)
    # the system lets a lock go with the process that holds it, however that one ends
    lane = FileLock(task.lane, poll_interval=0.1)
    lane.acquire()
    try:
        hooks = begin(
            config, task.settings, task.folder, started(task.settings, os.environ), terminal
        )
    except SmokeError as error:
        config.args = []
        misuse = [str(error), int(error.exit_code), str(error.cause)]
        config.workeroutput[MISUSE] = misuse  # type: ignore[attr-defined]
        lane.release()
        return
    config.pluginmanager.register(Worker(config, hooks, terminal, lane), "smoke-worker")


# Each worker gets the checks of its own target, once: they differ from target to target.
class ByTarget:
    """A scheduler of pytest-xdist: a worker runs all that it has collected, as soon as it has.

    Unlike xdist's own, it does not want the workers to have collected the same, as what a target
    gets depends on its settings; and what a worker leaves when it dies is never run elsewhere.
    """

    def __init__(self, many: int) -> None:
        self._many = many
        self._settled: set[str] = set()
        self._collected: dict[WorkerController, list[str]] = {}
        self._pending: dict[WorkerController, list[int]] = {}

    @property
    def nodes(self) -> "list[WorkerController]":
        """The workers that are there."""
        return list(self._pending)

    @property
    def collection_is_completed(self) -> bool:
        """Whether there is something to give out: always, as no worker waits for another."""
        return True

    @property
    def tests_finished(self) -> bool:
        """Whether every target has got its checks, or will not any more."""
        return len(self._settled) >= self._many

    @property
    def has_pending(self) -> bool:
        """Whether checks are still to be run."""
        return any(self._pending.values())

    def add_node(self, node: "WorkerController") -> None:
        """A worker is there; one without a target may go."""
        self._pending[node] = []
        if not node.workerinput[TASK]:
            node.shutdown()

    def add_node_collection(self, node: "WorkerController", collection: Sequence[str]) -> None:
        """Let a worker run what it has collected."""
        self._collected[node] = list(collection)
        self._pending[node] = list(range(len(collection)))
        self._settle(node)
        node.send_runtest_all()
        node.shutdown()

    def _settle(self, node: "WorkerController") -> None:
        if node.workerinput[TASK]:
            self._settled.add(node.gateway.id)

    def mark_test_complete(
        self,
        node: "WorkerController",
        item_index: int,
        duration: float = 0,  # noqa: ARG002  (xdist's signature)
    ) -> None:
        """A worker has run a check."""
        self._pending[node].remove(item_index)

    def remove_node(self, node: "WorkerController") -> str | None:
        """A worker is gone; returns the check it was running if it died."""
        self._settle(node)
        pending = self._pending.pop(node)
        died = not hasattr(node, "workeroutput")
        return self._collected[node][pending[0]] if pending and died else None

    def schedule(self) -> None:
        """Nothing: what there is has been given out."""

    def mark_test_pending(self, item: str) -> NoReturn:
        """No check is run twice."""
        raise NotImplementedError(item)

    def remove_pending_tests_from_node(
        self, node: "WorkerController", indices: Sequence[int]
    ) -> NoReturn:
        """No check changes its worker."""
        raise NotImplementedError(node, indices)
