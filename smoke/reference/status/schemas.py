"""Requests and answers of the status surface."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel


class IncidentSchema(BaseModel):
    incident_id: str
    service: str
    occurred_at: datetime
    impact: str
    state: str


class ServiceStatusSchema(BaseModel):
    name: str
    status: str
    description: str
    owner: str
    last_incident_at: datetime | None = None


class StatusOverviewSchema(BaseModel):
    state: str
    description: str
    updated_at: datetime


class UptimeMetricSchema(BaseModel):
    label: str
    value: str
    helper_text: str
    trend_value: str
    trend_tone: str


class PlatformStatusResponse(BaseModel):
    generated_at: datetime
    overview: StatusOverviewSchema
    services: list[ServiceStatusSchema]
    incidents: list[IncidentSchema]
    uptime_metrics: list[UptimeMetricSchema]


class StatusIncidentResendRequest(BaseModel):
    severity: Literal["all", "major", "maintenance"] = "major"
    tenant_id: UUID | None = None


class StatusIncidentResendResponse(BaseModel):
    dispatched: int


class StatusSubscriptionChallengeRequest(BaseModel):
    token: str


class StatusSubscriptionCreateRequest(BaseModel):
    channel: Literal["email", "webhook"]
    target: str
    severity_filter: Literal["all", "major", "maintenance"] | None = "major"
    metadata: dict[str, Any] | None = None


class StatusSubscriptionResponse(BaseModel):
    id: UUID
    channel: str
    severity_filter: str
    status: str
    target_masked: str
    tenant_id: UUID | None = None
    created_by: str
    created_at: datetime
    updated_at: datetime
    webhook_secret: str | None = None


class StatusSubscriptionListResponse(BaseModel):
    items: list[StatusSubscriptionResponse]
    next_cursor: str | None = None


class StatusSubscriptionVerifyRequest(BaseModel):
    token: str
