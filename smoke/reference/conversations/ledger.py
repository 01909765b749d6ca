"""The ledger: the frames of streams as they were sent, kept for replay."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from .. import schemas
from ..web.event_stream import event
from ..web.paging import Cursors, decode_cursor
from .models import LedgerFrame


def store_frames(
    session: Session, conversation_id: UUID, frames: Sequence[str], run_id: str | None = None
) -> None:
    """Add frames to the ledger of a conversation, and of a workflow run if they are of one."""
    session.add_all(
        LedgerFrame(conversation_id=conversation_id, workflow_run_id=run_id, frame=frame)
        for frame in frames
    )


def frames_of(**owner: UUID | str) -> Select[LedgerFrame]:
    """Return the query for the frames of a conversation or of a workflow run, named by column."""
    return select(LedgerFrame).filter_by(**owner)


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
