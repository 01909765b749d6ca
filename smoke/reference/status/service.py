"""Who hears of incidents: addresses, their tokens, and the messages that wait for them.

Nothing is delivered from here: messages are kept in the outbox, as a worker would find them.
"""

import ipaddress
import re
import secrets
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import schemas
from ..database import existing, now
from ..security.principals import Principal, anonymous, require_scope
from ..security.tokens import digest_of, new_token
from ..service import Service
from ..views import shown
from ..web.client_info import ClientInfo
from ..web.errors import bad_request, forbidden, not_found
from ..web.limits import STATUS_MAIL, STATUS_WEBHOOK
from ..web.paging import Offsets, filtered
from .models import Incident, Notice, StatusSubscription, StatusToken

SCOPE = "status:manage"
_MOST = 100
_TOKEN_LIFETIME = timedelta(days=1)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Purpose(StrEnum):
    """What a token of a subscription is for."""

    VERIFY = "verify"
    CHALLENGE = "challenge"
    UNSUBSCRIBE = "unsubscribe"


def subscribe(
    service: Service,
    session: Session,
    caller: Principal | None,
    body: schemas.StatusSubscriptionCreateRequest,
    client: ClientInfo,
) -> tuple[StatusSubscription, str | None]:
    """Make a subscription that waits for its token; return it and the secret of a webhook.

    Raises:
        Refusal: 401 and 403, webhooks are for those who manage the status page; 400, nothing may
            be sent to the target; 429, too often.
    """
    by_mail = body.channel == "email"
    if not by_mail:
        require_manager(service, caller)
    if by_mail and not _EMAIL.fullmatch(body.target):
        raise bad_request(f"{body.target!r} is not an e-mail address.")
    if not by_mail and not _is_public_https(body.target):
        raise bad_request(f"{body.target!r} is not a public https URL.")
    service.limits.count(STATUS_MAIL if by_mail else STATUS_WEBHOOK, client.ip_address)
    secret = None if by_mail else secrets.token_urlsafe(32)
    row = StatusSubscription(
        channel=body.channel,
        target=body.target,
        severity_filter=body.severity_filter or "major",
        tenant_id=caller.tenant_id if caller else None,
        created_by=f"user:{caller.user_id}" if caller else "public",
        webhook_secret=secret,
        details=body.metadata or {},
    )
    session.add(row)
    session.flush()
    purpose = Purpose.CHALLENGE if secret else Purpose.VERIFY
    token = _issue(session, row, purpose)
    session.add(Notice(subscription_id=row.id, text=f"{purpose} {token}"))
    return row, secret


def subscriptions_page(
    session: Session, tenant_id: UUID | None, *, limit: int, cursor: str | None
) -> tuple[list[StatusSubscription], str | None]:
    """Return a page of the subscriptions of a tenant, or of all; a cursor is a number as text."""
    page = Offsets(max(1, min(limit, _MOST)), _start(cursor))
    query = filtered(select(StatusSubscription), tenant_id=tenant_id)
    key = (StatusSubscription.created_at, StatusSubscription.id)
    rows, following = page.rows(session, query, *key)
    return rows, None if following is None else str(following)


def revoke(
    service: Service,
    session: Session,
    caller: Principal | None,
    subscription_id: UUID,
    token: str | None,
) -> None:
    """End a subscription, for its own token or for those who manage the status page."""
    if token is None:
        require_manager(service, caller)
    elif not _may_unsubscribe(session, token, subscription_id):
        raise forbidden("The token is not this subscription's.")
    row = existing(session, StatusSubscription, subscription_id, "Subscription")
    row.status = "revoked"


def resend(session: Session, incident_id: str, body: schemas.StatusIncidentResendRequest) -> int:
    """Send an incident again to the active subscriptions of a severity; return how many."""
    existing(session, Incident, incident_id, "Incident")
    query = filtered(select(StatusSubscription), status="active", tenant_id=body.tenant_id)
    if body.severity != "all":
        query = query.where(StatusSubscription.severity_filter.in_(["all", body.severity]))
    rows = session.scalars(query).all()
    session.add_all(
        Notice(subscription_id=row.id, incident_id=incident_id, text="incident") for row in rows
    )
    return len(rows)


def require_manager(service: Service, caller: Principal | None) -> None:
    """Refuse whoever does not manage the status page: 401 or 403."""
    if caller is None:
        raise anonymous(service)
    require_scope(caller, SCOPE)


def confirm(session: Session, token: str, purpose: Purpose) -> StatusSubscription:
    """Use up a token and return its subscription, now active; 404 for a token not good."""
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


def _may_unsubscribe(session: Session, token: str, subscription_id: UUID) -> bool:
    """Tell whether a token ends this subscription."""
    found = session.get(StatusToken, digest_of(token))
    return (
        found is not None
        and found.purpose == Purpose.UNSUBSCRIBE
        and found.subscription_id == subscription_id
    )


def subscription_view(
    row: StatusSubscription, secret: str | None = None
) -> schemas.StatusSubscriptionResponse:
    """
    Return a subscription as it is answered: its target masked, its secret only when it is new.
    """
    return shown(
        schemas.StatusSubscriptionResponse, row, target_masked=_masked(row), webhook_secret=secret
    )


def _issue(session: Session, row: StatusSubscription, purpose: Purpose) -> str:
    token = new_token()
    expires_at = None if purpose is Purpose.UNSUBSCRIBE else now() + _TOKEN_LIFETIME
    session.add(
        StatusToken(
            digest=token.digest, subscription_id=row.id, purpose=str(purpose), expires_at=expires_at
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


def _start(cursor: str | None) -> int:
    """Return the position in a cursor, which is a number as text here."""
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise bad_request("The cursor is malformed. Use the next_cursor of a previous page.")
    return int(cursor)
