"""
What was streamed in a conversation, for replay.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from ..conversation_store import visible_conversation
from ..document import EVENT_STREAM
from ..event_stream import event_stream
from ..features import Feature
from ..ledger import frames_of_conversation, ledger_page, replayed
from ..models.conversations import ConversationLedgerEventsResponse
from ..models.shared import TenantRole
from ..paging import Cursor
from ..service import Session
from ..tenancy import Caller, in_own_tenant

router = APIRouter(prefix="/api/v1/conversations/{conversation_id}/ledger", tags=["conversations"])
Reader = Annotated[
    Caller,
    Depends(in_own_tenant(TenantRole.VIEWER, scope="conversations:read", feature=Feature.AI)),
]


@router.get("/events")
async def get_conversation_ledger_events(
    conversation_id: str,
    caller: Reader,
    session: Session,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    cursor: Cursor = None,
) -> ConversationLedgerEventsResponse:
    """
    A page of the frames, oldest first.
    """
    conversation = await visible_conversation(session, caller, conversation_id)
    query = frames_of_conversation(conversation.id)
    items, next_cursor = await ledger_page(session, query, limit=limit, cursor=cursor)
    return ConversationLedgerEventsResponse(
        conversation_id=str(conversation.id), items=items, next_cursor=next_cursor
    )


@router.get("/stream", responses=EVENT_STREAM)
async def stream_conversation_ledger_events(
    conversation_id: str, caller: Reader, session: Session, cursor: Cursor = None
) -> StreamingResponse:
    """
    The frames as they were streamed, byte for byte.
    """
    conversation = await visible_conversation(session, caller, conversation_id)
    return event_stream(await replayed(session, frames_of_conversation(conversation.id), cursor))
