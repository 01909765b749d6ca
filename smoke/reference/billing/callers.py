"""Who may act on a tenant's billing: callers with a token of the tenant that the path names."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends

from ..security.tenancy import Caller, InTenant
from ..web.errors import forbidden


def _billed(role: str, scope: str | None = None) -> Callable[..., Awaitable[Caller]]:
    in_own = InTenant(role, scope=scope, feature="billing")

    async def caller(tenant_id: str, caller: Annotated[Caller, Depends(in_own)]) -> Caller:
        if tenant_id.lower() != str(caller.tenant_id):
            raise forbidden("The tenant of the path is not the tenant of the token.")
        return caller

    return caller


# A caller who may see what the tenant pays for; 403 for another tenant.
BillingReader = Annotated[Caller, Depends(_billed("viewer"))]
# A caller who may change what the tenant pays for.
BillingManager = Annotated[Caller, Depends(_billed("admin", "billing:manage"))]
