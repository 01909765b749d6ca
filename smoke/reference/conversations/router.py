"""Conversations: list, search, read, change, delete, and the replay of what was streamed."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from .. import schemas
from ..security.tenancy import Caller, InOwnTenant
from ..service import OpenSession, Running
from ..web.document import EVENT_STREAM
from ..web.event_stream import event, event_stream
from ..web.paging import Cursors, Cursors50, Cursors500, cursors
from . import service as conversations
from . import views
from .ledger import frames_of, ledger_page, replayed

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])
READ, WRITE, DELETE = (f"conversations:{what}" for what in ("read", "write", "delete"))
Reader = Annotated[Caller, Depends(InOwnTenant("viewer", scope=READ))]
Listener = Annotated[Caller, Depends(InOwnTenant("viewer", scope=READ, feature="ai"))]
Writer = Annotated[Caller, Depends(InOwnTenant("member", scope=WRITE))]
Admin = Annotated[Caller, Depends(InOwnTenant("admin", scope=WRITE))]
Deleter = Annotated[Caller, Depends(InOwnTenant("admin", scope=DELETE))]


@router.get("")
async def list_conversations(
    caller: Reader, session: OpenSession, page: Cursors50, agent: str | None = None
) -> schemas.ConversationListResponse:
    rows, next_cursor = conversations.conversations_page(session, caller, agent, page)
    last = conversations.last_messages(session, rows)
    items = [views.summary(row, *last.get(row.id, (0, ""))) for row in rows]
    return schemas.ConversationListResponse(items=items, next_cursor=next_cursor)


@router.get("/search")
async def search_conversations(
    caller: Reader,
    session: OpenSession,
    q: Annotated[str, Query(min_length=1)],
    page: Annotated[Cursors, Depends(cursors(20, 50))],
    agent: str | None = None,
) -> schemas.ConversationSearchResponse:
    rows, next_cursor = conversations.search_page(session, caller, agent, q, page)
    messages = conversations.messages_by_conversation(session, rows)
    items = [views.search_result(row, messages[row.id], q) for row in rows]
    return schemas.ConversationSearchResponse(items=items, next_cursor=next_cursor)


@router.get("/{conversation_id}")
async def get_conversation(
    conversation_id: str, caller: Reader, session: OpenSession
) -> schemas.ConversationHistory:
    found = conversations.visible_conversation(session, caller, conversation_id)
    return views.history(found, conversations.visible_messages(session, found))


@router.patch("/{conversation_id}/title")
async def update_conversation_title(
    conversation_id: str,
    caller: Writer,
    body: schemas.ConversationTitleUpdateRequest,
    session: OpenSession,
) -> schemas.ConversationTitleUpdateResponse:
    found = conversations.visible_conversation(session, caller, conversation_id)
    found.display_name = body.display_name
    conversations.record(session, caller, found, "title.updated")
    return schemas.ConversationTitleUpdateResponse(
        conversation_id=found.name, display_name=body.display_name
    )


@router.patch("/{conversation_id}/memory")
async def update_conversation_memory(
    conversation_id: str,
    caller: Admin,
    body: schemas.ConversationMemoryConfigRequest,
    session: OpenSession,
) -> schemas.ConversationMemoryConfigResponse:
    found = conversations.visible_conversation(session, caller, conversation_id)
    found.memory = found.memory | body.model_dump(exclude_unset=True)
    conversations.record(session, caller, found, "memory.updated")
    return schemas.ConversationMemoryConfigResponse(**found.memory)


@router.delete("/{conversation_id}", status_code=204)
async def delete_conversation(conversation_id: str, caller: Deleter, session: OpenSession) -> None:
    conversations.delete_conversation(session, caller, conversation_id)


@router.get("/{conversation_id}/messages")
async def get_conversation_messages(
    conversation_id: str,
    caller: Reader,
    session: OpenSession,
    page: Cursors50,
    direction: Literal["asc", "desc"] = "desc",
) -> schemas.PaginatedMessagesResponse:
    found = conversations.visible_conversation(session, caller, conversation_id)
    rows, next_cursor = conversations.messages_page(
        session, found, page, ascending=direction == "asc"
    )
    items = [views.chat_message(message) for message in rows]
    return schemas.PaginatedMessagesResponse(items=items, next_cursor=next_cursor)


@router.delete("/{conversation_id}/messages/{message_id}")
async def delete_conversation_message(
    conversation_id: str, message_id: str, caller: Writer, session: OpenSession
) -> schemas.ConversationMessageDeleteResponse:
    found = conversations.visible_conversation(session, caller, conversation_id)
    conversations.cut_off(session, caller, found, message_id)
    return schemas.ConversationMessageDeleteResponse(
        conversation_id=found.name, deleted_message_id=message_id
    )


@router.get("/{conversation_id}/events")
async def get_conversation_events(
    conversation_id: str, caller: Reader, session: OpenSession, workflow_run_id: str | None = None
) -> schemas.ConversationEventsResponse:
    found = conversations.visible_conversation(session, caller, conversation_id)
    items = [
        views.event_item(sequence_no, message)
        for sequence_no, message in enumerate(
            conversations.visible_messages(session, found), start=1
        )
        if workflow_run_id is None or message.workflow_run_id == workflow_run_id
    ]
    return schemas.ConversationEventsResponse(conversation_id=found.name, items=items)


@router.get("/{conversation_id}/stream", responses=EVENT_STREAM)
async def stream_conversation_metadata(
    conversation_id: str, caller: Listener, service: Running
) -> StreamingResponse:
    async with service.database.writing() as session:
        found = conversations.visible_conversation(session, caller, conversation_id)
        title = conversations.title_of(session, found)
    return event_stream(_pieces(title))


@router.get("/{conversation_id}/ledger/events")
async def get_conversation_ledger_events(
    conversation_id: str, caller: Listener, session: OpenSession, page: Cursors500
) -> schemas.ConversationLedgerEventsResponse:
    found = conversations.visible_conversation(session, caller, conversation_id)
    query = frames_of(conversation_id=found.id)
    items, next_cursor = ledger_page(session, query, page)
    return schemas.ConversationLedgerEventsResponse(
        conversation_id=found.name, items=items, next_cursor=next_cursor
    )


@router.get("/{conversation_id}/ledger/stream", responses=EVENT_STREAM)
async def stream_conversation_ledger_events(
    conversation_id: str, caller: Listener, session: OpenSession, cursor: str | None = None
) -> StreamingResponse:
    found = conversations.visible_conversation(session, caller, conversation_id)
    return event_stream(replayed(session, frames_of(conversation_id=found.id), cursor))


async def _pieces(title: str) -> AsyncIterator[str]:
    for position, word in enumerate(title.split()):
        yield event(word if position == 0 else f" {word}")
    yield event("[DONE]")
