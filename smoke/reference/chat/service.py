"""Answering a turn, at once or as a stream."""

from collections.abc import Sequence
from typing import Any

from .. import schemas
from ..conversations.ledger import store_frames
from ..frames.writer import Frames
from ..security.tenancy import Caller
from ..service import Service
from .responder import Reply, answer
from .turns import OpenTurn, Wanted, begin_turn, finish_turn


async def answered(
    service: Service, caller: Caller, body: schemas.AgentChatRequest
) -> tuple[OpenTurn, Reply]:
    """Return a turn and its answer, both kept as messages."""
    turn = await _begun(service, caller, body)
    reply = await answer(turn.agent, turn.said, in_workflow=False)
    await _finish(service, turn, reply, ())
    return turn, reply


async def streamed(service: Service, caller: Caller, body: schemas.AgentChatRequest) -> Frames:
    """Return the frames of the answer, which is kept also when the reader goes away."""
    turn = await _begun(service, caller, body)
    frames = Frames("chat", turn.conversation_name)
    service.background.start(frames.stream_id, _answer(service, turn, frames))
    return frames


async def _begun(service: Service, caller: Caller, body: schemas.AgentChatRequest) -> OpenTurn:
    wanted = Wanted(body.message, body.conversation_id, body.agent_type, body.attachments or ())
    async with service.database.writing() as session:
        return begin_turn(session, caller, wanted)


async def _answer(service: Service, turn: OpenTurn, frames: Frames) -> None:
    agent: dict[str, Any] = {"agent": turn.agent.key}
    try:
        frames.write("lifecycle", status="in_progress", **agent)
        reply = await answer(turn.agent, turn.said, in_workflow=False)
        frames.say(reply.text, reply.response_id, **agent)
        frames.finish([reply], **agent)
        await _finish(service, turn, reply, frames.written)
    finally:
        frames.close()


async def _finish(service: Service, turn: OpenTurn, reply: Reply, frames: Sequence[str]) -> None:
    """Keep a turn: its answer, and the frames that were streamed."""
    async with service.database.writing() as session:
        if finish_turn(session, turn, [reply]):
            store_frames(session, turn.conversation_id, frames)
        thing, more = ("conversation", turn.conversation_name), {"agent": turn.agent.key}
        turn.caller.record(session, "chat.answered", *thing, metadata=more)
