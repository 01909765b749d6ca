"""Chat: a user writes, an agent answers, at once or as a stream."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from .. import schemas
from ..database import now
from ..security.tenancy import Caller, InTenant
from ..service import Running
from ..web.document import stream_of
from ..web.event_stream import event_stream, relayed
from ..web.limits import CHAT, CHAT_STREAM
from . import service as chat

router = APIRouter(prefix="/api/v1/chat", tags=["chat"])
Writer = Annotated[Caller, Depends(InTenant("member", scope="conversations:write", feature="ai"))]


@router.post("")
async def chat_with_agent(
    caller: Writer, body: schemas.AgentChatRequest, service: Running
) -> schemas.AgentChatResponse:
    service.limits.count(CHAT, str(caller.user_id))
    turn, reply = await chat.answered(service, caller, body)
    return schemas.AgentChatResponse(
        conversation_id=turn.conversation_name,
        response=reply.text,
        agent_used=turn.agent.key,
        handoff_occurred=turn.is_handed_over,
        metadata={"model": reply.model, "response_id": reply.response_id},
    )


@router.post(
    "/stream",
    response_model=schemas.StreamingChatEvent,
    responses=stream_of(schemas.StreamingChatEvent),
)
async def stream_chat_with_agent(
    caller: Writer, body: schemas.AgentChatRequest, service: Running
) -> StreamingResponse:
    service.limits.count(CHAT_STREAM, str(caller.user_id))
    frames = await chat.streamed(service, caller, body)
    return event_stream(relayed(frames.queue, lambda: f"heartbeat {now().isoformat()}"))
