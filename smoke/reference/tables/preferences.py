"""
What users agreed to, what they want to be told, and the passwords they had.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Moment, Table, now
from .users import User


class Consent(Table):
    """
    A user's agreement to a version of a policy.
    """

    __tablename__ = "consents"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    policy_key: Mapped[str]
    version: Mapped[str]
    ip_hash: Mapped[str | None]
    user_agent_hash: Mapped[str | None]
    accepted_at: Mapped[datetime] = mapped_column(Moment, default=now)


class NotificationPreference(Table):
    """
    Whether a user wants a category of messages on a channel, everywhere or in one tenant.
    """

    __tablename__ = "notification_preferences"
    __table_args__ = (UniqueConstraint("user_id", "tenant_id", "channel", "category"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    tenant_id: Mapped[UUID | None]
    channel: Mapped[str]
    category: Mapped[str]
    enabled: Mapped[bool]


class FormerPassword(Table):
    """
    The hash of a password that a user had before.
    """

    __tablename__ = "former_passwords"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    password_hash: Mapped[str]
