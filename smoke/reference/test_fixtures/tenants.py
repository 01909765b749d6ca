"""Seeding tenants, with their counters, assets and billing."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from .. import schemas
from ..assets.models import Asset
from ..billing.catalogue import plan_of
from ..billing.events import record_billing_event
from ..billing.models import Subscription, UsageRecord
from ..billing.subscriptions import ACTIVE, CANCELED, clear_pending, period_of, settle
from ..billing.usage import add_usage
from ..conversations.service import id_of_key
from ..database import aware, found_or_made, now
from ..service import Service
from ..storage.models import StorageObject
from ..storage.service import bucket_of, object_key_of
from ..tenants.models import Tenant
from ..usage.service import counter_of
from .conversations import seed_conversations
from .users import seed_users, user_id_of


def seed_usage_counters(
    session: Session, tenant: Tenant, wanted: Sequence[schemas.FixtureUsageCounter]
) -> None:
    """Make or reset counters, one for each user, period and granularity."""
    for one in wanted:
        user_id = user_id_of(session, one.user_email)
        counter = counter_of(session, tenant.id, user_id, one.granularity, one.period_start)
        counter.input_tokens, counter.output_tokens = one.input_tokens, one.output_tokens
        counter.requests, counter.storage_bytes = one.requests, one.storage_bytes
    session.flush()


def seed_assets(
    session: Session, tenant: Tenant, wanted: Sequence[schemas.FixtureAsset]
) -> dict[str, schemas.FixtureAssetResult]:
    """Make or reset assets by key, each with its storage object."""
    results: dict[str, schemas.FixtureAssetResult] = {}
    for one in wanted:
        user_id = user_id_of(session, one.user_email)
        stored = _storage_object(session, tenant, user_id, one)
        asset = _asset(session, stored, one)
        results[one.key] = schemas.FixtureAssetResult(
            asset_id=str(asset.id), storage_object_id=str(stored.id)
        )
    return results


def _storage_object(
    session: Session, tenant: Tenant, user_id: UUID | None, wanted: schemas.FixtureAsset
) -> StorageObject:
    object_id = uuid5(tenant.id, f"asset-object:{wanted.key}")
    row = found_or_made(session, StorageObject, id=object_id, tenant_id=tenant.id)
    row.bucket, row.filename = bucket_of(tenant.id), wanted.filename
    row.object_key = object_key_of(tenant.id, object_id, wanted.filename)
    row.mime_type, row.size_bytes = wanted.mime_type, wanted.size_bytes
    row.agent_key, row.user_id = wanted.agent_key, user_id
    key = wanted.conversation_key
    row.conversation_id = None if key is None else id_of_key(tenant.id, key)
    session.flush()
    return row


def _asset(session: Session, stored: StorageObject, wanted: schemas.FixtureAsset) -> Asset:
    asset_id = uuid5(stored.tenant_id, f"asset:{wanted.key}")
    key = {"id": asset_id, "tenant_id": stored.tenant_id, "storage_object_id": stored.id}
    row = found_or_made(session, Asset, **key)
    row.user_id, row.conversation_id = stored.user_id, stored.conversation_id
    row.details = wanted.metadata
    for name in (
        "asset_type",
        "source_tool",
        "message_id",
        "tool_call_id",
        "response_id",
        "container_id",
        "openai_file_id",
    ):
        setattr(row, name, getattr(wanted, name))
    session.flush()
    return row


def seed_billing(session: Session, tenant: Tenant, wanted: schemas.FixtureTenant) -> None:
    """Make the subscription active on the wanted plan, and report the wanted usage.

    Without a plan nothing is done. A subscription that begins has an event, and is charged
    nothing. Usage without an idempotency key is the same usage when it is seeded again.
    """
    if wanted.plan_code is None:
        return
    row = session.get(Subscription, tenant.id)
    if row is None:
        row = Subscription(tenant_id=tenant.id, auto_renew=True, status=CANCELED)
        session.add(row)
    settle(row, now())
    begins = row.status == CANCELED
    row.plan_code, row.status, row.cancel_at = wanted.plan_code, ACTIVE, None
    row.billing_email = wanted.billing_email or row.billing_email or tenant.billing_email
    clear_pending(row)
    if begins:
        row.starts_at = now()
        record_billing_event(session, row, "customer.subscription.created", "It was seeded.")
    for entry in wanted.usage:
        add_usage(session, _record(row, entry))
    session.flush()


def _record(row: Subscription, entry: schemas.FixtureUsageEntry) -> UsageRecord:
    start = aware(entry.period_start)
    return UsageRecord(
        tenant_id=row.tenant_id,
        feature_key=entry.feature_key,
        unit=entry.unit,
        quantity=entry.quantity,
        idempotency_key=entry.idempotency_key or f"fixture {entry.feature_key} {start}",
        period_start=start,
        period_end=aware(entry.period_end) if entry.period_end else period_of(row, start)[1],
    )


async def seed_tenant(
    service: Service, wanted: schemas.FixtureTenant
) -> schemas.FixtureTenantResult:
    """Make or reset a tenant and what it names; 400, and nothing changed, for unknown names."""
    if wanted.plan_code is not None:
        plan_of(wanted.plan_code)
    async with service.database.writing() as session:
        tenant = _tenant(session, wanted)
        users = seed_users(service, session, tenant, wanted.users)
        conversations = seed_conversations(session, tenant, wanted.conversations)
        seed_billing(session, tenant, wanted)
        seed_usage_counters(session, tenant, wanted.usage_counters)
        assets = seed_assets(session, tenant, wanted.assets)
        return schemas.FixtureTenantResult(
            tenant_id=str(tenant.id),
            plan_code=wanted.plan_code,
            users=users,
            conversations=conversations,
            assets=assets,
        )


def _tenant(session: Session, wanted: schemas.FixtureTenant) -> Tenant:
    """Return the tenant of the slug; one that was suspended or deprovisioned stays so."""
    tenant = found_or_made(session, Tenant, slug=wanted.slug)
    tenant.name = wanted.name
    if wanted.billing_email is not None:
        tenant.billing_email = wanted.billing_email
    if wanted.plan_code is not None:
        tenant.plan_code = wanted.plan_code
    session.flush()
    return tenant
