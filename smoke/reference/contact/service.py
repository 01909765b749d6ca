"""Keeping messages of visitors."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import schemas
from ..database import Table, now
from ..web.limits import ClientInfo


def keep_message(
    session: Session, body: schemas.ContactSubmissionRequest, client: ClientInfo
) -> str:
    """Keep a message and return its id, unless the field that only robots fill is filled."""
    fields = body.model_dump(exclude={"honeypot"})
    row = ContactMessage(id=uuid4(), ip_address=client.ip_address, **fields)
    if not body.honeypot:
        session.add(row)
    return str(row.id)


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
