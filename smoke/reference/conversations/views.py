"""Conversations and messages as they are answered."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from .. import schemas
from ..views import shown
from ..web.event_stream import event
from ..web.paging import Cursors, decode_cursor
from .service import Conversation, LedgerFrame, Message

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


def store_frames(
    session: Session, conversation_id: UUID, frames: Sequence[str], run_id: str | None = None
) -> None:
    """Add frames to the ledger of a conversation, and of a workflow run if they are of one."""
    session.add_all(
        LedgerFrame(conversation_id=conversation_id, workflow_run_id=run_id, frame=frame)
        for frame in frames
    )


def frames_of_conversation(conversation_id: UUID) -> Select[LedgerFrame]:
    """Return the query for a conversation's frames."""
    return select(LedgerFrame).where(LedgerFrame.conversation_id == conversation_id)


def frames_of_run(run_id: str) -> Select[LedgerFrame]:
    """Return the query for a workflow run's frames."""
    return select(LedgerFrame).where(LedgerFrame.workflow_run_id == run_id)


def ledger_page(
    session: Session, query: Select[LedgerFrame], page: Cursors
) -> tuple[list[schemas.PublicSseEvent], str | None]:
    """Return one page of frames, oldest first, and the cursor of the next page if any."""
    rows, next_cursor = page.rows(session, query, LedgerFrame.id, newest_first=False)
    return [schemas.PublicSseEvent.model_validate_json(row.frame) for row in rows], next_cursor


def replayed(
    session: Session, query: Select[LedgerFrame], cursor: str | None
) -> AsyncIterator[str]:
    """Return the frames after a cursor as events, byte for byte as they were sent."""
    if cursor:
        query = query.where(LedgerFrame.id > decode_cursor(cursor, [int])[0])
    rows = list(session.scalars(query.order_by(LedgerFrame.id)))

    async def events() -> AsyncIterator[str]:
        for row in rows:
            yield event(row.frame)

    return events()
