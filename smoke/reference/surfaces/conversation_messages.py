"""
What is inside a conversation: messages, events, the title as a stream.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import select, update

from ..activity import record_activity
from ..conversation_store import (
    event_of,
    message_view,
    visible_conversation,
    visible_messages,
)
from ..database import now
from ..document import EVENT_STREAM
from ..errors import bad_request, conflict, forbidden, not_found
from ..event_stream import event, event_stream
from ..features import Feature
from ..models.conversations import (
    ConversationEventsResponse,
    ConversationMessageDeleteResponse,
    PaginatedMessagesResponse,
)
from ..models.shared import TenantRole
from ..paging import Cursor, keyset_page
from ..service import Running, Session
from ..tables.conversations import Message
from ..tenancy import Caller, in_own_tenant

router = APIRouter(prefix="/api/v1/conversations/{conversation_id}", tags=["conversations"])
Reader = Annotated[Caller, Depends(in_own_tenant(TenantRole.VIEWER, scope="conversations:read"))]
Listener = Annotated[
    Caller,
    Depends(in_own_tenant(TenantRole.VIEWER, scope="conversations:read", feature=Feature.AI)),
]
Writer = Annotated[Caller, Depends(in_own_tenant(TenantRole.MEMBER, scope="conversations:write"))]
_TITLE_WORDS = 8


@router.get("/messages")
async def get_conversation_messages(
    conversation_id: str,
    caller: Reader,
    session: Session,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Cursor = None,
    direction: Annotated[
        Literal["asc", "desc"],
        Query(description="Sort order for messages; defaults to newest first."),
    ] = "desc",
) -> PaginatedMessagesResponse:
    """
    A page of the messages, newest first unless asked otherwise.
    """
    conversation = await visible_conversation(session, caller, conversation_id)
    query = select(Message).where(
        Message.conversation_id == conversation.id, Message.hidden_at.is_(None)
    )
    rows, next_cursor = await keyset_page(
        session, query, (Message.id,), limit=limit, cursor=cursor, ascending=direction == "asc"
    )
    items = [message_view(message) for message in rows]
    return PaginatedMessagesResponse(items=items, next_cursor=next_cursor)


@router.delete("/messages/{message_id}")
async def delete_conversation_message(
    conversation_id: str, message_id: str, caller: Writer, session: Session
) -> ConversationMessageDeleteResponse:
    """
    The caller's own conversation is cut off before one of its user messages.
    """
    conversation = await visible_conversation(session, caller, conversation_id)
    if conversation.user_id != caller.user_id:
        raise forbidden("Only whoever began the conversation may cut it off.")
    message = await session.get(Message, int(message_id)) if _is_id(message_id) else None
    if message is None or message.conversation_id != conversation.id:
        raise not_found("Message")
    if message.role != "user":
        raise bad_request("A conversation can be cut off before a user message only.")
    if message.hidden_at:
        raise conflict("The message is cut off already.")
    later = (Message.conversation_id == conversation.id) & (Message.id >= message.id)
    visible = later & Message.hidden_at.is_(None)
    await session.execute(update(Message).where(visible).values(hidden_at=now()))
    conversation.updated_at = now()
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        "conversation.message.deleted",
        actor_role=caller.role,
        object_type="conversation",
        object_id=conversation.id,
    )
    return ConversationMessageDeleteResponse(
        conversation_id=str(conversation.id), deleted_message_id=message_id
    )


@router.get("/events")
async def get_conversation_events(
    conversation_id: str,
    caller: Reader,
    session: Session,
    workflow_run_id: Annotated[
        str | None,
        Query(description="Optional workflow run id to scope events to a single run."),
    ] = None,
) -> ConversationEventsResponse:
    """
    Everything that happened in the conversation, oldest first.
    """
    conversation = await visible_conversation(session, caller, conversation_id)
    messages = await visible_messages(session, conversation)
    items = [
        event_of(sequence_no, message)
        for sequence_no, message in enumerate(messages, start=1)
        if workflow_run_id is None or message.workflow_run_id == workflow_run_id
    ]
    return ConversationEventsResponse(conversation_id=str(conversation.id), items=items)


@router.get("/stream", responses=EVENT_STREAM)
async def stream_conversation_metadata(
    conversation_id: str, caller: Listener, service: Running
) -> StreamingResponse:
    """
    The title, word by word; made from the first user message when there is none yet.
    """
    async with service.database.writing() as session:
        conversation = await visible_conversation(session, caller, conversation_id)
        if conversation.display_name is None:
            conversation.display_name = _title(await visible_messages(session, conversation))
        title = conversation.display_name
    return event_stream(_pieces(title))


async def _pieces(title: str) -> AsyncIterator[str]:
    for position, word in enumerate(title.split()):
        yield event(word if position == 0 else f" {word}")
    yield event("[DONE]")


def _title(messages: list[Message]) -> str:
    first = next((message.text for message in messages if message.role == "user"), "")
    return " ".join(first.split()[:_TITLE_WORDS])[:128] or "New conversation"


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
