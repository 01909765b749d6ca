"""Containers, the files in them, and the agents that use them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Dated, OfTenant, Table, WithId, now, part_of
from ..tenants.models import Tenant
from ..vector_stores.models import ProviderFile


class Container(WithId, OfTenant, Dated, Table):
    """A container of a tenant; its name is unique in the tenant."""

    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    owner_user_id: Mapped[UUID | None]
    name: Mapped[str]
    memory_limit: Mapped[str]
    expires_after: Mapped[dict[str, Any] | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    last_active_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class ContainerFile(Table):
    """A file that a container was made with."""

    container_id: Mapped[UUID] = mapped_column(part_of(Container.id), primary_key=True)
    provider_file_id: Mapped[UUID] = mapped_column(
        part_of(ProviderFile.id), primary_key=True, index=True
    )


class ContainerBinding(Table):
    """The container in which an agent of a tenant runs code."""

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey(Tenant.id), primary_key=True)
    agent_key: Mapped[str] = mapped_column(primary_key=True)
    container_id: Mapped[UUID] = mapped_column(part_of(Container.id), index=True)
