"""Assets: what tools made and users sent, with where to get it."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ..activity.log import record_activity
from ..features.service import Feature
from ..schemas import TenantRole
from ..security.tenancy import Caller, in_tenant
from ..service import OpenSession, Running
from ..storage.models import StorageObject
from ..storage.service import LIFETIME_S, download_url
from ..web.errors import not_found
from ..web.paging import Offset
from .models import Asset
from .schemas import (
    AssetDownloadResponse,
    AssetListResponse,
    AssetResponse,
    AssetThumbnailUrlItem,
    AssetThumbnailUrlsRequest,
    AssetThumbnailUrlsResponse,
)

router = APIRouter(prefix="/api/v1/assets", tags=["assets"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER))]
Reader = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER, feature=Feature.STORAGE))]
Admin = Annotated[Caller, Depends(in_tenant(TenantRole.ADMIN, feature=Feature.STORAGE))]
Found = tuple[Asset, StorageObject]
_OF_ASSET = (
    *("id", "storage_object_id", "asset_type", "source_tool", "conversation_id", "message_id"),
    *("tool_call_id", "response_id", "container_id", "openai_file_id"),
)
_OF_OBJECT = ("filename", "mime_type", "size_bytes", "agent_key")


@router.get("")
async def list_assets(
    caller: Viewer,
    session: OpenSession,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
    asset_type: Literal["image", "file"] | None = None,
    source_tool: (
        Literal["image_generation", "code_interpreter", "user_upload", "unknown"] | None
    ) = None,
    conversation_id: str | None = None,
    message_id: Annotated[int | None, Query(ge=1)] = None,
    agent_key: Annotated[str | None, Query(max_length=64)] = None,
    mime_type_prefix: Annotated[str | None, Query(max_length=64)] = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
) -> AssetListResponse:
    """The tenant's assets, newest first."""
    wanted = (
        *_equal(Asset.asset_type, asset_type),
        *_equal(Asset.source_tool, source_tool),
        *_equal(Asset.conversation_id, _uuid(conversation_id)),
        *_equal(Asset.message_id, message_id),
        *_equal(StorageObject.agent_key, agent_key),
        *([StorageObject.mime_type.istartswith(mime_type_prefix, autoescape=True)]
          if mime_type_prefix else []),
        *([Asset.created_at >= _aware(created_after)] if created_after else []),
        *([Asset.created_at <= _aware(created_before)] if created_before else []),
    )  # fmt: skip
    query = (
        select(Asset, StorageObject)
        .join(StorageObject, StorageObject.id == Asset.storage_object_id)
        .where(Asset.tenant_id == caller.tenant_id, *wanted)
        .order_by(Asset.created_at.desc(), Asset.id)
    )
    rows = [(one[0], one[1]) for one in session.execute(query.limit(limit + 1).offset(offset))]
    return AssetListResponse(
        items=[_view(found) for found in rows[:limit]],
        next_offset=offset + limit if len(rows) > limit else None,
    )


@router.post("/thumbnail-urls")
async def get_asset_thumbnail_urls(
    caller: Reader,
    body: AssetThumbnailUrlsRequest,
    request: Request,
    service: Running,
    session: OpenSession,
) -> AssetThumbnailUrlsResponse:
    """Where to read the images among some assets; the others are named."""
    answer = AssetThumbnailUrlsResponse(items=[])
    for asset_id in dict.fromkeys(body.asset_ids):
        found = _find(session, caller, asset_id)
        if found is None:
            answer.missing_asset_ids.append(asset_id)
        elif not (found[1].mime_type or "").startswith("image/"):
            answer.unsupported_asset_ids.append(asset_id)
        else:
            url = download_url(request, service, found[1])
            answer.items.append(AssetThumbnailUrlItem(**_door(found, url)))
    return answer


@router.get("/{asset_id}")
async def get_asset(asset_id: UUID, caller: Reader, session: OpenSession) -> AssetResponse:
    """One asset."""
    return _view(_visible(session, caller, asset_id))


@router.get("/{asset_id}/download-url")
async def get_asset_download_url(
    asset_id: UUID, caller: Reader, request: Request, service: Running, session: OpenSession
) -> AssetDownloadResponse:
    """A URL from which the asset's bytes can be read, if there are any."""
    found = _visible(session, caller, asset_id)
    return AssetDownloadResponse(**_door(found, download_url(request, service, found[1])))


@router.delete("/{asset_id}", status_code=204)
async def delete_asset(
    asset_id: UUID, caller: Admin, service: Running, session: OpenSession
) -> None:
    """The asset, its object and its bytes are gone."""
    asset, stored = _visible(session, caller, asset_id)
    session.delete(asset)
    session.flush()
    session.delete(stored)
    await service.objects.delete(stored.id)
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        "asset.deleted",
        actor_role=caller.role,
        object_type="asset",
        object_id=asset.id,
        object_name=stored.filename,
    )


def _find(session: Session, caller: Caller, asset_id: UUID) -> Found | None:
    asset = session.get(Asset, asset_id)
    if asset is None or asset.tenant_id != caller.tenant_id:
        return None
    return asset, session.get_one(StorageObject, asset.storage_object_id)


def _visible(session: Session, caller: Caller, asset_id: UUID) -> Found:
    found = _find(session, caller, asset_id)
    if found is None:
        raise not_found("Asset")
    return found


def _view(found: Found) -> AssetResponse:
    asset, stored = found
    return AssetResponse(
        **{name: getattr(asset, name) for name in _OF_ASSET},
        **{name: getattr(stored, name) for name in _OF_OBJECT},
        metadata=asset.details,
        storage_status=stored.status,
        asset_created_at=asset.created_at,
        asset_updated_at=asset.updated_at,
        storage_created_at=stored.created_at,
    )


def _door(found: Found, url: str) -> dict[str, Any]:
    asset, stored = found
    return {
        "asset_id": asset.id,
        "storage_object_id": stored.id,
        "download_url": url,
        "method": "GET",
        "headers": {},
        "expires_in_seconds": LIFETIME_S,
    }


def _equal(column: Any, wanted: object) -> list[ColumnElement[bool]]:
    return [] if wanted is None else [column == wanted]


def _uuid(text: str | None) -> UUID | None:
    """Return the id that a text is; one that cannot be an id stands for nothing there is."""
    try:
        return UUID(text) if text is not None else None
    except ValueError:
        return UUID(int=0)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
