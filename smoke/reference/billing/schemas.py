"""Requests and answers of the billing surface."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, EmailStr, Field


class BillingEventInvoiceResponse(BaseModel):
    invoice_id: str
    status: str
    amount_due_cents: int
    currency: str
    billing_reason: str | None = None
    hosted_invoice_url: str | None = None
    collection_method: str | None = None
    period_start: str | None = None
    period_end: str | None = None


class BillingEventSubscriptionResponse(BaseModel):
    plan_code: str
    status: str
    seat_count: int | None = None
    auto_renew: bool
    current_period_start: str | None = None
    current_period_end: str | None = None
    trial_ends_at: str | None = None
    cancel_at: str | None = None


class BillingEventUsageResponse(BaseModel):
    feature_key: str
    quantity: int
    period_start: str | None = None
    period_end: str | None = None
    amount_cents: int | None = None


class BillingEventResponse(BaseModel):
    tenant_id: str
    event_type: str
    stripe_event_id: str
    occurred_at: str
    summary: str | None = None
    status: str
    subscription: BillingEventSubscriptionResponse | None = None
    invoice: BillingEventInvoiceResponse | None = None
    usage: list[BillingEventUsageResponse] = Field(default_factory=list)


class BillingEventHistoryResponse(BaseModel):
    items: list[BillingEventResponse] = Field(default_factory=list)
    next_cursor: str | None = None


class PlanFeatureResponse(BaseModel):
    key: str
    display_name: str
    description: str | None = None
    hard_limit: int | None = None
    soft_limit: int | None = None
    is_metered: bool = False


class BillingPlanResponse(BaseModel):
    code: str
    name: str
    interval: str
    interval_count: int
    price_cents: int
    currency: str
    trial_days: int | None = None
    seat_included: int | None = None
    feature_toggles: dict[str, bool] = Field(default_factory=dict)
    is_active: bool = True
    features: list[PlanFeatureResponse] = Field(default_factory=list)


class CancelSubscriptionRequest(BaseModel):
    cancel_at_period_end: bool = True


class PlanChangeTiming(StrEnum):
    AUTO = "auto"
    IMMEDIATE = "immediate"
    PERIOD_END = "period_end"


class ChangeSubscriptionPlanRequest(BaseModel):
    plan_code: str
    seat_count: int | None = Field(None, gt=0)
    timing: PlanChangeTiming = PlanChangeTiming.AUTO


class PaymentMethodResponse(BaseModel):
    id: str
    brand: str | None = None
    last4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None
    is_default: bool = False


class TenantSubscriptionResponse(BaseModel):
    tenant_id: str
    plan_code: str
    status: str
    auto_renew: bool
    billing_email: str | None
    starts_at: datetime
    current_period_start: datetime | None = None
    current_period_end: datetime | None = None
    trial_ends_at: datetime | None = None
    cancel_at: datetime | None = None
    seat_count: int | None = None
    pending_plan_code: str | None = None
    pending_plan_effective_at: datetime | None = None
    pending_seat_count: int | None = None
    metadata: dict[str, str] = Field(default_factory=dict)


class PlanChangeResponse(BaseModel):
    subscription: TenantSubscriptionResponse
    target_plan_code: str
    effective_at: datetime | None = None
    seat_count: int | None = None
    timing: PlanChangeTiming = PlanChangeTiming.AUTO


class PortalSessionRequest(BaseModel):
    billing_email: EmailStr | None = None


class PortalSessionResponse(BaseModel):
    url: str


class SetupIntentRequest(BaseModel):
    billing_email: EmailStr | None = None


class SetupIntentResponse(BaseModel):
    id: str
    client_secret: str | None = None


class StartSubscriptionRequest(BaseModel):
    plan_code: str
    billing_email: EmailStr | None = None
    auto_renew: bool = True
    seat_count: int | None = Field(None, gt=0)


class StripeEventStatus(StrEnum):
    RECEIVED = "received"
    PROCESSED = "processed"
    FAILED = "failed"


class SubscriptionInvoiceResponse(BaseModel):
    invoice_id: str | None = None
    status: str
    amount_cents: int
    currency: str
    period_start: datetime
    period_end: datetime
    hosted_invoice_url: str | None = None
    created_at: datetime | None = None


class SubscriptionInvoiceListResponse(BaseModel):
    items: list[SubscriptionInvoiceResponse] = Field(default_factory=list)
    next_offset: int | None = None


class UpcomingInvoiceLineResponse(BaseModel):
    description: str | None = None
    amount_cents: int
    currency: str | None = None
    quantity: int | None = None
    unit_amount_cents: int | None = None
    price_id: str | None = None


class UpcomingInvoicePreviewRequest(BaseModel):
    seat_count: int | None = Field(None, gt=0)


class UpcomingInvoicePreviewResponse(BaseModel):
    plan_code: str
    plan_name: str
    seat_count: int | None = None
    invoice_id: str | None = None
    amount_due_cents: int
    currency: str
    period_start: datetime | None = None
    period_end: datetime | None = None
    lines: list[UpcomingInvoiceLineResponse] = Field(default_factory=list)


class UpdateSubscriptionRequest(BaseModel):
    auto_renew: bool | None = None
    billing_email: EmailStr | None = None
    seat_count: int | None = Field(None, gt=0)


class UsageRecordRequest(BaseModel):
    feature_key: str
    quantity: int = Field(gt=0)
    idempotency_key: str | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None


class UsageTotalResponse(BaseModel):
    feature_key: str
    unit: str
    quantity: int
    window_start: datetime
    window_end: datetime
