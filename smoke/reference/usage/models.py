"""Usage counters."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Moment, Table, now
from ..tenants.models import Tenant


class UsageCounter(Table):
    """What a tenant, or one of its users, used in a day or a month."""

    __tablename__ = "usage_counters"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey(Tenant.id), index=True)
    user_id: Mapped[UUID | None]
    period_start: Mapped[date]
    granularity: Mapped[str]
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    requests: Mapped[int] = mapped_column(default=0)
    storage_bytes: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now, onupdate=now)
