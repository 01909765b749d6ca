"""Assets: what tools made and users sent, with where to get it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from .. import schemas
from ..security.tenancy import Caller, InTenant, Viewer
from ..service import OpenSession, Running, Service
from ..storage.presigned import LIFETIME_S
from ..storage.service import object_url
from ..views import shown
from ..web.paging import Offsets20
from . import service as assets

router = APIRouter(prefix="/api/v1/assets", tags=["assets"])
Reader = Annotated[Caller, Depends(InTenant("viewer", feature="storage"))]
Admin = Annotated[Caller, Depends(InTenant("admin", feature="storage"))]
Text64 = Annotated[str | None, Query(max_length=64)]


@router.get("")
async def list_assets(
    caller: Viewer,
    session: OpenSession,
    page: Offsets20,
    asset_type: Literal["image", "file"] | None = None,
    source_tool: (
        Literal["image_generation", "code_interpreter", "user_upload", "unknown"] | None
    ) = None,
    conversation_id: str | None = None,
    message_id: Annotated[int | None, Query(ge=1)] = None,
    agent_key: Text64 = None,
    mime_type_prefix: Text64 = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
) -> schemas.AssetListResponse:
    wanted = assets.Wanted(
        asset_type,
        source_tool,
        conversation_id,
        message_id,
        agent_key,
        mime_type_prefix,
        created_after,
        created_before,
    )
    rows, next_offset = assets.assets_page(session, caller, wanted, page)
    return schemas.AssetListResponse(items=[_view(row) for row in rows], next_offset=next_offset)


@router.post("/thumbnail-urls")
async def get_asset_thumbnail_urls(
    caller: Reader,
    body: schemas.AssetThumbnailUrlsRequest,
    request: Request,
    service: Running,
    session: OpenSession,
) -> schemas.AssetThumbnailUrlsResponse:
    answer = schemas.AssetThumbnailUrlsResponse(items=[])
    for asset_id in dict.fromkeys(body.asset_ids):
        found = assets.find_asset(session, caller, asset_id)
        if found is None:
            answer.missing_asset_ids.append(asset_id)
        elif not (found[1].mime_type or "").startswith("image/"):
            answer.unsupported_asset_ids.append(asset_id)
        else:
            answer.items.append(schemas.AssetThumbnailUrlItem(**_access(request, service, found)))
    return answer


@router.get("/{asset_id}")
async def get_asset(asset_id: UUID, caller: Reader, session: OpenSession) -> schemas.AssetResponse:
    return _view(assets.visible_asset(session, caller, asset_id))


@router.get("/{asset_id}/download-url")
async def get_asset_download_url(
    asset_id: UUID, caller: Reader, request: Request, service: Running, session: OpenSession
) -> schemas.AssetDownloadResponse:
    found = assets.visible_asset(session, caller, asset_id)
    return schemas.AssetDownloadResponse(**_access(request, service, found))


@router.delete("/{asset_id}", status_code=204)
async def delete_asset(
    asset_id: UUID, caller: Admin, service: Running, session: OpenSession
) -> None:
    assets.delete_asset(service, session, caller, asset_id)


def _view(found: assets.Found) -> schemas.AssetResponse:
    asset, stored = found
    of_object = ("filename", "mime_type", "size_bytes", "agent_key")
    return shown(
        schemas.AssetResponse,
        asset,
        metadata=asset.details,
        storage_status=stored.status,
        asset_created_at=asset.created_at,
        asset_updated_at=asset.updated_at,
        storage_created_at=stored.created_at,
        **{name: getattr(stored, name) for name in of_object},
    )


def _access(request: Request, service: Service, found: assets.Found) -> dict[str, Any]:
    asset, stored = found
    return {
        "asset_id": asset.id,
        "storage_object_id": stored.id,
        "download_url": object_url(request, service, stored, "GET"),
        "method": "GET",
        "headers": {},
        "expires_in_seconds": LIFETIME_S,
    }
