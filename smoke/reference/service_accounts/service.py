"""Service accounts: which there are, and the tokens that they get."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from ..service import Service
from ..tenants.models import Tenant
from ..web.errors import bad_request
from ..web.limits import SERVICE_ACCOUNT
from .models import ServiceAccountToken
from .schemas import ServiceAccountIssueRequest, ServiceAccountTokenResponse

_DEFAULT_LIFETIME_MIN = 60 * 24
_LONGEST_LIFETIME_MIN = 60 * 24 * 30


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A program that calls the service; the scopes are those it may ask for."""

    name: str
    scopes: tuple[str, ...]
    needs_tenant: bool = True


CATALOGUE = {
    account.name: account
    for account in (
        ServiceAccount("analytics-batch", ("conversations:read",)),
        ServiceAccount("billing-worker", ("billing:read", "billing:manage")),
        ServiceAccount("support-console", ("support:read", "conversations:read")),
        ServiceAccount("synthetic-monitor", ("conversations:read",), needs_tenant=False),
    )
}


def issue_service_token(
    service: Service,
    session: Session,
    body: ServiceAccountIssueRequest,
    reason: str | None = None,
) -> ServiceAccountTokenResponse:
    """Sign a refresh token for a service account, note its id, and return it.

    Raises:
        Refusal: 400, the account, a scope, the tenant or the lifetime is not possible.
    """
    service.limits.count_each(SERVICE_ACCOUNT, body.account, "all")
    account, tenant_id = _account(body), _tenant_id(session, body)
    if account.needs_tenant and tenant_id is None:
        raise bad_request(f"The account {account.name!r} acts for a tenant. Send tenant_id.")
    claims = _claims(body, tenant_id)
    token = service.tokens.signed(claims, timedelta(minutes=_lifetime_min(body)))
    signed = service.tokens.verified(token.text, "refresh")
    row = ServiceAccountToken(
        jti=signed["jti"],
        account=account.name,
        tenant_id=tenant_id,
        scopes=body.scopes,
        fingerprint=body.fingerprint,
        signing_kid=token.kid,
        reason=reason,
        issued_at=datetime.fromtimestamp(signed["iat"], UTC),
        expires_at=token.expires_at,
    )
    session.add(row)
    return _answer(row, token.text)


def _claims(body: ServiceAccountIssueRequest, tenant_id: UUID | None) -> dict[str, str | None]:
    return {
        "sub": f"service-account:{body.account}",
        "account": body.account,
        "tenant_id": str(tenant_id) if tenant_id else None,
        "scope": " ".join(body.scopes),
        "token_use": "refresh",
    }


def _answer(row: ServiceAccountToken, text: str) -> ServiceAccountTokenResponse:
    return ServiceAccountTokenResponse(
        refresh_token=text,
        expires_at=row.expires_at.isoformat(),
        issued_at=row.issued_at.isoformat(),
        scopes=row.scopes,
        tenant_id=str(row.tenant_id) if row.tenant_id else None,
        kid=row.signing_kid,
        account=row.account,
        token_use="refresh",  # noqa: S106  # a use, not a password
    )


def _account(body: ServiceAccountIssueRequest) -> ServiceAccount:
    account = CATALOGUE.get(body.account)
    if account is None:
        known = ", ".join(CATALOGUE)
        raise bad_request(f"The account {body.account!r} is unknown. Use one of: {known}.")
    _require_scopes(account, body.scopes)
    return account


def _require_scopes(account: ServiceAccount, scopes: Sequence[str]) -> None:
    beyond = sorted(set(scopes) - set(account.scopes))
    if not scopes or beyond:
        may = ", ".join(account.scopes)
        raise bad_request(f"The account {account.name!r} may have: {may}. Asked for: {scopes!r}.")


def _tenant_id(session: Session, body: ServiceAccountIssueRequest) -> UUID | None:
    if body.tenant_id is None:
        return None
    try:
        tenant = session.get(Tenant, UUID(body.tenant_id))
    except ValueError:
        tenant = None
    if tenant is None:
        raise bad_request(f"The tenant {body.tenant_id!r} is unknown.")
    return tenant.id


def _lifetime_min(body: ServiceAccountIssueRequest) -> int:
    minutes = body.lifetime_minutes
    if minutes is None:
        return _DEFAULT_LIFETIME_MIN
    if not 1 <= minutes <= _LONGEST_LIFETIME_MIN:
        raise bad_request(f"A token lives 1 to {_LONGEST_LIFETIME_MIN} minutes, not {minutes}.")
    return minutes
