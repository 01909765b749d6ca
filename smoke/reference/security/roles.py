"""Roles, their order, and the scopes that each puts into a token."""

from ..schemas import TenantRole
from ..web.errors import forbidden

_RANK = {TenantRole.VIEWER: 0, TenantRole.MEMBER: 1, TenantRole.ADMIN: 2, TenantRole.OWNER: 3}
_VIEWER = ("conversations:read", "tools:read")
_MEMBER = (*_VIEWER, "conversations:write")
_ADMIN = (
    *_MEMBER,
    "conversations:delete",
    "workflows:delete",
    "billing:read",
    "billing:manage",
    "support:read",
    "activity:read",
)
_SCOPES = {
    TenantRole.VIEWER: _VIEWER,
    TenantRole.MEMBER: _MEMBER,
    TenantRole.ADMIN: _ADMIN,
    TenantRole.OWNER: _ADMIN,
}
OPERATOR_SCOPE = "platform:operator"
_OPERATOR = (OPERATOR_SCOPE, "auth:invites", "auth:signup_requests")


def scopes_of(role: TenantRole, platform_role: str | None) -> tuple[str, ...]:
    """Return the scopes of a tenant role, with those of a platform operator on top."""
    return _SCOPES[role] + (_OPERATOR if platform_role == "platform_operator" else ())


def reaches(role: TenantRole, least: TenantRole) -> bool:
    """Tell whether a role is at least another one."""
    return _RANK[role] >= _RANK[least]


def require_role(role: TenantRole, least: TenantRole) -> None:
    """Refuse a role below another one: 403."""
    if not reaches(role, least):
        raise forbidden(f"The role {str(least)!r} is needed.")
