"""The activity log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Dated, OfTenant, Table, WithId, now, part_of
from ..users.models import User


class ActivityEvent(WithId, OfTenant, Table):
    """Something that somebody did in a tenant; `status` is success, failure or pending."""

    action: Mapped[str]
    status: Mapped[str] = mapped_column(default="success")
    actor_id: Mapped[str | None]
    actor_type: Mapped[str | None]
    actor_role: Mapped[str | None]
    object_type: Mapped[str | None]
    object_id: Mapped[str | None]
    object_name: Mapped[str | None]
    source: Mapped[str | None] = mapped_column(default="api")
    request_id: Mapped[str | None]
    details: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class ActivityReceipt(Dated, Table):
    """What a user did with an event: read or dismissed it; no row while it is unread."""

    event_id: Mapped[UUID] = mapped_column(part_of(ActivityEvent.id), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), primary_key=True, index=True)
    state: Mapped[str]
