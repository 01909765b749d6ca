"""Assets: stored objects with what is known about their making."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Moment, Table, now
from ..storage.models import StorageObject
from ..tenants.models import Tenant


class Asset(Table):
    """An image or file that a tool made or a user sent."""

    __tablename__ = "assets"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey(Tenant.id), index=True)
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
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now, onupdate=now)
