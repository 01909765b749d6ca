"""Finding assets, and deleting them with what they stand for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..conversations.service import id_of
from ..database import aware, variant_of
from ..security.tenancy import Caller, find_own, own
from ..service import Service
from ..storage.models import StorageObject
from ..web.paging import Offsets
from .models import Asset

Found = tuple[Asset, StorageObject]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the assets in a list; None asks for nothing."""

    asset_type: str | None
    source_tool: str | None
    conversation_id: str | None
    message_id: int | None
    agent_key: str | None
    mime_type_prefix: str | None
    created_after: datetime | None
    created_before: datetime | None


def assets_page(
    session: Session, caller: Caller, wanted: Wanted, page: Offsets
) -> tuple[list[Found], int | None]:
    """Return a page of the tenant's assets, newest first, and the offset of the next one."""
    query = (
        select(Asset, StorageObject)
        .join(StorageObject, StorageObject.id == Asset.storage_object_id)
        .where(Asset.tenant_id == caller.tenant_id, *_conditions(session, caller, wanted))
    )
    order: list[Any] = [Asset.created_at, Asset.id]
    if variant_of(session).newest_first:
        order = [Asset.created_at.desc(), Asset.id]
    rows = session.execute(query.order_by(*order).limit(page.limit + 1).offset(page.offset)).all()
    following = page.offset + page.limit if len(rows) > page.limit else None
    return [(asset, stored) for asset, stored in rows[: page.limit]], following


def find_asset(session: Session, caller: Caller, asset_id: UUID) -> Found | None:
    """Return an asset of the caller's tenant with its object, or None."""
    asset = find_own(session, caller, Asset, asset_id)
    if asset is None:
        return None
    return asset, session.get_one(StorageObject, asset.storage_object_id)


def visible_asset(session: Session, caller: Caller, asset_id: UUID) -> Found:
    """Return an asset of the caller's tenant with its object, or refuse with 404."""
    asset = own(session, caller, Asset, asset_id, "Asset")
    return asset, session.get_one(StorageObject, asset.storage_object_id)


def delete_asset(service: Service, session: Session, caller: Caller, asset_id: UUID) -> None:
    """Delete an asset, its object and its bytes."""
    asset, stored = visible_asset(session, caller, asset_id)
    session.delete(asset)
    session.flush()
    session.delete(stored)
    service.objects.delete(stored.id)
    caller.record(session, "asset.deleted", "asset", asset.id, stored.filename)


def _conditions(session: Session, caller: Caller, wanted: Wanted) -> list[Any]:
    """Return the conditions of those fields that ask for something."""
    text, prefix = wanted.conversation_id, wanted.mime_type_prefix
    equal: dict[Any, object] = {
        Asset.asset_type: wanted.asset_type,
        Asset.source_tool: wanted.source_tool,
        Asset.conversation_id: id_of(session, caller.tenant_id, text) if text else None,
        Asset.message_id: wanted.message_id,
        StorageObject.agent_key: wanted.agent_key,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if prefix is not None:
        conditions.append(StorageObject.mime_type.istartswith(prefix, autoescape=True))
    if wanted.created_after is not None:
        conditions.append(Asset.created_at >= aware(wanted.created_after))
    if wanted.created_before is not None:
        conditions.append(Asset.created_at <= aware(wanted.created_before))
    return conditions
