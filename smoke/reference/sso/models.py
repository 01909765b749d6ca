"""Sign-ins through an identity provider that have begun."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Table
from ..tenants.models import Tenant


class SsoState(Table):
    """What the service must remember from the start of a sign-in to its callback."""

    digest: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey(Tenant.id))
    provider_key: Mapped[str]
    nonce: Mapped[str]
    code_verifier: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
