"""Chat: somebody says something, an agent answers, at once or as a stream."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from ..activity.log import record_activity
from ..conversations.ledger import store_frames
from ..database import now
from ..features.service import Feature
from ..frames.schemas import StreamingChatEvent
from ..frames.writer import Frames
from ..schemas import TenantRole
from ..security.tenancy import Caller, in_tenant
from ..service import Running, Service
from ..web.document import frames_of
from ..web.errors import Refusal
from ..web.event_stream import event_stream, relayed
from ..web.limits import CHAT, CHAT_STREAM
from .responder import ModelError, Reply
from .schemas import AgentChatRequest, AgentChatResponse
from .turns import OpenTurn, Wanted, begin_turn, finish_turn

router = APIRouter(prefix="/api/v1/chat", tags=["chat"])
Writer = Annotated[
    Caller,
    Depends(in_tenant(TenantRole.MEMBER, scope="conversations:write", feature=Feature.AI)),
]


@router.post("")
async def chat_with_agent(
    caller: Writer, body: AgentChatRequest, service: Running
) -> AgentChatResponse:
    """The answer, when it is there; both sides are then messages of the conversation."""
    service.limits.count(CHAT, str(caller.user_id))
    turn = await _begun(service, caller, body)
    try:
        reply = await service.responder.answer(turn.agent, turn.said, in_workflow=False)
    except ModelError as error:
        raise Refusal(502, str(error)) from error
    await _finish(service, turn, [reply], ())
    return AgentChatResponse(
        conversation_id=str(turn.conversation_id),
        response=reply.text,
        agent_used=turn.agent.key,
        handoff_occurred=turn.is_handed_over,
        metadata={"model": reply.model, "response_id": reply.response_id},
    )


@router.post("/stream", response_model=StreamingChatEvent, responses=frames_of(StreamingChatEvent))
async def stream_chat_with_agent(
    caller: Writer, body: AgentChatRequest, service: Running
) -> StreamingResponse:
    """The answer as it comes; it is kept also when nobody listens to the end."""
    service.limits.count(CHAT_STREAM, str(caller.user_id))
    turn = await _begun(service, caller, body)
    frames = Frames("chat", turn.conversation_id)
    service.background.start(frames.stream_id, _answer(service, turn, frames))
    return event_stream(relayed(frames.queue, lambda: f"heartbeat {now().isoformat()}"))


async def _begun(service: Service, caller: Caller, body: AgentChatRequest) -> OpenTurn:
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
    caller = turn.caller
    async with service.database.writing() as session:
        if finish_turn(session, turn, replies):
            store_frames(session, turn.conversation_id, frames)
        record_activity(
            session,
            caller.tenant_id,
            caller.user_id,
            "chat.answered" if replies else "chat.failed",
            actor_role=caller.role,
            object_type="conversation",
            object_id=turn.conversation_id,
            status="success" if replies else "failure",
            metadata={"agent": turn.agent.key},
        )
