"""What a tenant used."""

from fastapi import APIRouter

from ..schemas import shown
from ..security.tenancy import Viewer
from ..service import OpenSession
from . import service
from .schemas import UsageCounterView

router = APIRouter(prefix="/api/v1/usage", tags=["usage"])


@router.get("")
async def list_usage(caller: Viewer, session: OpenSession) -> list[UsageCounterView]:
    """Return the tenant's counters, the newest period first."""
    return [shown(UsageCounterView, row) for row in service.counters_of(session, caller.tenant_id)]
