"""Stored objects: where to upload, where to download, what there is."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from .. import schemas
from ..security.tenancy import Caller, InTenant, own
from ..service import OpenSession, Running, Service
from ..views import shown
from ..web.paging import Offsets20
from . import service as storage
from .models import StorageObject
from .presigned import LIFETIME_S

router = APIRouter(prefix="/api/v1/storage/objects", tags=["storage"])
Viewer = Annotated[Caller, Depends(InTenant("viewer", feature="storage"))]
Admin = Annotated[Caller, Depends(InTenant("admin", feature="storage"))]


@router.post("/upload-url", status_code=201)
async def create_presigned_upload(
    caller: Admin,
    body: schemas.StoragePresignUploadRequest,
    request: Request,
    service: Running,
    session: OpenSession,
) -> schemas.StoragePresignUploadResponse:
    return upload_view(request, service, storage.open_upload(session, caller, body))


@router.get("")
async def list_objects(
    caller: Viewer, session: OpenSession, page: Offsets20, conversation_id: UUID | None = None
) -> schemas.StorageObjectListResponse:
    rows, next_offset = storage.objects_page(session, caller, conversation_id, page)
    items = [shown(schemas.StorageObjectResponse, row) for row in rows]
    return schemas.StorageObjectListResponse(items=items, next_offset=next_offset)


@router.get("/{object_id}/download-url")
async def get_download_url(
    object_id: UUID, caller: Viewer, request: Request, service: Running, session: OpenSession
) -> schemas.StoragePresignDownloadResponse:
    row = own(session, caller, StorageObject, object_id, "Object")
    return shown(
        schemas.StoragePresignDownloadResponse,
        row,
        object_id=row.id,
        download_url=storage.object_url(request, service, row, "GET"),
        method="GET",
        headers={},
        expires_in_seconds=LIFETIME_S,
    )


@router.delete("/{object_id}", status_code=204)
async def delete_object(
    object_id: UUID, caller: Admin, service: Running, session: OpenSession
) -> None:
    storage.delete_object(service, session, caller, object_id)


def upload_view(
    request: Request, service: Service, row: StorageObject
) -> schemas.StoragePresignUploadResponse:
    """Return where the bytes of an object can be PUT."""
    return shown(
        schemas.StoragePresignUploadResponse,
        row,
        object_id=row.id,
        upload_url=storage.object_url(request, service, row, "PUT"),
        method="PUT",
        headers={"Content-Type": row.mime_type or ""},
        expires_in_seconds=LIFETIME_S,
    )
