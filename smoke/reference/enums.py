"""Values that code compares, as the contract names them."""

from enum import StrEnum


class PlanChangeTiming(StrEnum):
    AUTO = "auto"
    IMMEDIATE = "immediate"
    PERIOD_END = "period_end"


class PlatformRole(StrEnum):
    PLATFORM_OPERATOR = "platform_operator"


class ServiceAccountTokenStatus(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"
    ALL = "all"


class SignupInviteStatus(StrEnum):
    """Lifecycle states for tenant signup invites."""

    ACTIVE = "active"
    REVOKED = "revoked"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"


class SignupRequestStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class StripeEventStatus(StrEnum):
    RECEIVED = "received"
    PROCESSED = "processed"
    FAILED = "failed"


class TeamInviteStatus(StrEnum):
    """Lifecycle states for tenant member invites."""

    ACTIVE = "active"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


class TenantAccountStatus(StrEnum):
    """Lifecycle states for tenant accounts."""

    PROVISIONING = "provisioning"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DEPROVISIONING = "deprovisioning"
    DEPROVISIONED = "deprovisioned"


class TenantRole(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"
