"""What a tenant used."""

from fastapi import APIRouter

from .. import schemas
from ..security.tenancy import Viewer
from ..service import OpenSession
from ..views import shown
from . import service

router = APIRouter(prefix="/api/v1/usage", tags=["usage"])


@router.get("")
async def list_usage(caller: Viewer, session: OpenSession) -> list[schemas.UsageCounterView]:
    return [
        shown(schemas.UsageCounterView, row)
        for row in service.counters_of(session, caller.tenant_id)
    ]
