"""A tenant's subscription: start, read, change, cancel, its next cost, and metered usage."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from .. import schemas
from ..service import OpenSession
from . import changes, usage
from .callers import BillingManager, BillingReader
from .subscriptions import read_subscription, subscription_view

router = APIRouter(prefix="/api/v1/billing/tenants/{tenant_id}", tags=["billing"])


@router.get("/subscription")
async def get_tenant_subscription(
    caller: BillingReader, session: OpenSession
) -> schemas.TenantSubscriptionResponse:
    return subscription_view(read_subscription(session, caller.tenant_id))


@router.post("/subscription", status_code=201)
async def start_subscription(
    caller: BillingManager, body: schemas.StartSubscriptionRequest, session: OpenSession
) -> schemas.TenantSubscriptionResponse:
    return subscription_view(changes.start(session, caller, body))


@router.patch("/subscription")
async def update_subscription(
    caller: BillingManager, body: schemas.UpdateSubscriptionRequest, session: OpenSession
) -> schemas.TenantSubscriptionResponse:
    return subscription_view(changes.update(session, caller, body))


@router.post("/subscription/plan")
async def change_subscription_plan(
    caller: BillingManager, body: schemas.ChangeSubscriptionPlanRequest, session: OpenSession
) -> schemas.PlanChangeResponse:
    row, timing, effective_at = changes.change_plan(session, caller, body)
    return schemas.PlanChangeResponse(
        subscription=subscription_view(row),
        target_plan_code=body.plan_code,
        effective_at=effective_at,
        seat_count=body.seat_count or row.seat_count,
        timing=timing,
    )


@router.post("/subscription/cancel")
async def cancel_subscription(
    caller: BillingManager, body: schemas.CancelSubscriptionRequest, session: OpenSession
) -> schemas.TenantSubscriptionResponse:
    row = changes.cancel(session, caller, at_period_end=body.cancel_at_period_end)
    return subscription_view(row)


@router.post("/upcoming-invoice")
async def preview_upcoming_invoice(
    caller: BillingReader, body: schemas.UpcomingInvoicePreviewRequest, session: OpenSession
) -> schemas.UpcomingInvoicePreviewResponse:
    return changes.preview(session, caller, body.seat_count)


@router.post("/usage", status_code=202)
async def record_usage(
    caller: BillingManager, body: schemas.UsageRecordRequest, session: OpenSession
) -> schemas.SuccessNoDataResponse:
    usage.report_usage(session, caller, body)
    return schemas.SuccessNoDataResponse(message="Usage recorded.")


@router.get("/usage-totals")
async def list_usage_totals(
    caller: BillingReader,
    session: OpenSession,
    feature_keys: Annotated[list[str] | None, Query()] = None,
    period_start: datetime | None = None,
    period_end: datetime | None = None,
) -> list[schemas.UsageTotalResponse]:
    rows = usage.usage_totals(session, caller, feature_keys, period_start, period_end)
    return [schemas.UsageTotalResponse(**row) for row in rows]
