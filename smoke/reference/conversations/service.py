"""Finding conversations and showing them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..security.tenancy import Caller
from ..web.errors import not_found
from .models import Conversation, Message
from .schemas import (
    ChatMessage,
    ConversationEventItem,
    ConversationHistory,
    ConversationSearchResult,
    ConversationSummary,
)

_PREVIEW = 160


def find_conversation(
    session: Session, caller: Caller, conversation_id: str
) -> Conversation | None:
    """Return a conversation of the caller's tenant, or None."""
    try:
        conversation = session.get(Conversation, UUID(conversation_id))
    except ValueError:
        return None
    if conversation is None or conversation.tenant_id != caller.tenant_id:
        return None
    return conversation


def visible_conversation(session: Session, caller: Caller, conversation_id: str) -> Conversation:
    """Return a conversation of the caller's tenant.

    Raises:
        Refusal: 404, there is none.
    """
    conversation = find_conversation(session, caller, conversation_id)
    if conversation is None:
        raise not_found("Conversation")
    return conversation


def visible_messages(session: Session, conversation: Conversation) -> list[Message]:
    """Return the messages that were not cut off, oldest first."""
    return _messages(session, [conversation])


def summaries_of(
    session: Session, conversations: Sequence[Conversation]
) -> list[ConversationSummary]:
    """Return conversations as they are listed."""
    messages = _by_conversation(_messages(session, conversations))
    return [_summary(one, messages.get(one.id, [])) for one in conversations]


def search_hits(
    session: Session, conversations: Sequence[Conversation], text: str
) -> list[ConversationSearchResult]:
    """Return conversations as search results; the score is the share of messages with the text."""
    messages = _by_conversation(_messages(session, conversations))
    return [_hit(one, messages.get(one.id, []), text) for one in conversations]


def history_of(conversation: Conversation, messages: Sequence[Message]) -> ConversationHistory:
    """Return a conversation with its messages."""
    return ConversationHistory(
        conversation_id=str(conversation.id),
        display_name=conversation.display_name,
        messages=[message_view(message) for message in messages],
        created_at=conversation.created_at.isoformat(),
        updated_at=conversation.updated_at.isoformat(),
    )


def message_view(message: Message) -> ChatMessage:
    """Return a message as it is answered."""
    return ChatMessage.model_validate(
        {
            "message_id": str(message.id),
            "role": message.role,
            "content": message.text,
            "timestamp": message.created_at.isoformat(),
            "attachments": message.attachments,
        }
    )


def event_of(sequence_no: int, message: Message) -> ConversationEventItem:
    """Return a message as an item of the conversation's events."""
    return ConversationEventItem.model_validate(
        {
            "sequence_no": sequence_no,
            "run_item_type": f"{message.role}_message",
            "role": message.role,
            "agent": message.agent,
            "model": message.model,
            "content_text": message.text,
            "attachments": message.attachments,
            "response_id": message.response_id,
            "workflow_run_id": message.workflow_run_id,
            "timestamp": message.created_at.isoformat(),
        }
    )


def _messages(session: Session, conversations: Sequence[Conversation]) -> list[Message]:
    ids = [conversation.id for conversation in conversations]
    query = select(Message).where(Message.conversation_id.in_(ids), Message.hidden_at.is_(None))
    return list(session.scalars(query.order_by(Message.id)))


def _by_conversation(messages: Sequence[Message]) -> dict[UUID, list[Message]]:
    grouped: dict[UUID, list[Message]] = {}
    for message in messages:
        grouped.setdefault(message.conversation_id, []).append(message)
    return grouped


def _summary(conversation: Conversation, messages: Sequence[Message]) -> ConversationSummary:
    return ConversationSummary(
        conversation_id=str(conversation.id),
        display_name=conversation.display_name,
        agent_entrypoint=conversation.agent_entrypoint,
        active_agent=conversation.active_agent,
        topic_hint=conversation.topic_hint,
        status=conversation.status,
        message_count=len(messages),
        last_message_preview=_last_preview(messages),
        created_at=conversation.created_at.isoformat(),
        updated_at=conversation.updated_at.isoformat(),
    )


def _hit(
    conversation: Conversation, messages: Sequence[Message], text: str
) -> ConversationSearchResult:
    matching = [one for one in messages if text.casefold() in one.text.casefold()]
    return ConversationSearchResult(
        conversation_id=str(conversation.id),
        display_name=conversation.display_name,
        agent_entrypoint=conversation.agent_entrypoint,
        active_agent=conversation.active_agent,
        topic_hint=conversation.topic_hint,
        status=conversation.status,
        preview=matching[0].text[:_PREVIEW] if matching else conversation.display_name or "",
        last_message_preview=_last_preview(messages),
        score=len(matching) / len(messages) if messages else 0.0,
        updated_at=conversation.updated_at.isoformat(),
    )


def _last_preview(messages: Sequence[Message]) -> str:
    return messages[-1].text[:_PREVIEW] if messages else ""
