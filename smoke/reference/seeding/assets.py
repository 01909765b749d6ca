"""
Seeding assets with their storage objects; there are no bytes until somebody uploads them.
"""

from collections.abc import Sequence
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from ..models.test_fixtures import FixtureAsset, FixtureAssetResult
from ..storage_objects import bucket_of, object_key_of
from ..tables.assets import Asset
from ..tables.storage import StorageObject
from ..tables.tenants import Tenant
from .conversations import conversation_id_of
from .users import user_id_of


async def seed_assets(
    session: AsyncSession, tenant: Tenant, wanted: Sequence[FixtureAsset]
) -> dict[str, FixtureAssetResult]:
    """
    Make or reset assets by key, each with its storage object.
    """
    results: dict[str, FixtureAssetResult] = {}
    for one in wanted:
        user_id = await user_id_of(session, one.user_email)
        stored = await _storage_object(session, tenant, user_id, one)
        asset = await _asset(session, stored, one)
        results[one.key] = FixtureAssetResult(
            asset_id=str(asset.id), storage_object_id=str(stored.id)
        )
    return results


async def _storage_object(
    session: AsyncSession, tenant: Tenant, user_id: UUID | None, wanted: FixtureAsset
) -> StorageObject:
    object_id = uuid5(tenant.id, f"asset-object:{wanted.key}")
    row = await session.get(StorageObject, object_id)
    if row is None:
        row = StorageObject(id=object_id, tenant_id=tenant.id, bucket=bucket_of(tenant.id))
        session.add(row)
    row.filename = wanted.filename
    row.object_key = object_key_of(tenant.id, object_id, wanted.filename)
    row.mime_type, row.size_bytes = wanted.mime_type, wanted.size_bytes
    row.agent_key, row.user_id = wanted.agent_key, user_id
    key = wanted.conversation_key
    row.conversation_id = None if key is None else conversation_id_of(tenant.id, key)
    await session.flush()
    return row


async def _asset(session: AsyncSession, stored: StorageObject, wanted: FixtureAsset) -> Asset:
    asset_id = uuid5(stored.tenant_id, f"asset:{wanted.key}")
    row = await session.get(Asset, asset_id)
    if row is None:
        row = Asset(id=asset_id, tenant_id=stored.tenant_id, storage_object_id=stored.id)
        session.add(row)
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
    await session.flush()
    return row
