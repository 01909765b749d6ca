"""Sign-in: sessions, and failures."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Dated, Table, WithId, now
from ..tenants.models import Tenant
from ..users.models import User


class UserSession(WithId, Dated, Table):
    """One sign-in of a user to a tenant; it holds the digest of its newest refresh token only."""

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey(Tenant.id))
    refresh_digest: Mapped[str]
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]
    ip_address: Mapped[str | None]
    user_agent: Mapped[str | None]


class LoginFailure(Table):
    """A wrong password, counted against the user and the address it came from."""

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(index=True)
    network: Mapped[str] = mapped_column(index=True)
    failed_at: Mapped[datetime] = mapped_column(default=now)
