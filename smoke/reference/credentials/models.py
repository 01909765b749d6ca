"""Tokens that can be redeemed once, and former passwords."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Table, WithId
from ..users.models import User


class OneTimeToken(WithId, Table):
    """A token that is sent to a user and can be redeemed once."""

    purpose: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    digest: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class FormerPassword(Table):
    """The hash of a password that a user had before."""

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    password_hash: Mapped[str]
