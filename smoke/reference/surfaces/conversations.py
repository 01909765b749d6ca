"""
Conversations: list, search, read, change, delete.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Select, delete, func, select

from ..activity import record_activity
from ..conversation_store import (
    find_conversation,
    history_of,
    search_hits,
    summaries_of,
    visible_conversation,
    visible_messages,
)
from ..models.conversations import (
    ConversationHistory,
    ConversationListResponse,
    ConversationMemoryConfigRequest,
    ConversationMemoryConfigResponse,
    ConversationSearchResponse,
    ConversationTitleUpdateRequest,
    ConversationTitleUpdateResponse,
)
from ..models.shared import TenantRole
from ..paging import Cursor, keyset_page
from ..service import Session
from ..tables.conversations import Conversation, Message
from ..tenancy import Caller, in_own_tenant

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
    session: Session,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Cursor = None,
    agent: _Agent = None,
) -> ConversationListResponse:
    """
    The tenant's conversations, the last changed first.
    """
    query = _of_tenant(caller, agent)
    rows, next_cursor = await keyset_page(session, query, _NEWEST, limit=limit, cursor=cursor)
    return ConversationListResponse(
        items=await summaries_of(session, rows), next_cursor=next_cursor
    )


@router.get("/search")
async def search_conversations(
    caller: Reader,
    session: Session,
    q: Annotated[str, Query(min_length=1, description="Search query.")],
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: Cursor = None,
    agent: _Agent = None,
) -> ConversationSearchResponse:
    """
    The conversations in whose messages or title a text occurs, the last changed first.
    """
    in_message = (
        select(Message.id)
        .where(Message.conversation_id == Conversation.id, Message.hidden_at.is_(None))
        .where(Message.text.icontains(q, autoescape=True))
        .exists()
    )
    in_title = func.coalesce(Conversation.display_name, "").icontains(q, autoescape=True)
    query = _of_tenant(caller, agent).where(in_message | in_title)
    rows, next_cursor = await keyset_page(session, query, _NEWEST, limit=limit, cursor=cursor)
    hits = await search_hits(session, rows, q)
    return ConversationSearchResponse(items=hits, next_cursor=next_cursor)


@router.get("/{conversation_id}")
async def get_conversation(
    conversation_id: str, caller: Reader, session: Session
) -> ConversationHistory:
    """
    A conversation with its messages, oldest first.
    """
    conversation = await visible_conversation(session, caller, conversation_id)
    return history_of(conversation, await visible_messages(session, conversation))


@router.patch("/{conversation_id}/title")
async def update_conversation_title(
    conversation_id: str, caller: Writer, body: ConversationTitleUpdateRequest, session: Session
) -> ConversationTitleUpdateResponse:
    """
    The conversation is renamed.
    """
    conversation = await visible_conversation(session, caller, conversation_id)
    conversation.display_name = body.display_name
    _record(session, caller, conversation, "conversation.title.updated")
    return ConversationTitleUpdateResponse(
        conversation_id=str(conversation.id), display_name=body.display_name
    )


@router.patch("/{conversation_id}/memory")
async def update_conversation_memory(
    conversation_id: str, caller: Admin, body: ConversationMemoryConfigRequest, session: Session
) -> ConversationMemoryConfigResponse:
    """
    The fields that were sent are changed in the conversation's memory settings.
    """
    conversation = await visible_conversation(session, caller, conversation_id)
    conversation.memory = conversation.memory | body.model_dump(exclude_unset=True)
    _record(session, caller, conversation, "conversation.memory.updated")
    return ConversationMemoryConfigResponse(**conversation.memory)


@router.delete("/{conversation_id}", status_code=204)
async def delete_conversation(conversation_id: str, caller: Deleter, session: Session) -> None:
    """
    The conversation and its messages are gone; an unknown one is no error.
    """
    conversation = await find_conversation(session, caller, conversation_id)
    if conversation is None:
        return
    await session.execute(delete(Conversation).where(Conversation.id == conversation.id))
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
