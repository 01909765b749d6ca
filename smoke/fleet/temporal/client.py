"""
Speaking to a Temporal server: a worker, a run, a schedule.

Where the server is, and how to sign in there, comes from Temporal's own environment:
`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, or a `temporal.toml`.
"""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import Any

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
    WorkflowHandle,
)  # fmt: skip
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from smoke.errors import ConfigError, SmokeError, UnverifiedError
from smoke.fleet.temporal.activities import Activities
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

LIST = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST
ATTRIBUTES = {
    VERDICT: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD, TARGETS: LIST, VERSIONS: LIST,
}  # fmt: skip

# Seconds that a run waits for a server that does not respond, and between two attempts.
GONE_S, AGAIN_S = 300.0, 2.0

# How long a single request may take, so that a second signal is noticed soon.
REQUEST = timedelta(seconds=5)

# A hint for a person who ended the wait for a run.
CANCEL = "its workers clean up when they can. To end it: temporal workflow terminate -w "

# A request that lasted longer than this had reached the server: the client itself retries for 10 s.
QUIET_S = 30.0


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
        ConfigError: a run of that name has not ended, or the server refuses the run.
        UnverifiedError: the run was cancelled or failed, or the server is gone for too long.
    """
    client = await connect()
    handle = await _start(client, identity, queue)
    waiting = asyncio.ensure_future(_verdict(handle))
    cancelled = asyncio.Event()

    def stop() -> None:
        """The first signal cancels the run, the second one ends the wait for it."""
        if cancelled.is_set():
            waiting.cancel()
        cancelled.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    stopping = asyncio.ensure_future(cancelled.wait())
    asked = False
    while not waiting.done():
        # The server may be restarting: what fails now works in a later round.
        with suppress(RPCError):
            if cancelled.is_set() and not asked:
                await handle.cancel(rpc_timeout=REQUEST)
                asked = True
            show(await handle.query(PROGRESS, result_type=dict[str, int], rpc_timeout=REQUEST))
        await asyncio.wait([waiting, *(() if cancelled.is_set() else (stopping,))], timeout=2)
    stopping.cancel()
    try:
        return waiting.result()
    except asyncio.CancelledError:
        raise UnverifiedError(f"The run {identity} may go on: {CANCEL}{identity}") from None


async def _start(client: Client, identity: str, queue: str) -> WorkflowHandle[Any, Verdict]:
    started = Started(await _attributes(client))
    try:
        return await client.start_workflow(
            WORKFLOW, started, id=identity, task_queue=queue, result_type=Verdict
        )
    except WorkflowAlreadyStartedError:
        problem = f"The run {identity!r} has not ended. Wait for it, or name another --id."
        raise ConfigError([problem]) from None
    except RPCError as error:
        raise _refused(f"The run {identity!r} is refused", error) from None


async def _verdict(handle: WorkflowHandle[Any, Verdict]) -> Verdict:
    """The verdict of a run; it survives a restart of the server, which keeps the run's history."""
    give_up_at = monotonic() + GONE_S
    while True:
        began = monotonic()
        try:
            return await handle.result()
        except WorkflowFailureError as error:
            problem = f"The run {handle.id} ended without a verdict: {error.cause}"
            raise UnverifiedError(problem) from None
        except RPCError as error:
            if monotonic() - began > QUIET_S:  # it was there in between
                give_up_at = monotonic() + GONE_S
            if error.status is RPCStatusCode.NOT_FOUND or monotonic() > give_up_at:
                problem = f"The run {handle.id} may go on, but its server does not answer: "
                raise UnverifiedError(f"{problem}{error.message}.") from None
        await asyncio.sleep(AGAIN_S)


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
        raise _refused(f"The schedule {identity!r} is refused", error) from None


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
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise _refused(f"The schedule {identity!r} cannot be deleted", error) from None
        problem = f"The server has no schedule {identity!r}. Name it with --id; all of them: "
        raise ConfigError([f"{problem}temporal schedule list"]) from None


def _refused(what: str, error: RPCError) -> SmokeError:
    """The error for a request that failed: only a server that responds has refused something."""
    problem = f"{what}: {error.message}."
    gone = error.status in (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED)
    return UnverifiedError(problem) if gone else ConfigError([problem])


async def _attributes(client: Client) -> bool:
    """Whether the search attributes are there; they are made where that is allowed."""
    request = AddSearchAttributesRequest(search_attributes=ATTRIBUTES, namespace=client.namespace)
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        return error.status is RPCStatusCode.ALREADY_EXISTS
    return True
