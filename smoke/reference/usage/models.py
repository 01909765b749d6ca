"""Usage counters."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from ..database import OfTenant, Table, WithId, now


class UsageCounter(WithId, OfTenant, Table):
    """What a tenant, or one of its users, used in a day or a month."""

    user_id: Mapped[UUID | None]
    period_start: Mapped[date]
    granularity: Mapped[str]
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    requests: Mapped[int] = mapped_column(default=0)
    storage_bytes: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
