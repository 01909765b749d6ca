"""
Seeding tenants: one transaction each, made by slug, reset where it exists.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..billing_plans import plan_of
from ..models.test_fixtures import FixtureTenant, FixtureTenantResult
from ..service import Service
from ..tables.tenants import Tenant
from .assets import seed_assets
from .billing import seed_billing
from .conversations import seed_conversations
from .usage import seed_usage_counters
from .users import hashed_passwords, seed_users


async def seed_tenant(service: Service, wanted: FixtureTenant) -> FixtureTenantResult:
    """
    Make or reset a tenant and what is named in it; return the ids of what was named.

    Raises:
        Refusal: 400, an unknown plan or user is named; nothing of the tenant is changed.
    """
    if wanted.plan_code is not None:
        plan_of(wanted.plan_code)
    hashes = await hashed_passwords(wanted.users)
    async with service.database.writing() as session:
        tenant = await _tenant(session, wanted)
        users = await seed_users(session, tenant, wanted.users, hashes)
        conversations = await seed_conversations(session, tenant, wanted.conversations)
        await seed_billing(session, tenant, wanted)
        await seed_usage_counters(session, tenant, wanted.usage_counters)
        assets = await seed_assets(session, tenant, wanted.assets)
        return FixtureTenantResult(
            tenant_id=str(tenant.id),
            plan_code=wanted.plan_code,
            users=users,
            conversations=conversations,
            assets=assets,
        )


async def _tenant(session: AsyncSession, wanted: FixtureTenant) -> Tenant:
    """
    Return the tenant of the slug; one that was suspended or deprovisioned stays so.
    """
    tenant = await session.scalar(select(Tenant).where(Tenant.slug == wanted.slug))
    if tenant is None:
        tenant = Tenant(slug=wanted.slug, name=wanted.name)
        session.add(tenant)
    tenant.name = wanted.name
    if wanted.billing_email is not None:
        tenant.billing_email = wanted.billing_email
    if wanted.plan_code is not None:
        tenant.plan_code = wanted.plan_code
    await session.flush()
    return tenant
