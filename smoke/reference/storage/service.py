"""Stored objects: how they are named, limited and addressed; finding and changing them."""

from uuid import UUID, uuid4

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import schemas
from ..security.tenancy import Caller, find_own
from ..service import Service
from ..settings import StorageProvider
from ..web.errors import bad_request
from ..web.paging import Offsets, filtered
from .models import StorageObject
from .object_store import MAX_OBJECT_BYTES
from .presigned import presigned_url

ALLOWED_TYPES = frozenset(
    {
        "application/json",
        "application/msword",
        "application/octet-stream",
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/zip",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/csv",
        "text/html",
        "text/markdown",
        "text/plain",
    }
)


def objects_page(
    session: Session, caller: Caller, conversation_id: UUID | None, page: Offsets
) -> tuple[list[StorageObject], int | None]:
    """Return a page of the tenant's objects, newest first, and the offset of the next one."""
    wanted = {"tenant_id": caller.tenant_id, "conversation_id": conversation_id}
    query = filtered(select(StorageObject), **wanted)
    return page.rows(session, query, StorageObject.created_at, StorageObject.id)


def open_upload(
    session: Session, caller: Caller, body: schemas.StoragePresignUploadRequest
) -> StorageObject:
    """Add an object whose bytes may be uploaded, listed at once; 400 for a wrong type or size."""
    if body.mime_type.lower() not in ALLOWED_TYPES:
        raise bad_request(f"The type {body.mime_type!r} is not allowed.")
    if body.size_bytes > MAX_OBJECT_BYTES:
        raise bad_request("The object is too large. The limit is 512 MB.")
    object_id = uuid4()
    row = StorageObject(
        id=object_id,
        tenant_id=caller.tenant_id,
        user_id=caller.user_id,
        bucket=bucket_of(caller.tenant_id),
        object_key=object_key_of(caller.tenant_id, object_id, body.filename),
        details=body.metadata or {},
        **body.model_dump(exclude={"metadata"}),
    )
    session.add(row)
    _record(session, caller, row, "upload_requested")
    return row


def delete_object(service: Service, session: Session, caller: Caller, object_id: UUID) -> None:
    """Delete an object and its bytes; an unknown one is no error."""
    row = find_own(session, caller, StorageObject, object_id)
    if row is None:
        return
    session.delete(row)
    service.objects.delete(row.id)
    _record(session, caller, row, "deleted")


def bucket_of(tenant_id: UUID) -> str:
    """Return the bucket of a tenant."""
    return f"agent-data-{tenant_id.hex}"


def object_key_of(tenant_id: UUID, object_id: UUID, filename: str) -> str:
    """Return the key of an object: its ids, then its file name without blanks and slashes."""
    name = "_".join(filename.replace("/", " ").replace("\\", " ").split())
    return f"{tenant_id}/{object_id}/{name}"


def object_url(request: Request, service: Service, row: StorageObject, method: str) -> str:
    """Return the URL at which an object's bytes can be PUT, with its content type, or read."""
    path = f"{row.bucket}/{row.object_key}"
    if service.settings.storage_provider is StorageProvider.MEMORY:
        return f"memory://{path}"
    return presigned_url(
        str(request.base_url),
        service.keys.url_secret,
        method=method,
        path=path,
        content_type=(row.mime_type or "") if method == "PUT" else "",
    )


def _record(session: Session, caller: Caller, row: StorageObject, what: str) -> None:
    caller.record(session, f"storage.object.{what}", "storage_object", row.id, row.filename)
