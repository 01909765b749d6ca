"""Conversations and messages as they are answered."""

from collections.abc import Sequence

from .. import schemas
from ..views import shown
from .models import Conversation, Message

_PREVIEW = 160


def summary(conversation: Conversation, count: int, last: str) -> schemas.ConversationSummary:
    """Return a conversation as it is listed: with the number of its messages and the last one."""
    return shown(
        schemas.ConversationSummary,
        conversation,
        conversation_id=conversation.name,
        message_count=count,
        last_message_preview=last[:_PREVIEW],
    )


def search_result(
    conversation: Conversation, messages: Sequence[Message], text: str
) -> schemas.ConversationSearchResult:
    """Return a conversation as it is found; the score is the share of messages with the text."""
    matching = [one for one in messages if text.casefold() in one.text.casefold()]
    return shown(
        schemas.ConversationSearchResult,
        conversation,
        conversation_id=conversation.name,
        preview=matching[0].text[:_PREVIEW] if matching else conversation.display_name or "",
        last_message_preview=messages[-1].text[:_PREVIEW] if messages else "",
        score=len(matching) / len(messages) if messages else 0.0,
    )


def history(conversation: Conversation, messages: Sequence[Message]) -> schemas.ConversationHistory:
    """Return a conversation with its messages."""
    return shown(
        schemas.ConversationHistory,
        conversation,
        conversation_id=conversation.name,
        messages=[chat_message(message) for message in messages],
    )


def chat_message(message: Message) -> schemas.ChatMessage:
    """Return a message as it is answered."""
    return shown(
        schemas.ChatMessage,
        message,
        message_id=str(message.id),
        content=message.text,
        timestamp=message.created_at,
    )


def event_item(sequence_no: int, message: Message) -> schemas.ConversationEventItem:
    """Return a message as an item of the conversation's events."""
    return shown(
        schemas.ConversationEventItem,
        message,
        sequence_no=sequence_no,
        run_item_type=f"{message.role}_message",
        content_text=message.text,
        timestamp=message.created_at,
    )
