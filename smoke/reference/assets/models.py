"""Assets: stored objects with what is known about their making."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import OfTenant, Table, now
from ..storage.models import StorageObject


class Asset(OfTenant, Table):
    """An image or file that a tool made or a user sent."""

    user_id: Mapped[UUID | None]
    storage_object_id: Mapped[UUID] = mapped_column(
        ForeignKey(StorageObject.id, ondelete="CASCADE")
    )
    asset_type: Mapped[str]
    source_tool: Mapped[str | None]
    conversation_id: Mapped[UUID | None]
    message_id: Mapped[int | None]
    tool_call_id: Mapped[str | None]
    response_id: Mapped[str | None]
    container_id: Mapped[str | None]
    openai_file_id: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
