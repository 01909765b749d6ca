"""Service accounts: which there are, and the tokens that they get."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from .. import schemas
from ..database import now
from ..schemas import ServiceAccountTokenStatus
from ..security.tenancy import Caller
from ..service import Service
from ..tenants.models import Tenant
from ..web.errors import Refusal, bad_request, forbidden, unauthorized
from ..web.limits import SERVICE_ACCOUNT
from ..web.paging import Offsets, filtered
from .models import ServiceAccountToken

DEMO_CREDENTIAL = "dev-demo"
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


def require_credential(service: Service, authorization: str) -> None:
    """Refuse whoever does not show the credential that stands in for a signing vault."""
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise unauthorized("A bearer credential is needed.")
    if credential.startswith("vault:"):
        raise Refusal(503, "There is no vault that could verify the signature.")
    if credential.strip() != DEMO_CREDENTIAL or service.settings.vault_verify_enabled:
        raise unauthorized("A credential signed by the vault is needed.")


def issue_token(
    service: Service,
    session: Session,
    body: schemas.ServiceAccountIssueRequest,
    reason: str | None = None,
) -> tuple[ServiceAccountToken, str]:
    """Sign a refresh token; 400 for an impossible account, scope, tenant or lifetime."""
    service.limits.count_each(SERVICE_ACCOUNT, body.account, "all")
    account, tenant_id = _account(body), _tenant_id(session, body)
    if account.needs_tenant and tenant_id is None:
        raise bad_request(f"The account {account.name!r} acts for a tenant. Send tenant_id.")
    token = service.tokens.signed(_claims(body, tenant_id), _lifetime(body))
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
    return row, token.text


def issue_for(
    service: Service,
    session: Session,
    caller: Caller,
    body: schemas.BrowserServiceAccountIssueRequest,
) -> tuple[ServiceAccountToken, str]:
    """Sign a token in an admin's own tenant; an operator names any tenant, or none."""
    tenant_id = body.tenant_id
    if not caller.is_operator:
        if tenant_id not in (None, str(caller.tenant_id)):
            raise forbidden("The token is for another tenant.")
        tenant_id = str(caller.tenant_id)
    wanted = schemas.ServiceAccountIssueRequest.model_validate(
        body.model_dump() | {"tenant_id": tenant_id}
    )
    answer = issue_token(service, session, wanted, body.reason)
    action = "service_account.token.issued"
    caller.record(session, action, "service_account", None, body.account)
    return answer


def tokens_page(
    session: Session,
    query: Select[ServiceAccountToken],
    account: str | None,
    fingerprint: str | None,
    status: ServiceAccountTokenStatus,
    page: Offsets,
) -> tuple[list[ServiceAccountToken], int]:
    """Return a page of the tokens of a query, and how many there are."""
    token = ServiceAccountToken
    if account:
        query = query.where(token.account.icontains(account, autoescape=True))
    query = filtered(query, fingerprint=fingerprint or None)
    if status is not ServiceAccountTokenStatus.ALL:
        revoked = token.revoked_at.is_not(None)
        query = query.where(revoked if status is ServiceAccountTokenStatus.REVOKED else ~revoked)
    return page.counted(session, query, token.issued_at, token.jti)


def tokens_seen_by(
    caller: Caller, tenant_id: str | None, *, include_global: bool
) -> Select[ServiceAccountToken]:
    """Return the query of an admin's own tenant's tokens, or of those an operator asks for."""
    query, column = select(ServiceAccountToken), ServiceAccountToken.tenant_id
    if not caller.is_operator:
        if tenant_id not in (None, str(caller.tenant_id)) or include_global:
            raise forbidden("Only an operator sees tokens of other tenants.")
        return query.where(column == caller.tenant_id)
    wanted = column.is_not(None) if tenant_id is None else column == _uuid(tenant_id)
    return query.where(wanted | column.is_(None) if include_global else wanted)


def revoke_token(session: Session, caller: Caller, jti: str, reason: str | None) -> None:
    """Revoke a token that the caller may see; an unknown one changes nothing."""
    row = session.get(ServiceAccountToken, jti)
    if row is None or row.revoked_at is not None:
        return
    if caller.is_operator or row.tenant_id == caller.tenant_id:
        row.revoked_at, row.revoked_reason = now(), reason


def _claims(
    body: schemas.ServiceAccountIssueRequest, tenant_id: UUID | None
) -> dict[str, str | None]:
    return {
        "sub": f"service-account:{body.account}",
        "account": body.account,
        "tenant_id": str(tenant_id) if tenant_id else None,
        "scope": " ".join(body.scopes),
        "token_use": "refresh",
    }


def _account(body: schemas.ServiceAccountIssueRequest) -> ServiceAccount:
    account = CATALOGUE.get(body.account)
    if account is None:
        known = ", ".join(CATALOGUE)
        raise bad_request(f"The account {body.account!r} is unknown. Use one of: {known}.")
    _require_scopes(account, body.scopes)
    return account


def _require_scopes(account: ServiceAccount, scopes: Sequence[str]) -> None:
    if not scopes or not set(scopes) <= set(account.scopes):
        may = ", ".join(account.scopes)
        raise bad_request(f"The account {account.name!r} may have: {may}. Asked for: {scopes!r}.")


def _tenant_id(session: Session, body: schemas.ServiceAccountIssueRequest) -> UUID | None:
    if body.tenant_id is None:
        return None
    tenant = session.get(Tenant, _uuid(body.tenant_id))
    if tenant is None:
        raise bad_request(f"The tenant {body.tenant_id!r} is unknown.")
    return tenant.id


def _lifetime(body: schemas.ServiceAccountIssueRequest) -> timedelta:
    minutes = _DEFAULT_LIFETIME_MIN if body.lifetime_minutes is None else body.lifetime_minutes
    if not 1 <= minutes <= _LONGEST_LIFETIME_MIN:
        raise bad_request(f"A token lives 1 to {_LONGEST_LIFETIME_MIN} minutes, not {minutes}.")
    return timedelta(minutes=minutes)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise bad_request(f"{text!r} is not the id of a tenant.") from error
