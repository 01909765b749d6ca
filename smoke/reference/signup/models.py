"""Sign-up: invitations of operators, and requests of those who were not invited."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Table, WithId, now


class SignupRequest(WithId, Table):
    """A request for access; `status` is pending, approved or rejected."""

    email: Mapped[str] = mapped_column(index=True)
    organization: Mapped[str]
    full_name: Mapped[str]
    message: Mapped[str | None]
    ip_address: Mapped[str]
    status: Mapped[str] = mapped_column(default="pending")
    decision_reason: Mapped[str | None]
    decided_by: Mapped[UUID | None]
    invite_token_hint: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class SignupInvite(WithId, Table):
    """An invitation to register a tenant, good for a number of registrations.

    `status` is active or revoked; an active one may be used up or have expired.
    """

    digest: Mapped[str] = mapped_column(unique=True)
    token_hint: Mapped[str]
    invited_email: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="active")
    max_redemptions: Mapped[int]
    redeemed_count: Mapped[int] = mapped_column(default=0)
    signup_request_id: Mapped[UUID | None] = mapped_column(ForeignKey(SignupRequest.id))
    note: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)

    @property
    def state(self) -> str:
        """The state of the invitation now."""
        if self.status == "revoked":
            return "revoked"
        if self.redeemed_count >= self.max_redemptions:
            return "exhausted"
        return "expired" if self.expires_at and self.expires_at <= now() else "active"
