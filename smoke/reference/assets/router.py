"""Assets: what tools made and users sent, with where to get it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from .. import schemas
from ..security.tenancy import Caller, InTenant, Viewer, find_own
from ..service import OpenSession, Running, Service
from ..storage.presigned import LIFETIME_S
from ..storage.service import object_url
from ..views import shown
from ..web.paging import Offsets20, asked
from . import service as assets
from .models import Asset

router = APIRouter(prefix="/api/v1/assets", tags=["assets"])
Reader = Annotated[Caller, Depends(InTenant("viewer", feature="storage"))]
Admin = Annotated[Caller, Depends(InTenant("admin", feature="storage"))]


@router.get("")
async def list_assets(
    caller: Viewer,
    session: OpenSession,
    page: Offsets20,
    wanted: Annotated[assets.Wanted, Depends(asked(assets.Wanted))],
) -> schemas.AssetListResponse:
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
        asset = find_own(session, caller, Asset, asset_id)
        if asset is None:
            answer.missing_asset_ids.append(asset_id)
        elif not (asset.stored.mime_type or "").startswith("image/"):
            answer.unsupported_asset_ids.append(asset_id)
        else:
            answer.items.append(schemas.AssetThumbnailUrlItem(**_access(request, service, asset)))
    return answer


@router.get("/{asset_id}")
async def get_asset(asset_id: UUID, caller: Reader, session: OpenSession) -> schemas.AssetResponse:
    return _view(assets.visible_asset(session, caller, asset_id))


@router.get("/{asset_id}/download-url")
async def get_asset_download_url(
    asset_id: UUID, caller: Reader, request: Request, service: Running, session: OpenSession
) -> schemas.AssetDownloadResponse:
    asset = assets.visible_asset(session, caller, asset_id)
    return schemas.AssetDownloadResponse(**_access(request, service, asset))


@router.delete("/{asset_id}", status_code=204)
async def delete_asset(
    asset_id: UUID, caller: Admin, service: Running, session: OpenSession
) -> None:
    assets.delete_asset(service, session, caller, asset_id)


def _view(asset: Asset) -> schemas.AssetResponse:
    stored = asset.stored
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


def _access(request: Request, service: Service, asset: Asset) -> dict[str, Any]:
    return {
        "asset_id": asset.id,
        "storage_object_id": asset.storage_object_id,
        "download_url": object_url(request, service, asset.stored, "GET"),
        "method": "GET",
        "headers": {},
        "expires_in_seconds": LIFETIME_S,
    }
