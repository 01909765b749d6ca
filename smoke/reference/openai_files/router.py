"""Downloads of the files in a tenant's vector stores and containers."""

import asyncio
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from sqlalchemy import select

from ..containers.models import Container, ContainerFile
from ..containers.router import Viewer as ContainerViewer
from ..service import OpenSession, Running, Service
from ..vector_stores.files import CONTAINER, find_file, own_id
from ..vector_stores.models import ProviderFile, VectorStoreFile
from ..vector_stores.router import Viewer as StoreViewer
from ..web.errors import not_found

router = APIRouter(prefix="/api/v1/openai", tags=["openai-files"])
_BINARY = "application/octet-stream"
_DOWNLOAD: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {_BINARY: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {
            "Content-Disposition": {
                "schema": {"type": "string"},
                "description": "Attachment filename hint.",
            },
            "Cache-Control": {
                "schema": {"type": "string"},
                "description": "Cache policy for downloads.",
            },
        },
    }
}


@router.get("/files/{file_id}/download", responses=_DOWNLOAD, response_class=Response)
async def download_openai_file(
    file_id: str, caller: StoreViewer, service: Running, session: OpenSession
) -> FileResponse:
    """The bytes of a file that is attached to one of the tenant's stores."""
    file = find_file(session, caller.tenant_id, file_id)
    attached = select(VectorStoreFile.id).where(VectorStoreFile.provider_file_id == file.id)
    if (session.scalars(attached)).first() is None:
        raise not_found("File")
    return await _bytes(service, file, file.filename)


@router.get(
    "/containers/{container_id}/files/{file_id}/download",
    responses=_DOWNLOAD,
    response_class=Response,
)
async def download_openai_container_file(
    container_id: str,
    file_id: str,
    caller: ContainerViewer,
    service: Running,
    session: OpenSession,
    conversation_id: str | None = None,  # noqa: ARG001  # here only a container's own files exist
    filename: str | None = None,
) -> FileResponse:
    """
    The bytes of a file that one of the tenant's containers, by the provider's id, was made with.
    """
    container = session.get(Container, key) if (key := own_id(CONTAINER, container_id)) else None
    if container is None or container.tenant_id != caller.tenant_id:
        raise not_found("Container")
    file = find_file(session, caller.tenant_id, file_id)
    if session.get(ContainerFile, (container.id, file.id)) is None:
        raise not_found("File")
    return await _bytes(service, file, filename or file.filename)


async def _bytes(service: Service, file: ProviderFile, filename: str) -> FileResponse:
    path = service.objects.path(file.id)
    if not await asyncio.to_thread(path.is_file):
        raise not_found("File")
    headers = {"Cache-Control": "private, no-store"}
    return FileResponse(path, media_type=_BINARY, filename=filename, headers=headers)
