"""Invitations into a tenant."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Moment, Table, now
from ..tenants.models import Tenant
from ..users.models import User


class TeamInvite(Table):
    """An invitation of an e-mail address into a tenant; its token is kept as a digest.

    `status` is active, accepted or revoked; an active one may have expired.
    """

    __tablename__ = "team_invites"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey(Tenant.id), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    token_hint: Mapped[str]
    invited_email: Mapped[str]
    role: Mapped[str]
    status: Mapped[str] = mapped_column(default="active")
    created_by_user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    accepted_by_user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_reason: Mapped[str | None]
    expires_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)

    @property
    def state(self) -> str:
        """The state of the invitation now."""
        is_over = self.status == "active" and self.expires_at <= now()
        return "expired" if is_over else self.status
