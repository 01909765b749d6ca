"""Conversations: list, search, read, change, delete."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from ..activity.log import record_activity
from ..database import now
from ..features.service import Feature
from ..schemas import TenantRole
from ..security.tenancy import Caller, in_own_tenant
from ..service import OpenSession, Running
from ..web.document import EVENT_STREAM
from ..web.errors import bad_request, conflict, forbidden, not_found
from ..web.event_stream import event, event_stream
from ..web.paging import Cursor, keyset_page
from .ledger import frames_of_conversation, ledger_page, replayed
from .models import Conversation, Message
from .schemas import (
    ConversationEventsResponse,
    ConversationHistory,
    ConversationLedgerEventsResponse,
    ConversationListResponse,
    ConversationMemoryConfigRequest,
    ConversationMemoryConfigResponse,
    ConversationMessageDeleteResponse,
    ConversationSearchResponse,
    ConversationTitleUpdateRequest,
    ConversationTitleUpdateResponse,
    PaginatedMessagesResponse,
)
from .service import (
    event_of,
    find_conversation,
    history_of,
    message_view,
    search_hits,
    summaries_of,
    visible_conversation,
    visible_messages,
)

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])
Reader = Annotated[Caller, Depends(in_own_tenant(TenantRole.VIEWER, scope="conversations:read"))]
Writer = Annotated[Caller, Depends(in_own_tenant(TenantRole.MEMBER, scope="conversations:write"))]
Admin = Annotated[Caller, Depends(in_own_tenant(TenantRole.ADMIN, scope="conversations:write"))]
Deleter = Annotated[Caller, Depends(in_own_tenant(TenantRole.ADMIN, scope="conversations:delete"))]
_Agent = Annotated[str | None, Query(description="Filter by agent entrypoint.")]
_NEWEST = (Conversation.updated_at, Conversation.id)


@router.get("")
async def list_conversations(
    caller: Reader,
    session: OpenSession,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Cursor = None,
    agent: _Agent = None,
) -> ConversationListResponse:
    """The tenant's conversations, the last changed first."""
    query = _of_tenant(caller, agent)
    rows, next_cursor = keyset_page(session, query, _NEWEST, limit=limit, cursor=cursor)
    return ConversationListResponse(items=summaries_of(session, rows), next_cursor=next_cursor)


@router.get("/search")
async def search_conversations(
    caller: Reader,
    session: OpenSession,
    q: Annotated[str, Query(min_length=1, description="Search query.")],
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: Cursor = None,
    agent: _Agent = None,
) -> ConversationSearchResponse:
    """The conversations in whose messages or title a text occurs, the last changed first."""
    in_message = (
        select(Message.id)
        .where(Message.conversation_id == Conversation.id, Message.hidden_at.is_(None))
        .where(Message.text.icontains(q, autoescape=True))
        .exists()
    )
    in_title = func.coalesce(Conversation.display_name, "").icontains(q, autoescape=True)
    query = _of_tenant(caller, agent).where(in_message | in_title)
    rows, next_cursor = keyset_page(session, query, _NEWEST, limit=limit, cursor=cursor)
    hits = search_hits(session, rows, q)
    return ConversationSearchResponse(items=hits, next_cursor=next_cursor)


@router.get("/{conversation_id}")
async def get_conversation(
    conversation_id: str, caller: Reader, session: OpenSession
) -> ConversationHistory:
    """A conversation with its messages, oldest first."""
    conversation = visible_conversation(session, caller, conversation_id)
    return history_of(conversation, visible_messages(session, conversation))


@router.patch("/{conversation_id}/title")
async def update_conversation_title(
    conversation_id: str, caller: Writer, body: ConversationTitleUpdateRequest, session: OpenSession
) -> ConversationTitleUpdateResponse:
    """The conversation is renamed."""
    conversation = visible_conversation(session, caller, conversation_id)
    conversation.display_name = body.display_name
    _record(session, caller, conversation, "conversation.title.updated")
    return ConversationTitleUpdateResponse(
        conversation_id=str(conversation.id), display_name=body.display_name
    )


@router.patch("/{conversation_id}/memory")
async def update_conversation_memory(
    conversation_id: str, caller: Admin, body: ConversationMemoryConfigRequest, session: OpenSession
) -> ConversationMemoryConfigResponse:
    """The fields that were sent are changed in the conversation's memory settings."""
    conversation = visible_conversation(session, caller, conversation_id)
    conversation.memory = conversation.memory | body.model_dump(exclude_unset=True)
    _record(session, caller, conversation, "conversation.memory.updated")
    return ConversationMemoryConfigResponse(**conversation.memory)


@router.delete("/{conversation_id}", status_code=204)
async def delete_conversation(conversation_id: str, caller: Deleter, session: OpenSession) -> None:
    """The conversation and its messages are gone; an unknown one is no error."""
    conversation = find_conversation(session, caller, conversation_id)
    if conversation is None:
        return
    session.execute(delete(Conversation).where(Conversation.id == conversation.id))
    _record(session, caller, conversation, "conversation.deleted")


def _of_tenant(caller: Caller, agent: str | None) -> Select[Conversation]:
    query = select(Conversation).where(Conversation.tenant_id == caller.tenant_id)
    return query.where(Conversation.agent_entrypoint == agent) if agent else query


def _record(session: Session, caller: Caller, conversation: Conversation, action: str) -> None:
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        action,
        actor_role=caller.role,
        object_type="conversation",
        object_id=conversation.id,
        object_name=conversation.display_name,
    )


Listener = Annotated[
    Caller,
    Depends(in_own_tenant(TenantRole.VIEWER, scope="conversations:read", feature=Feature.AI)),
]
_TITLE_WORDS = 8


@router.get("/{conversation_id}/messages")
async def get_conversation_messages(
    conversation_id: str,
    caller: Reader,
    session: OpenSession,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Cursor = None,
    direction: Annotated[
        Literal["asc", "desc"],
        Query(description="Sort order for messages; defaults to newest first."),
    ] = "desc",
) -> PaginatedMessagesResponse:
    """A page of the messages, newest first unless asked otherwise."""
    conversation = visible_conversation(session, caller, conversation_id)
    query = select(Message).where(
        Message.conversation_id == conversation.id, Message.hidden_at.is_(None)
    )
    rows, next_cursor = keyset_page(
        session, query, (Message.id,), limit=limit, cursor=cursor, ascending=direction == "asc"
    )
    items = [message_view(message) for message in rows]
    return PaginatedMessagesResponse(items=items, next_cursor=next_cursor)


@router.delete("/{conversation_id}/messages/{message_id}")
async def delete_conversation_message(
    conversation_id: str, message_id: str, caller: Writer, session: OpenSession
) -> ConversationMessageDeleteResponse:
    """The caller's own conversation is cut off before one of its user messages."""
    conversation = visible_conversation(session, caller, conversation_id)
    if conversation.user_id != caller.user_id:
        raise forbidden("Only whoever began the conversation may cut it off.")
    message = session.get(Message, int(message_id)) if _is_id(message_id) else None
    if message is None or message.conversation_id != conversation.id:
        raise not_found("Message")
    if message.role != "user":
        raise bad_request("A conversation can be cut off before a user message only.")
    if message.hidden_at:
        raise conflict("The message is cut off already.")
    later = (Message.conversation_id == conversation.id) & (Message.id >= message.id)
    visible = later & Message.hidden_at.is_(None)
    session.execute(update(Message).where(visible).values(hidden_at=now()))
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


@router.get("/{conversation_id}/events")
async def get_conversation_events(
    conversation_id: str,
    caller: Reader,
    session: OpenSession,
    workflow_run_id: Annotated[
        str | None,
        Query(description="Optional workflow run id to scope events to a single run."),
    ] = None,
) -> ConversationEventsResponse:
    """Everything that happened in the conversation, oldest first."""
    conversation = visible_conversation(session, caller, conversation_id)
    messages = visible_messages(session, conversation)
    items = [
        event_of(sequence_no, message)
        for sequence_no, message in enumerate(messages, start=1)
        if workflow_run_id is None or message.workflow_run_id == workflow_run_id
    ]
    return ConversationEventsResponse(conversation_id=str(conversation.id), items=items)


@router.get("/{conversation_id}/stream", responses=EVENT_STREAM)
async def stream_conversation_metadata(
    conversation_id: str, caller: Listener, service: Running
) -> StreamingResponse:
    """The title, word by word; made from the first user message when there is none yet."""
    async with service.database.writing() as session:
        conversation = visible_conversation(session, caller, conversation_id)
        if conversation.display_name is None:
            conversation.display_name = _title(visible_messages(session, conversation))
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


Replayer = Annotated[
    Caller,
    Depends(in_own_tenant(TenantRole.VIEWER, scope="conversations:read", feature=Feature.AI)),
]


@router.get("/{conversation_id}/ledger/events")
async def get_conversation_ledger_events(
    conversation_id: str,
    caller: Replayer,
    session: OpenSession,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    cursor: Cursor = None,
) -> ConversationLedgerEventsResponse:
    """A page of the frames, oldest first."""
    conversation = visible_conversation(session, caller, conversation_id)
    query = frames_of_conversation(conversation.id)
    items, next_cursor = ledger_page(session, query, limit=limit, cursor=cursor)
    return ConversationLedgerEventsResponse(
        conversation_id=str(conversation.id), items=items, next_cursor=next_cursor
    )


@router.get("/{conversation_id}/ledger/stream", responses=EVENT_STREAM)
async def stream_conversation_ledger_events(
    conversation_id: str, caller: Replayer, session: OpenSession, cursor: Cursor = None
) -> StreamingResponse:
    """The frames as they were streamed, byte for byte."""
    conversation = visible_conversation(session, caller, conversation_id)
    return event_stream(replayed(session, frames_of_conversation(conversation.id), cursor))
