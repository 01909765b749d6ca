"""Running workflows: the steps, their end, and stopping them.

A run is work of the service, not of the request that began it: it reaches its end also when the
reader has gone. Its steps are one task, which a cancel stops; its end is another, which writes
down whatever became of the steps.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from .. import schemas
from ..agents.catalogue import AGENTS, agent_named
from ..chat.responder import Reply, Turn, answer
from ..chat.turns import OpenTurn, Wanted, begin_turn, finish_turn
from ..conversations.ledger import store_frames
from ..database import now
from ..frames.writer import Frames
from ..security.tenancy import Caller
from ..service import Service
from .catalogue import Stage, Step, Workflow
from .models import WorkflowRun


@dataclass(frozen=True, slots=True)
class ActiveRun:
    """A run whose end is not yet written; replies and results grow step by step."""

    id: str
    workflow: Workflow
    turn: OpenTurn
    frames: Frames
    is_streamed: bool
    replies: list[Reply] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)

    def context(self, **place: Any) -> dict[str, Any]:
        """Return what the frames say about the workflow."""
        return {"workflow_key": self.workflow.key, "workflow_run_id": self.id, **place}


async def start_run(
    service: Service,
    caller: Caller,
    workflow: Workflow,
    body: schemas.WorkflowRunRequestBody,
    *,
    is_streamed: bool,
) -> ActiveRun:
    """Begin a run; when this returns it is stored, announced, and on its way to its end."""
    run_id, attachments = str(uuid4()), body.attachments or ()
    wanted = Wanted(body.message, body.conversation_id, None, attachments, run_id)
    async with service.database.writing() as session:
        turn = begin_turn(session, caller, wanted)
        frames = Frames("workflow", turn.conversation_name)
        run = ActiveRun(run_id, workflow, turn, frames, is_streamed)
        _store_start(session, run, wanted.message)
        # Before the commit: whoever sees the run in the database can cancel it.
        steps = service.background.start(_steps_of(run_id), _take_steps(run))
    service.background.start(_end_of(run_id), _write_end(service, run, steps))
    return run


async def cancel_run(service: Service, run_id: str) -> bool:
    """
    Stop a run that has not reached its end, and wait until that is written down; tell whether so.
    """
    if not service.background.cancel(_steps_of(run_id)):
        return False
    await service.background.ended(_end_of(run_id))
    return True


async def run_ended(service: Service, run_id: str) -> None:
    """Wait until the end of a run is written down."""
    await service.background.ended(_end_of(run_id))


def _steps_of(run_id: str) -> str:
    return f"steps of {run_id}"


def _end_of(run_id: str) -> str:
    return f"end of {run_id}"


def _store_start(session: Session, run: ActiveRun, message: str) -> None:
    caller = run.turn.caller
    session.add(
        WorkflowRun(
            id=run.id,
            tenant_id=caller.tenant_id,
            user_id=caller.user_id,
            workflow_key=run.workflow.key,
            conversation_id=run.turn.conversation_id,
            conversation_name=run.turn.conversation_name,
            request_message=message,
        )
    )
    _record(session, run, "started", "pending")


def _record(session: Session, run: ActiveRun, what: str, status: str) -> None:
    key, conversation = run.workflow.key, run.turn.conversation_name
    run.turn.caller.record(
        session,
        f"workflow.run.{what}",
        "workflow_run",
        run.id,
        key,
        status=status,
        metadata={"workflow_key": key, "conversation_id": conversation},
    )


async def _take_steps(run: ActiveRun) -> None:
    run.frames.write("lifecycle", status="in_progress", workflow=run.context())
    turns = list(run.turn.said)
    for stage in run.workflow.stages:
        branches = [
            _take_step(run, stage, step, branch, tuple(turns))
            for branch, step in enumerate(stage.steps)
        ]
        replies = await asyncio.gather(*branches)
        turns += [Turn("assistant", reply.text) for reply in replies]


async def _take_step(
    run: ActiveRun, stage: Stage, step: Step, branch: int, turns: tuple[Turn, ...]
) -> Reply:
    agent = agent_named(step.agent_key) or AGENTS[0]
    reply = await answer(agent, turns, in_workflow=True)
    run.replies.append(reply)
    group = {"parallel_group": stage.name, "branch_index": branch} if stage.is_parallel else {}
    place = {"stage_name": stage.name, **group}
    run.results.append(
        {
            "name": step.name,
            "agent_key": agent.key,
            "response_text": reply.text,
            "response_id": reply.response_id,
            **place,
        }
    )
    context = run.context(step_name=step.name, step_agent=agent.key, **place)
    run.frames.say(reply.text, reply.response_id, agent=agent.key, workflow=context)
    return reply


async def _write_end(service: Service, run: ActiveRun, steps: asyncio.Task[None]) -> None:
    """Write down how the steps ended; the stream closes whatever happens here."""
    try:
        await asyncio.wait([steps])
        status = _end_frames(run, steps)
        async with service.database.writing() as session:
            _store_end(session, run, status)
    finally:
        run.frames.close()


def _end_frames(run: ActiveRun, steps: asyncio.Task[None]) -> str:
    """Add the last frames of a run and return its status."""
    if steps.cancelled():
        run.frames.write("lifecycle", status="cancelled", workflow=run.context())
        run.frames.end("final", final={"status": "cancelled"}, workflow=run.context())
        return "cancelled"
    if steps.exception() is not None:
        run.frames.fail(workflow=run.context())
        return "failed"
    run.frames.finish(run.replies, workflow=run.context())
    return "succeeded"


def _store_end(session: Session, run: ActiveRun, status: str) -> None:
    row = session.get(WorkflowRun, run.id)
    is_kept = finish_turn(session, run.turn, run.replies, run.id)
    if row is not None:
        row.status, row.steps, row.ended_at = status, run.results, now()
        if status == "succeeded":
            row.final_output_text = run.replies[-1].text
    if run.is_streamed and is_kept:
        store_frames(session, run.turn.conversation_id, run.frames.written, run.id)
    what = {"succeeded": "completed"}.get(status, status)
    _record(session, run, what, "failure" if status == "failed" else "success")
