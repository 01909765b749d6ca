"""Tenants and their settings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Dated, Table, WithId, now


class Tenant(WithId, Dated, Table):
    """A tenant account."""

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    status: Mapped[str] = mapped_column(default="active")
    status_reason: Mapped[str | None]
    status_updated_at: Mapped[datetime | None]
    status_updated_by: Mapped[UUID | None]
    suspended_at: Mapped[datetime | None]
    deprovisioned_at: Mapped[datetime | None]
    billing_email: Mapped[str | None]
    plan_code: Mapped[str | None]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class TenantSettings(Table):
    """The settings that a tenant has written; no row before the first write (version 0)."""

    __tablename__ = "tenant_settings"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey(Tenant.id), primary_key=True)
    billing_contacts: Mapped[list[dict[str, Any]]]
    billing_webhook_url: Mapped[str | None]
    plan_metadata: Mapped[dict[str, str]] = mapped_column(JSON)
    flags: Mapped[dict[str, bool]] = mapped_column(JSON)
    version: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class TenantFeature(Table):
    """A feature switched on or off for one tenant by a platform operator."""

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey(Tenant.id), primary_key=True)
    feature: Mapped[str] = mapped_column(primary_key=True)
    enabled: Mapped[bool]
