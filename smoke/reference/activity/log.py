"""Writing the activity log."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from ..web.correlation import correlation_id
from .models import ActivityEvent


def record_activity(
    session: Session,
    tenant_id: UUID,
    actor_id: UUID | None,
    action: str,
    object_type: str | None = None,
    object_id: object = None,
    object_name: str | None = None,
    *,
    metadata: dict[str, Any] | None = None,
    **more: str,
) -> None:
    """Add one event to the activity log; `more` are the role of the actor and a status.

    Actions are words with dots: `auth.login.success`, `storage.object.upload_requested`.
    """
    event = ActivityEvent(
        tenant_id=tenant_id,
        action=action,
        actor_id=None if actor_id is None else str(actor_id),
        actor_type="system" if actor_id is None else "user",
        object_type=object_type,
        object_id=None if object_id is None else str(object_id),
        object_name=object_name,
        request_id=correlation_id.get(),
        details=metadata,
        **more,
    )
    session.add(event)
