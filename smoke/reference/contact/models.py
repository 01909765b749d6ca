"""Messages of visitors."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Mapped, mapped_column

from ..database import Table, now


class ContactMessage(Table):
    """A message that somebody left on the contact form."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str]
    name: Mapped[str | None]
    company: Mapped[str | None]
    topic: Mapped[str | None]
    message: Mapped[str]
    ip_address: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
