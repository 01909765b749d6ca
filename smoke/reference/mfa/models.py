"""Second factors."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Dated, Table, WithId, now
from ..users.models import User


class MfaMethod(WithId, Dated, Table):
    """A second factor of a user; it counts once it is verified and until it is revoked.

    The secret is base32 text, as authenticator apps take it.
    """

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    method_type: Mapped[str] = mapped_column(default="totp")
    label: Mapped[str | None]
    secret: Mapped[str]
    verified_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class RecoveryCode(Table):
    """A code that replaces the second factor once."""

    __tablename__ = "mfa_recovery_codes"

    digest: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    used_at: Mapped[datetime | None]


class WrongCode(Table):
    """A wrong code, counted against the user."""

    __tablename__ = "mfa_wrong_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    failed_at: Mapped[datetime] = mapped_column(default=now)
