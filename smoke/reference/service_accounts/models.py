"""Tokens of service accounts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Table
from ..tenants.models import Tenant


class ServiceAccountToken(Table):
    """A refresh token that was issued to a service account; only its id is kept, not its text."""

    jti: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(index=True)
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey(Tenant.id), index=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    fingerprint: Mapped[str | None]
    signing_kid: Mapped[str]
    reason: Mapped[str | None]
    issued_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]
