"""Vector stores, the files in them, and the agents that use them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Dated, OfTenant, Table, WithId, now, part_of


class VectorStore(WithId, OfTenant, Dated, Table):
    """A store of a tenant; its name is unique in the tenant."""

    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    owner_user_id: Mapped[UUID | None]
    name: Mapped[str]
    description: Mapped[str | None]
    expires_after: Mapped[dict[str, Any] | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    last_active_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class ProviderFile(WithId, OfTenant, Dated, Table):
    """A file as the provider of vector stores knows it; the object store has its bytes under `id`.

    It outlives being detached, so that it can be attached again, and goes with the store it was
    uploaded to.
    """

    home_store_id: Mapped[UUID | None]
    filename: Mapped[str]
    mime_type: Mapped[str | None]
    size_bytes: Mapped[int]


class VectorStoreFile(WithId, Dated, Table):
    """A file attached to a store; `status` is completed, or failed with `last_error`."""

    __table_args__ = (UniqueConstraint("vector_store_id", "provider_file_id"),)

    vector_store_id: Mapped[UUID] = mapped_column(part_of(VectorStore.id), index=True)
    provider_file_id: Mapped[UUID] = mapped_column(part_of(ProviderFile.id), index=True)
    file: Mapped[ProviderFile] = relationship(lazy="joined")
    usage_bytes: Mapped[int]
    status: Mapped[str]
    last_error: Mapped[str | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    chunking_strategy: Mapped[dict[str, Any] | None]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class VectorStoreBinding(Table):
    """An agent that searches a store."""

    vector_store_id: Mapped[UUID] = mapped_column(part_of(VectorStore.id), primary_key=True)
    agent_key: Mapped[str] = mapped_column(primary_key=True)
