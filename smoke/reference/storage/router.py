"""Stored objects: where to upload, where to download, what there is."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..activity.log import record_activity
from ..features.service import Feature
from ..schemas import StoragePresignUploadRequest, StoragePresignUploadResponse, TenantRole
from ..security.tenancy import Caller, in_tenant
from ..service import OpenSession, Running, Service
from ..web.errors import bad_request, not_found
from ..web.paging import Offset, offset_page
from .models import StorageObject
from .schemas import (
    StorageObjectListResponse,
    StorageObjectResponse,
    StoragePresignDownloadResponse,
)
from .service import (
    ALLOWED_TYPES,
    LIFETIME_S,
    bucket_of,
    download_url,
    is_too_large,
    object_key_of,
    upload_url,
)

router = APIRouter(prefix="/api/v1/storage/objects", tags=["storage"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER, feature=Feature.STORAGE))]
Admin = Annotated[Caller, Depends(in_tenant(TenantRole.ADMIN, feature=Feature.STORAGE))]


@router.post("/upload-url", status_code=201)
async def create_presigned_upload(
    caller: Admin,
    body: StoragePresignUploadRequest,
    request: Request,
    service: Running,
    session: OpenSession,
) -> StoragePresignUploadResponse:
    """An object that is listed at once, and a URL to which its bytes can be PUT."""
    return open_upload(request, service, session, caller, body)


@router.get("")
async def list_objects(
    caller: Viewer,
    session: OpenSession,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
    conversation_id: UUID | None = None,
) -> StorageObjectListResponse:
    """The tenant's objects, newest first."""
    query = select(StorageObject).where(StorageObject.tenant_id == caller.tenant_id)
    if conversation_id is not None:
        query = query.where(StorageObject.conversation_id == conversation_id)
    query = query.order_by(StorageObject.created_at.desc(), StorageObject.id)
    rows, next_offset = offset_page(session, query, limit=limit, offset=offset)
    names = StorageObjectResponse.model_fields
    items = [StorageObjectResponse(**{name: getattr(row, name) for name in names}) for row in rows]
    return StorageObjectListResponse(items=items, next_offset=next_offset)


@router.get("/{object_id}/download-url")
async def get_download_url(
    object_id: UUID, caller: Viewer, request: Request, service: Running, session: OpenSession
) -> StoragePresignDownloadResponse:
    """A URL from which the object's bytes can be read, if there are any."""
    row = session.get(StorageObject, object_id)
    if row is None or row.tenant_id != caller.tenant_id:
        raise not_found("Object")
    return StoragePresignDownloadResponse(
        object_id=row.id,
        download_url=download_url(request, service, row),
        method="GET",
        headers={},
        bucket=row.bucket,
        object_key=row.object_key,
        expires_in_seconds=LIFETIME_S,
    )


@router.delete("/{object_id}", status_code=204)
async def delete_object(
    object_id: UUID, caller: Admin, service: Running, session: OpenSession
) -> None:
    """The object and its bytes are gone; an unknown one is no error."""
    row = session.get(StorageObject, object_id)
    if row is None or row.tenant_id != caller.tenant_id:
        return
    session.delete(row)
    await service.objects.delete(row.id)
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        "storage.object.deleted",
        actor_role=caller.role,
        object_type="storage_object",
        object_id=row.id,
        object_name=row.filename,
    )


def open_upload(
    request: Request,
    service: Service,
    session: Session,
    caller: Caller,
    body: StoragePresignUploadRequest,
) -> StoragePresignUploadResponse:
    """Add an object, and return the URL to which its bytes can be PUT.

    Raises:
        Refusal: 400, the type is not allowed or the size is above the limit.
    """
    row = _new_object(caller, body)
    session.add(row)
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        "storage.object.upload_requested",
        actor_role=caller.role,
        object_type="storage_object",
        object_id=row.id,
        object_name=row.filename,
    )
    return StoragePresignUploadResponse(
        object_id=row.id,
        upload_url=upload_url(request, service, row),
        method="PUT",
        headers={"Content-Type": body.mime_type},
        bucket=row.bucket,
        object_key=row.object_key,
        expires_in_seconds=LIFETIME_S,
    )


def _new_object(caller: Caller, body: StoragePresignUploadRequest) -> StorageObject:
    """Return the row of an object that may be uploaded."""
    if body.mime_type.lower() not in ALLOWED_TYPES:
        raise bad_request(f"The type {body.mime_type!r} is not allowed.")
    if is_too_large(body.size_bytes):
        raise bad_request("The object is too large. The limit is 512 MB.")
    object_id = uuid4()
    return StorageObject(
        id=object_id,
        tenant_id=caller.tenant_id,
        user_id=caller.user_id,
        bucket=bucket_of(caller.tenant_id),
        object_key=object_key_of(caller.tenant_id, object_id, body.filename),
        filename=body.filename,
        mime_type=body.mime_type,
        size_bytes=body.size_bytes,
        agent_key=body.agent_key,
        conversation_id=body.conversation_id,
        details=body.metadata or {},
    )
