"""The status page: incidents, and who wants to hear of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Dated, Table, WithId, now
from ..tenants.models import Tenant


class Incident(Table):
    """Something that users of the service could notice."""

    __tablename__ = "status_incidents"

    incident_id: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str]
    impact: Mapped[str]
    state: Mapped[str]
    occurred_at: Mapped[datetime] = mapped_column(default=now, index=True)


class StatusSubscription(WithId, Table):
    """An address that hears of incidents; `status` is pending_verification, active or revoked."""

    channel: Mapped[str]
    target: Mapped[str]
    severity_filter: Mapped[str]
    status: Mapped[str] = mapped_column(default="pending_verification")
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey(Tenant.id))
    created_by: Mapped[str]
    webhook_secret: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class StatusToken(Table):
    """A token of a subscription; `purpose` is verify, challenge or unsubscribe."""

    digest: Mapped[str] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey(StatusSubscription.id), index=True)
    purpose: Mapped[str]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class Notice(Dated, Table):
    """A message to a subscriber that waits to be delivered."""

    __tablename__ = "status_notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey(StatusSubscription.id), index=True)
    incident_id: Mapped[str | None]
    text: Mapped[str]
