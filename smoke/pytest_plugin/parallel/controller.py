"""The process that starts a worker for each target, shows their lines and gives the one verdict."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from smoke.config.settings import Settings
from smoke.contract import Contract
from smoke.errors import Cause, CrashedError, DataError, Exit, SmokeError, UnverifiedError
from smoke.pytest_plugin.claim import CLAIMS, COMBINED, caught
from smoke.pytest_plugin.deadline import pass_on, was_interrupted
from smoke.pytest_plugin.parallel.worker import KEY, LINES, MISUSE, TASK, ByTarget, Task
from smoke.pytest_plugin.terminal import SmokeTerminal
from smoke.report.columns import StyledLine, terminal_width
from smoke.report.files import begin_reports, commands, write_reports
from smoke.report.several import end_of_several
from smoke.report.summary import header
from smoke.report.verdict_json import worst_of
from smoke.results.heading import header_without_settings, heading
from smoke.results.record import UNFINISHED, Line, Record
from smoke.results.record_reader import read
from smoke.results.run_dir import RECORD, put_aside
from smoke.results.secrets import Secrets
from smoke.results.verdict import Word, word_of


class Controller:
    """The hooks of the process that has no target itself."""

    def __init__(
        self,
        config: pytest.Config,
        by_target: Mapping[str, Settings | SmokeError],
        environ: Mapping[str, str],
    ) -> None:
        self.environ = environ
        self.config = config
        self.by_target = by_target
        self.width = max(map(len, by_target))
        self.waiting = [name for name in by_target if isinstance(by_target[name], Settings)]
        self.targets: dict[str, str] = {}
        self.died: dict[str, str] = {}
        self.crash: SmokeError | None = None
        self.pids: list[int] = []
        self.stopping = False
        self.heads: dict[str, Line] = {name: self._head(name) for name in by_target}
        self.misused: dict[str, tuple[str, int, str]] = {
            name: (str(one), int(one.exit_code), str(one.cause))
            for name, one in by_target.items()
            if isinstance(one, SmokeError)
        }
        self.claims = config.stash[CLAIMS]
        self.folders = {name: self.claims.folder(name) for name in (*by_target, COMBINED)}
        for name in by_target:  # what is read at the end is this run's, or nothing
            put_aside(self.folders[name] / RECORD)
            (self.folders[name] / RECORD).unlink(missing_ok=True)
        begin_reports([Record(head) for head in self.heads.values()], self.folders[COMBINED])
        self.secrets = Secrets()
        self.secrets.register(environ.get("SMOKE_USER_PASSWORD", ""), "SMOKE_USER_PASSWORD")
        config.add_cleanup(pass_on(self.stop))
        self.terminal = SmokeTerminal(config, self.secrets.mask, list(self._header()))
        plain = config.pluginmanager.get_plugin("terminalreporter")
        config.pluginmanager.unregister(plain)
        config.pluginmanager.register(self.terminal, "terminalreporter")

    def _head(self, name: str) -> Line:
        """What the first line of a target's record says, as far as it is known before it runs."""
        settings = self.by_target[name]
        head = header_without_settings(name) | {"id": "", "trace_id": ""}
        if isinstance(settings, Settings):
            with suppress(DataError):  # its worker says so, as the verdict of this target
                return head | heading(settings, Contract.load(settings.contract))
        return head

    def _header(self) -> Iterator[StyledLine]:
        for name in self.waiting:
            yield from header(self.heads[name], terminal_width())
        for name, (reason, *_) in self.misused.items():
            yield f"target    {name}  is not asked: {reason}", "bold"

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Take over the terminal: the lines of xdist about its workers are not shown."""
        manager = self.config.pluginmanager
        manager.unregister(name="terminaldistreporter")
        distributing: Any = manager.get_plugin("dsession")
        distributing.terminal = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self) -> ByTarget:
        """Give each worker what it has collected."""
        return ByTarget(len(self.waiting) + len(self.targets))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give a worker the next target; one that replaces a dead one gets none."""
        name = self.waiting.pop(0) if self.waiting else ""
        settings = self.by_target.get(name)
        node.workerinput[TASK] = b""
        if isinstance(settings, Settings):
            self.targets[node.gateway.id] = name
            # as many lanes as targets may be asked at once, each target on the next of them
            lane = (len(self.targets) - 1) % self.config.getoption("--at-once")
            place = self.folders[COMBINED]
            lock = place.with_name(f".{place.name}.lane{lane}.lock")
            task = Task(settings, self.folders[name], f"{name:<{self.width}}  ", lock)
            node.workerinput[TASK] = task.packed()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodeready(self, node: Any) -> None:
        """Keep the process of a worker, which is interrupted with this one."""
        # A worker that replaces a dead one has no target: if a signal ended it, xdist would
        # replace it again.
        if node.gateway.id not in self.targets:
            return
        self.pids.append(node.gateway._io.popen.pid)  # noqa: SLF001  (execnet has no public name)
        if self.stopping:
            self.stop()

    def stop(self) -> None:
        """Interrupt every worker: each one cleans up and reports its verdict."""
        self.stopping = True
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Count what is to be done, for the progress."""
        self.terminal.expect_more(len(ids))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Show the lines of a worker."""
        for name, lines in report.user_properties:
            if name == KEY:
                self.terminal.show(lines)  # type: ignore[arg-type]
        report.user_properties[:] = [p for p in report.user_properties if p[0] != KEY]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Show the last lines of a worker, and keep why it ended if it gave no reason."""
        name = self.targets.get(node.gateway.id, "")
        if error and name:
            last = self.secrets.mask(str(error)).strip().rpartition("\n")[2]
            self.died[name] = f"the worker of this target died: {last}"
        output = getattr(node, "workeroutput", {})
        self.terminal.show(output.get(LINES, ()))
        if MISUSE in output:
            self.misused[name] = tuple(output[MISUSE])

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """A crash in this process: what the workers saw may not be all."""
        self.crash = (
            UnverifiedError("the run was cut short: interrupted")
            if was_interrupted(excinfo.value)
            else CrashedError(f"the run crashed: {excinfo.exconly()}")
        )

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        """Read the records, write the reports, print the one verdict and set the exit code."""
        with caught(self.pytest_internalerror):
            yield
        records = [self._with_crash(self._record(name)) for name in self.by_target]
        session.exitstatus = int(worst_of(records).verdict["exit"])
        try:
            self._report(records)
        except UnverifiedError as error:  # such as a full disk; the files still say *unfinished*
            self.terminal.show([(f"UNVERIFIED ({error.cause})  {error}", "yellow verdict")])
            if session.exitstatus != Exit.RED:
                session.exitstatus = int(error.exit_code)
        self.claims.settled(int(session.exitstatus))

    def _report(self, records: list[Record]) -> None:
        """Write the reports of each target and those over all, and print how they ended."""
        pages = {
            record.target: write_reports([record], self.folders[record.target], {})
            for record in records
        }
        page = write_reports(records, self.folders[COMBINED], self.environ)
        self.terminal.notify(records, page, self.environ)
        self.terminal.conclude(
            end_of_several(records, pages, page, width=terminal_width()),
            commands(records, self.environ),
        )

    def _record(self, name: str) -> Record:
        """The record of a target, or a substitute if the target wrote none."""
        try:
            record = read(self.folders[name] / "run.jsonl")
        except SmokeError:
            record = Record(self.heads[name])
        if record.last is not None:
            return record
        if name in self.misused:
            reason, code, cause = self.misused[name]
            fields = {"word": str(word_of(Exit(code))), "exit": code, "seconds": 0.0}
            return replace(record, last=UNFINISHED | fields | {"reason": reason, "cause": cause})
        reason = self.died.get(name, "the run ended before this target had its verdict")
        unfinished = {"reason": reason, "cause": str(Cause.HARNESS)}
        seen = record.verdict
        return replace(record, last=seen | (unfinished if seen["exit"] != Exit.RED else {}))

    def _with_crash(self, record: Record) -> Record:
        """The record; a crash of this process leaves nothing verified but what was seen wrong."""
        if not self.crash or record.word in (Word.RED, Word.MISUSED):
            return record
        code, reason = self.crash.exit_code, str(self.crash)
        fields = {"word": "unverified", "cause": str(self.crash.cause), "exit": int(code)}
        return replace(record, last=record.verdict | fields | {"reason": reason})
