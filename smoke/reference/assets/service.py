"""Finding assets, and deleting them with what they stand for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..conversations.service import id_of
from ..security.tenancy import Caller, own
from ..service import Service
from ..storage.models import StorageObject
from ..web.paging import Offsets, between, filtered
from .models import Asset

Text64 = Annotated[str | None, Query(max_length=64)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the assets in a list; None asks for nothing."""

    asset_type: Literal["image", "file"] | None = None
    source_tool: (
        Literal["image_generation", "code_interpreter", "user_upload", "unknown"] | None
    ) = None
    conversation_id: str | None = None
    message_id: Annotated[int | None, Query(ge=1)] = None
    agent_key: Text64 = None
    mime_type_prefix: Text64 = None
    created_after: datetime | None = None
    created_before: datetime | None = None


def assets_page(
    session: Session, caller: Caller, wanted: Wanted, page: Offsets
) -> tuple[list[Asset], int | None]:
    """Return a page of the tenant's assets, newest first, and the offset of the next one."""
    text, prefix = wanted.conversation_id, wanted.mime_type_prefix
    query = filtered(
        select(Asset),
        tenant_id=caller.tenant_id,
        asset_type=wanted.asset_type,
        source_tool=wanted.source_tool,
        message_id=wanted.message_id,
        conversation_id=id_of(session, caller.tenant_id, text) if text else None,
    )
    query = between(query, Asset.created_at, wanted.created_after, wanted.created_before)
    query = query.join(Asset.stored)
    query = filtered(query, agent_key=wanted.agent_key)
    if prefix is not None:
        query = query.where(StorageObject.mime_type.istartswith(prefix, autoescape=True))
    return page.rows(session, query, Asset.created_at, Asset.id)


def visible_asset(session: Session, caller: Caller, asset_id: UUID) -> Asset:
    """Return an asset of the caller's tenant, or refuse with 404."""
    return own(session, caller, Asset, asset_id, "Asset")


def delete_asset(service: Service, session: Session, caller: Caller, asset_id: UUID) -> None:
    """Delete an asset, its object and its bytes."""
    asset = visible_asset(session, caller, asset_id)
    stored = asset.stored
    session.delete(asset)
    session.flush()
    session.delete(stored)
    service.objects.delete(stored.id)
    caller.record(session, "asset.deleted", "asset", asset.id, stored.filename)
