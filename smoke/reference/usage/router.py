"""What a tenant used."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import select

from ..schemas import TenantRole
from ..security.tenancy import Caller, in_tenant
from ..service import OpenSession
from .models import UsageCounter
from .schemas import UsageCounterView

router = APIRouter(prefix="/api/v1/usage", tags=["usage"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER))]


@router.get("")
async def list_usage(caller: Viewer, session: OpenSession) -> list[UsageCounterView]:
    """The tenant's counters, the newest period first."""
    query = select(UsageCounter).where(UsageCounter.tenant_id == caller.tenant_id)
    order = (UsageCounter.period_start.desc(), UsageCounter.granularity, UsageCounter.id)
    rows = session.scalars(query.order_by(*order))
    names = UsageCounterView.model_fields
    return [UsageCounterView(**{name: getattr(row, name) for name in names}) for row in rows]
