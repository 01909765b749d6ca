"""The bytes behind presigned URLs, as a storage provider would serve them."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from ..service import Running
from ..web.errors import Refusal, forbidden, not_found
from .models import StorageObject
from .object_store import ObjectTooLargeError
from .service import PATH, is_allowed

router = APIRouter(prefix=PATH, include_in_schema=False)
_Signature = Annotated[str, Query()]


@router.put("/{path:path}")
async def put_object(
    path: str, request: Request, service: Running, expires: int, signature: _Signature
) -> Response:
    """The bytes of an object are replaced."""
    content_type = request.headers.get("content-type", "")
    if not is_allowed(
        service.keys.url_secret,
        method="PUT",
        path=path,
        expires=expires,
        signature=signature,
        content_type=content_type,
    ):
        raise forbidden("The URL is not valid for this request, or has expired.")
    row = _row(service, path)
    try:
        await service.objects.write(row.id, request.stream())
    except ObjectTooLargeError as error:
        raise Refusal(413, "The object is too large. The limit is 512 MB.") from error
    return Response(status_code=200)


@router.get("/{path:path}")
async def get_object(
    path: str, service: Running, expires: int, signature: _Signature
) -> FileResponse:
    """The bytes of an object."""
    if not is_allowed(
        service.keys.url_secret, method="GET", path=path, expires=expires, signature=signature
    ):
        raise forbidden("The URL is not valid for this request, or has expired.")
    row = _row(service, path)
    file = service.objects.path(row.id)
    if not await asyncio.to_thread(file.is_file):
        raise not_found("Object")
    return FileResponse(file, media_type=row.mime_type)


def _row(service: Running, path: str) -> StorageObject:
    """
    Return the object of a signed path (`bucket/tenant/object/name`), if it was not deleted since.
    """
    with service.database.reading() as session:
        row = session.get(StorageObject, UUID(path.split("/")[2]))
    if row is None:
        raise not_found("Object")
    return row
