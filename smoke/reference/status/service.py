"""Who is told of incidents: addresses, their tokens, and the messages that wait for them.

Nothing is delivered from here: messages are kept in the outbox, as a worker would find them.
"""

import ipaddress
import re
import secrets
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.orm import Session

from ..database import now
from ..security.tokens import digest_of, new_token
from ..web.errors import bad_request, not_found
from .models import Notice, StatusSubscription, StatusToken
from .schemas import StatusSubscriptionCreateRequest, StatusSubscriptionResponse

_TOKEN_LIFETIME = timedelta(days=1)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Purpose(StrEnum):
    """What a token of a subscription is for."""

    VERIFY = "verify"
    CHALLENGE = "challenge"
    UNSUBSCRIBE = "unsubscribe"


def require_target(channel: str, target: str) -> None:
    """Refuse a target to which nothing may be sent: 400."""
    if channel == "email" and not _EMAIL.fullmatch(target):
        raise bad_request(f"{target!r} is not an e-mail address.")
    if channel == "webhook" and not _is_public_https(target):
        raise bad_request(f"{target!r} is not a public https URL.")


def subscribe(
    session: Session,
    body: StatusSubscriptionCreateRequest,
    created_by: str,
    tenant_id: UUID | None,
) -> tuple[StatusSubscription, str | None]:
    """Make a subscription that waits for its token; return it and the secret of a webhook."""
    secret = secrets.token_urlsafe(32) if body.channel == "webhook" else None
    row = StatusSubscription(
        channel=body.channel,
        target=body.target,
        severity_filter=body.severity_filter or "major",
        tenant_id=tenant_id,
        created_by=created_by,
        webhook_secret=secret,
        details=body.metadata or {},
    )
    session.add(row)
    session.flush()
    purpose = Purpose.CHALLENGE if secret else Purpose.VERIFY
    token = _issue(session, row, purpose)
    session.add(Notice(subscription_id=row.id, text=f"{purpose} {token}"))
    return row, secret


def confirm(session: Session, token: str, purpose: Purpose) -> StatusSubscription:
    """Use up a token and return its subscription, active from now on.

    Raises:
        Refusal: 404, the token is unknown, used or expired.
    """
    found = session.get(StatusToken, digest_of(token))
    if found is None or found.purpose != purpose or found.used_at:
        raise not_found("Token")
    if found.expires_at is not None and found.expires_at < now():
        raise not_found("Token")
    found.used_at = now()
    row = session.get_one(StatusSubscription, found.subscription_id)
    row.status = "active"
    farewell = _issue(session, row, Purpose.UNSUBSCRIBE)
    session.add(Notice(subscription_id=row.id, text=f"unsubscribe {farewell}"))
    session.flush()
    return row


def may_unsubscribe(session: Session, token: str, subscription_id: UUID) -> bool:
    """Tell whether a token ends this subscription."""
    found = session.get(StatusToken, digest_of(token))
    return (
        found is not None
        and found.purpose == Purpose.UNSUBSCRIBE
        and found.subscription_id == subscription_id
    )


def subscription_view(
    row: StatusSubscription, secret: str | None = None
) -> StatusSubscriptionResponse:
    """
    Return a subscription as it is answered: its target masked, its secret only when it is new.
    """
    names = set(StatusSubscriptionResponse.model_fields) - {"target_masked", "webhook_secret"}
    values = {name: getattr(row, name) for name in names}
    return StatusSubscriptionResponse(**values, target_masked=_masked(row), webhook_secret=secret)


def _issue(session: Session, row: StatusSubscription, purpose: Purpose) -> str:
    token = new_token()
    expires_at = None if purpose is Purpose.UNSUBSCRIBE else now() + _TOKEN_LIFETIME
    session.add(
        StatusToken(
            digest=token.digest,
            subscription_id=row.id,
            purpose=str(purpose),
            expires_at=expires_at,
        )
    )
    return token.text


def _masked(row: StatusSubscription) -> str:
    if row.channel == "email":
        name, _, domain = row.target.partition("@")
        return f"{name[:1]}***@{domain}"
    return f"https://{urlsplit(row.target).hostname}/***"


def _is_public_https(target: str) -> bool:
    url = urlsplit(target)
    host = url.hostname or ""
    if url.scheme != "https" or not host or host == "localhost":
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host
