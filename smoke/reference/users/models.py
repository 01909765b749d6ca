"""Users, and what they are in which tenant."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Dated, Table, WithId, now
from ..tenants.models import Tenant


class User(WithId, Dated, Table):
    """A person who signs in; the e-mail address is stored in lower case."""

    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    display_name: Mapped[str | None]
    given_name: Mapped[str | None]
    family_name: Mapped[str | None]
    avatar_url: Mapped[str | None]
    timezone: Mapped[str | None]
    locale: Mapped[str | None]
    email_verified: Mapped[bool] = mapped_column(default=False)
    platform_role: Mapped[str | None]
    disabled_at: Mapped[datetime | None]


class Membership(Table):
    """A user's role in a tenant."""

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey(Tenant.id), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), primary_key=True, index=True)
    role: Mapped[str]
    status: Mapped[str] = mapped_column(default="active")
    joined_at: Mapped[datetime] = mapped_column(default=now)


class Consent(WithId, Table):
    """A user's agreement to a version of a policy."""

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    policy_key: Mapped[str]
    version: Mapped[str]
    ip_hash: Mapped[str | None]
    user_agent_hash: Mapped[str | None]
    accepted_at: Mapped[datetime] = mapped_column(default=now)


class NotificationPreference(WithId, Table):
    """Whether a user wants a category of messages on a channel, everywhere or in one tenant."""

    __table_args__ = (UniqueConstraint("user_id", "tenant_id", "channel", "category"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    tenant_id: Mapped[UUID | None]
    channel: Mapped[str]
    category: Mapped[str]
    enabled: Mapped[bool]
