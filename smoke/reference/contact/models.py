"""Messages of visitors."""

from sqlalchemy.orm import Mapped

from ..database import Dated, Table, WithId


class ContactMessage(WithId, Dated, Table):
    """A message that somebody left on the contact form."""

    email: Mapped[str]
    name: Mapped[str | None]
    company: Mapped[str | None]
    topic: Mapped[str | None]
    message: Mapped[str]
    ip_address: Mapped[str]
