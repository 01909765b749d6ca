"""Assets: stored objects with what is known about their making."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Dated, OfTenant, Table, WithId, now, part_of
from ..storage.models import StorageObject


class Asset(WithId, OfTenant, Dated, Table):
    """An image or file that a tool made or a user sent."""

    user_id: Mapped[UUID | None]
    storage_object_id: Mapped[UUID] = mapped_column(part_of(StorageObject.id))
    stored: Mapped[StorageObject] = relationship(lazy="joined")
    asset_type: Mapped[str]
    source_tool: Mapped[str | None]
    conversation_id: Mapped[UUID | None]
    message_id: Mapped[int | None]
    tool_call_id: Mapped[str | None]
    response_id: Mapped[str | None]
    container_id: Mapped[str | None]
    openai_file_id: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
