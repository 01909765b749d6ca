"""Stored objects; their bytes are elsewhere (`object_store.py`)."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from ..database import Dated, OfTenant, Table, WithId


class StorageObject(WithId, OfTenant, Dated, Table):
    """An object that a tenant may upload to and download from."""

    user_id: Mapped[UUID | None]
    bucket: Mapped[str]
    object_key: Mapped[str]
    filename: Mapped[str]
    mime_type: Mapped[str | None]
    size_bytes: Mapped[int | None]
    status: Mapped[str] = mapped_column(default="pending_upload")
    agent_key: Mapped[str | None]
    conversation_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
