"""
The workflow of a fleet's run: an activity for each target, at most once, then the merge.

A unit without a result (its worker was killed, or cut off) does not start again: its target is
unverified by name. The records decide in the end; the workflow holds names and numbers only.
"""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.exceptions import TimeoutError as EngineTimeout

from smoke.fleet.temporal.data import (
    EXPECTED,
    MERGE,
    NAMED_MOST,
    PROGRESS,
    REASON_MOST,
    TARGETS,
    UNIT,
    VERDICT,
    VERSIONS,
    WORKFLOW,
    Expectation,
    Started,
    Task,
    UnitOrder,
    UnitResult,
    Verdict,
)  # fmt: skip

# Time that a worker may be silent before its unit counts as lost.
HEARTBEAT = timedelta(seconds=30)

# Time that a unit waits for a worker before its target counts as unverified.
UNCLAIMED = timedelta(minutes=30)

ONCE = RetryPolicy(maximum_attempts=1)
# Reading the list and merging change nothing, so they may be repeated.
AGAIN = RetryPolicy(maximum_attempts=5)


@workflow.defn(name=WORKFLOW)
class FleetRun:
    """One run of a fleet."""

    def __init__(self) -> None:
        self._all: asyncio.Semaphore | None = None
        self._groups: dict[str, asyncio.Semaphore] = {}
        self._expected = 0
        self._results: list[UnitResult] = []

    @workflow.run
    async def run(self, started: Started) -> Verdict:
        """Ask every target of the list, and merge what came back."""
        run = workflow.info().run_id
        expected = await workflow.execute_activity(
            EXPECTED, result_type=Expectation, retry_policy=AGAIN,
            start_to_close_timeout=timedelta(minutes=1),
        )  # fmt: skip
        self._expected = len(expected.tasks)
        self._all = asyncio.Semaphore(expected.at_once)
        limits = {g: expected.limits[g.partition(":")[0]] for t in expected.tasks for g in t.groups}
        self._groups = {group: asyncio.Semaphore(most) for group, most in limits.items()}
        units = (self._one(task, run) for task in expected.tasks)
        # A cancelled run ends after all of its units: their cleanup must be over.
        ends = await asyncio.gather(*units, return_exceptions=True)
        for end in filter(None, ends):
            raise end
        verdict: Verdict = await workflow.execute_activity(
            MERGE, run, result_type=Verdict, retry_policy=AGAIN,
            start_to_close_timeout=timedelta(minutes=30), heartbeat_timeout=HEARTBEAT,
        )  # fmt: skip
        if started.attributes:
            self._tell(verdict)
        return verdict

    @workflow.query(name=PROGRESS)
    def progress(self) -> dict[str, int]:
        """The number of targets, and of targets with each verdict."""
        return {"targets": self._expected} | Counter(result.word for result in self._results)

    async def _one(self, task: Task, run: str) -> None:
        """Wait for a turn, and ask one target."""
        assert self._all is not None  # noqa: S101
        async with AsyncExitStack() as stack:
            for group in sorted(task.groups):
                await stack.enter_async_context(self._groups[group])
            await stack.enter_async_context(self._all)
            self._results.append(await self._ask(task, run))

    async def _ask(self, task: Task, run: str) -> UnitResult:
        try:
            found: UnitResult = await workflow.execute_activity(
                UNIT, UnitOrder(task.target, run), result_type=UnitResult, retry_policy=ONCE,
                start_to_close_timeout=timedelta(seconds=task.unit_s + 60),
                schedule_to_start_timeout=UNCLAIMED, heartbeat_timeout=HEARTBEAT,
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            )  # fmt: skip
            return found
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return UnitResult(task.target, "unverified", 2, reason=_why(error))

    def _tell(self, verdict: Verdict) -> None:
        """Make the run searchable by verdict, by targets that are not green, and by version."""
        versions = sorted({result.version for result in self._results} - {""})[:NAMED_MOST]
        workflow.upsert_search_attributes([
            SearchAttributeKey.for_keyword(VERDICT).value_set(verdict.word),
            SearchAttributeKey.for_keyword_list(TARGETS).value_set(verdict.not_green),
            SearchAttributeKey.for_keyword_list(VERSIONS).value_set(versions),
        ])  # fmt: skip


def _why(error: ActivityError) -> str:
    """The reason why a unit has no result."""
    if isinstance(error.cause, EngineTimeout):
        kind = error.cause.type.name.lower() if error.cause.type else "timeout"
        return f"the unit did not come back ({kind})"
    return f"the unit failed: {error.cause or error}"[:REASON_MOST]
