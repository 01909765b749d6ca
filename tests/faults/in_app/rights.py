"""A service that mixes up tenants, or roles."""

from dataclasses import replace as replace_fields
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import select

from smoke.reference.chat import turns
from smoke.reference.conversations import service as conversations
from smoke.reference.conversations.models import Conversation
from smoke.reference.schemas import TenantRole
from smoke.reference.security import tenancy
from smoke.reference.security.tenancy import Caller
from smoke.reference.service_accounts import service as service_accounts
from smoke.reference.signup import service as signup
from smoke.reference.web.errors import not_found
from tests.faults.in_app import Change, each, replace


class _Lower:
    """The roles as a careless default has them."""

    OWNER = TenantRole.ADMIN


def founder_is_an_admin() -> Change:
    """Whoever registers a tenant is one of its admins, and nobody owns it."""
    return replace(signup, "TenantRole", _Lower)


def _anybodys(session: Any, _caller: Caller, text: str) -> Conversation:
    """The conversation of a name or a UUID, whatever its tenant."""
    try:
        wanted = Conversation.id == UUID(text)
    except ValueError:
        wanted = Conversation.name == text
    found: Conversation | None = session.scalar(select(Conversation).where(wanted))
    if found is None:
        raise not_found("Conversation")
    return found


def _deleted_anyway(session: Any, caller: Caller, text: str) -> None:
    session.delete(_anybodys(session, caller, text))


other_tenants_are_read = replace(conversations, "visible_conversation", _anybodys)
other_tenants_are_deleted = replace(conversations, "delete_conversation", _deleted_anyway)
other_tenants_are_listed = replace(conversations, "of_tenant", lambda _c, _a: select(Conversation))


other_tenants_chat = replace(turns, "visible_conversation", _anybodys)
other_tenants_attach = replace(
    turns, "own", lambda session, _c, kind, key, _w: session.get(kind, key)
)


def _nothing(*_arguments: object) -> None:
    return None


programs_of_any_tenant = replace(
    service_accounts,
    "issue_for",
    lambda service, session, _caller, body: service_accounts.issue_token(service, session, body),
)
programs_get_any_scope = replace(service_accounts, "_require_scopes", _nothing)


writers_are_not_checked = each(
    replace(tenancy, "reaches", lambda _role, _least: True),
    replace(tenancy, "require_role", _nothing),
    replace(tenancy, "require_scope", _nothing),
)


def _taken_as_asked(own: TenantRole, asked: str | None) -> TenantRole:
    word = (asked or "").strip().lower()
    return TenantRole(word) if word in list(TenantRole) else own


role_header_lifts = replace(tenancy, "_capped", _taken_as_asked)


def _tenant_header_obeyed() -> Change:
    """The tenant of the header is the tenant of the request, whoever asks."""
    resolved = tenancy.resolved

    def obeying(
        request: Request, principal: Any, wishes: tenancy.Wishes, needs: tenancy.Needs
    ) -> Caller:
        caller = resolved(request, principal, replace_fields(wishes, tenant_id=None), needs)
        wanted = UUID(wishes.tenant_id) if wishes.tenant_id else caller.tenant_id
        return Caller(principal, wanted, caller.role)

    return replace(tenancy, "resolved", obeying)


tenant_header_obeyed = _tenant_header_obeyed()


def _members_open() -> Change:
    """Whoever is in a tenant may do with its members what its admins may."""
    resolved = tenancy.resolved

    def lax(
        request: Request, principal: Any, wishes: tenancy.Wishes, needs: tenancy.Needs
    ) -> Caller:
        if request.url.path.startswith("/api/v1/tenants/members"):
            needs = tenancy.Needs(TenantRole.VIEWER)
        return resolved(request, principal, wishes, needs)

    return replace(tenancy, "resolved", lax)


members_are_for_everyone = _members_open()


def _shared_index() -> Change:
    """The search, and only it, looks at every tenant's conversations."""
    found_in = conversations.found_in
    return replace(
        conversations, "found_in", lambda _query, text: found_in(select(Conversation), text)
    )


other_tenants_are_found = _shared_index()
