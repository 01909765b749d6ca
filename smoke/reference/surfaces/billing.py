"""
What can be bought, and the stream of what was.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from ..billing_events import billing_event_view, events_after
from ..billing_plans import PLANS
from ..errors import forbidden
from ..event_stream import event_stream
from ..features import Feature, require_feature
from ..following import followed
from ..models.billing import BillingEventResponse, BillingPlanResponse
from ..models.shared import TenantRole
from ..service import Running
from ..tables.billing import BillingEvent
from ..tenancy import Caller, in_tenant

router = APIRouter(prefix="/api/v1/billing", tags=["billing"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER, feature=Feature.BILLING))]

_EVENT = {"$ref": f"#/components/schemas/{BillingEventResponse.__name__}"}
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": _EVENT}}}
}


@router.get("/plans")
async def list_billing_plans(service: Running) -> list[BillingPlanResponse]:
    """
    The plans on sale.
    """
    if not service.settings.enable_billing:
        raise forbidden("The feature 'billing' is not enabled.")
    return list(PLANS)


@router.get("/stream", response_class=Response, responses=_EVENTS)
async def billing_event_stream(caller: Viewer, service: Running) -> StreamingResponse:
    """
    The tenant's billing events, oldest first, then each as it happens; it never ends by itself.
    """
    async with service.database.reading() as session:
        await require_feature(session, service.settings, caller.tenant_id, Feature.BILLING_STREAM)
    events = followed(
        service.database,
        lambda session, last: events_after(session, caller.tenant_id, last),
        _data,
    )
    return event_stream(events)


def _data(event: BillingEvent) -> str:
    return billing_event_view(event).model_dump_json()
