"""Invitations into a tenant."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import OfTenant, Table, WithId, now
from ..users.models import User


class TeamInvite(WithId, OfTenant, Table):
    """An invitation of an e-mail address into a tenant; its token is kept as a digest.

    `status` is active, accepted or revoked; an active one may have expired.
    """

    digest: Mapped[str] = mapped_column(unique=True)
    token_hint: Mapped[str]
    invited_email: Mapped[str]
    role: Mapped[str]
    status: Mapped[str] = mapped_column(default="active")
    created_by_user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    accepted_by_user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)

    @property
    def state(self) -> str:
        """The state of the invitation now."""
        is_over = self.status == "active" and self.expires_at <= now()
        return "expired" if is_over else self.status
