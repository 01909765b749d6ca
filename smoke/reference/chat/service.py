"""Answering a turn, at once or as a stream."""

from collections.abc import Sequence
from typing import Any

from .. import schemas
from ..conversations.ledger import store_frames
from ..frames.writer import Frames
from ..security.tenancy import Caller
from ..service import Service
from ..web.errors import Refusal
from .responder import ModelError, Reply
from .turns import OpenTurn, Wanted, begin_turn, finish_turn


async def answered(
    service: Service, caller: Caller, body: schemas.AgentChatRequest
) -> tuple[OpenTurn, Reply]:
    """Return a turn and its answer, both kept as messages; 502 when the model gave none."""
    turn = await _begun(service, caller, body)
    try:
        reply = await service.responder.answer(turn.agent, turn.said, in_workflow=False)
    except ModelError as error:
        raise Refusal(502, str(error)) from error
    await _finish(service, turn, [reply], ())
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
    replies: list[Reply] = []
    try:
        frames.write("lifecycle", status="in_progress", **agent)
        try:
            replies.append(await service.responder.answer(turn.agent, turn.said, in_workflow=False))
            frames.say(replies[0].text, replies[0].response_id, **agent)
            frames.finish(replies, **agent)
        except ModelError as error:
            frames.fail(error, **agent)
        await _finish(service, turn, replies, frames.written)
    finally:
        frames.close()


async def _finish(
    service: Service, turn: OpenTurn, replies: Sequence[Reply], frames: Sequence[str]
) -> None:
    """Keep a turn: its answer if there was one, and the frames that were streamed."""
    async with service.database.writing() as session:
        if finish_turn(session, turn, replies):
            store_frames(session, turn.conversation_id, frames)
        turn.caller.record(
            session,
            "chat.answered" if replies else "chat.failed",
            "conversation",
            turn.conversation_name,
            status="success" if replies else "failure",
            metadata={"agent": turn.agent.key},
        )
