"""Keeping messages of visitors."""

from uuid import uuid4

from sqlalchemy.orm import Session

from .. import schemas
from ..web.client_info import ClientInfo
from .models import ContactMessage


def keep_message(
    session: Session, body: schemas.ContactSubmissionRequest, client: ClientInfo
) -> str:
    """Keep a message and return its id, unless the field that only robots fill is filled."""
    fields = body.model_dump(exclude={"honeypot"})
    row = ContactMessage(id=uuid4(), ip_address=client.ip_address, **fields)
    if not body.honeypot:
        session.add(row)
    return str(row.id)
