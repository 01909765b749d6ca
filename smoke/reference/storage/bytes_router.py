"""The bytes behind presigned URLs, as a storage provider would serve them."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from ..database import existing
from ..service import Running, Service
from ..web.errors import Refusal, forbidden, not_found
from .models import StorageObject
from .object_store import ObjectTooLargeError
from .presigned import PATH, is_allowed

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.put("/{path:path}")
async def put_object(
    path: str, request: Request, service: Running, expires: int, signature: str
) -> Response:
    """Replace the bytes of an object."""
    content_type = request.headers.get("content-type", "")
    row = _allowed(service, "PUT", path, expires, signature, content_type)
    try:
        await service.objects.write(row.id, request.stream())
    except ObjectTooLargeError as error:
        raise Refusal(413, "The object is too large. The limit is 512 MB.") from error
    return Response(status_code=200)


@router.get("/{path:path}")
async def get_object(path: str, service: Running, expires: int, signature: str) -> FileResponse:
    """Return the bytes of an object."""
    row = _allowed(service, "GET", path, expires, signature)
    if not service.objects.has(row.id):
        raise not_found("Object")
    return FileResponse(service.objects.path(row.id), media_type=row.mime_type)


def _allowed(
    service: Service, method: str, path: str, expires: int, signature: str, content_type: str = ""
) -> StorageObject:
    """Return the object of a signed path `bucket/tenant/object/name`; 403, 404 once deleted."""
    if not is_allowed(
        service.keys.url_secret,
        method=method,
        path=path,
        expires=expires,
        signature=signature,
        content_type=content_type,
    ):
        raise forbidden("The URL is not valid for this request, or has expired.")
    with service.database.reading() as session:
        return existing(session, StorageObject, UUID(path.split("/")[2]), "Object")
