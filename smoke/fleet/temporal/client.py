"""
Speaking to a Temporal server: a worker, a run, a schedule.

Where the server is, and how to sign in there, comes from Temporal's own environment:
`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, or a `temporal.toml`.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    WorkflowFailureError,
)  # fmt: skip
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from smoke.errors import ConfigError, UnverifiedError
from smoke.fleet.temporal.data import (
    PROGRESS,
    TARGETS,
    VERDICT,
    VERSIONS,
    WORKFLOW,
    Started,
    Verdict,
)  # fmt: skip
from smoke.fleet.temporal.workflow import FleetRun

if TYPE_CHECKING:
    from collections.abc import Callable

    from smoke.fleet.temporal.activities import Activities

LIST = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST
ATTRIBUTES = {
    VERDICT: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD, TARGETS: LIST, VERSIONS: LIST,
}  # fmt: skip


async def connect() -> Client:
    """
    The client of the server that the environment names.

    Raises:
        UnverifiedError: the server cannot be reached.
    """
    config: Any = ClientConfig.load_client_connect_config()
    address = config.get("target_host", "localhost:7233")
    try:
        return await Client.connect(**{"target_host": address, **config})
    except RuntimeError as error:
        problem = f"The Temporal server at {address} cannot be reached: {error}."
        raise UnverifiedError(f"{problem} Set TEMPORAL_ADDRESS.") from None


async def work(activities: Activities, queue: str, at_once: int) -> None:
    """Run units for the server until SIGTERM or SIGINT; units that run then are cancelled."""
    client = await connect()
    restrictions = SandboxRestrictions.default.with_passthrough_modules("smoke")
    worker = Worker(
        client, task_queue=queue, workflows=[FleetRun],
        activities=[activities.expected, activities.unit, activities.merge],
        max_concurrent_activities=at_once, workflow_runner=SandboxedWorkflowRunner(restrictions),
        max_heartbeat_throttle_interval=timedelta(seconds=2),
        graceful_shutdown_timeout=timedelta(0),
    )  # fmt: skip
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with worker:
        await ended.wait()


async def run(identity: str, queue: str, show: Callable[[dict[str, int]], None]) -> Verdict:
    """
    Start a run of the fleet and wait for its verdict; SIGTERM and SIGINT cancel it.

    Raises:
        UnverifiedError: the run was cancelled, or failed.
    """
    client = await connect()
    started = Started(await _attributes(client))
    handle = await client.start_workflow(
        WORKFLOW, started, id=identity, task_queue=queue, result_type=Verdict
    )
    cancelled = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, cancelled.set)
    waiting = asyncio.ensure_future(handle.result())
    stopping = asyncio.ensure_future(cancelled.wait())
    asked = False
    while not waiting.done():
        if cancelled.is_set() and not asked:
            asked = True
            await handle.cancel()
        with suppress(RPCError):
            show(await handle.query(PROGRESS, result_type=dict[str, int]))
        await asyncio.wait([waiting, *(() if asked else (stopping,))], timeout=2)
    stopping.cancel()
    try:
        verdict: Verdict = waiting.result()
    except WorkflowFailureError as error:
        problem = f"The run {identity} ended without a verdict: {error.cause}"
        raise UnverifiedError(problem) from None
    return verdict


async def schedule(identity: str, queue: str, every_s: float, cron: str) -> None:
    """Create the schedule, or change it; a run that still goes on is not overtaken (SKIP)."""
    client = await connect()
    action = ScheduleActionStartWorkflow(
        WORKFLOW, Started(await _attributes(client)), id=identity, task_queue=queue
    )
    every = [ScheduleIntervalSpec(timedelta(seconds=every_s))] if every_s else []
    spec = ScheduleSpec(intervals=every, cron_expressions=[cron] if cron else [])
    policy = SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP)
    wanted = Schedule(action, spec, policy=policy)
    try:
        await client.create_schedule(identity, wanted)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(identity).update(lambda _: ScheduleUpdate(wanted))
    except RPCError as error:
        raise ConfigError([f"The schedule {identity!r} is refused: {error.message}."]) from None


async def unschedule(identity: str) -> None:
    """
    Delete the schedule.

    Raises:
        ConfigError: the server has no such schedule.
    """
    client = await connect()
    try:
        await client.get_schedule_handle(identity).delete()
    except RPCError as error:
        raise ConfigError(
            [f"The schedule {identity!r} cannot be deleted: {error.message}."]
        ) from None


async def _attributes(client: Client) -> bool:
    """Whether the search attributes are there; they are made where that is allowed."""
    request = AddSearchAttributesRequest(search_attributes=ATTRIBUTES, namespace=client.namespace)
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        return error.status is RPCStatusCode.ALREADY_EXISTS
    return True
