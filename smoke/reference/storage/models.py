"""Stored objects; their bytes are elsewhere (`object_store.py`)."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Moment, Table, now
from ..tenants.models import Tenant


class StorageObject(Table):
    """An object that a tenant may upload to and download from."""

    __tablename__ = "storage_objects"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey(Tenant.id), index=True)
    user_id: Mapped[UUID | None]
    bucket: Mapped[str]
    object_key: Mapped[str]
    filename: Mapped[str]
    mime_type: Mapped[str | None]
    size_bytes: Mapped[int | None]
    status: Mapped[str] = mapped_column(default="pending_upload")
    agent_key: Mapped[str | None]
    conversation_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
