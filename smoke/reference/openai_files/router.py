"""Downloads of the files in a tenant's vector stores and containers."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from ..containers.router import Viewer as ContainerViewer
from ..service import OpenSession, Running, Service
from ..vector_stores.models import ProviderFile
from ..vector_stores.router import Viewer as StoreViewer
from ..web.errors import not_found
from . import service as files

router = APIRouter(prefix="/api/v1/openai", tags=["openai-files"])
_BINARY = "application/octet-stream"
_TEXT = {"schema": {"type": "string"}}
_DOWNLOAD: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {_BINARY: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {"Content-Disposition": _TEXT, "Cache-Control": _TEXT},
    }
}


@router.get("/files/{file_id}/download", responses=_DOWNLOAD, response_class=Response)
async def download_openai_file(
    file_id: str, caller: StoreViewer, service: Running, session: OpenSession
) -> FileResponse:
    file = files.file_in_store(session, caller, file_id)
    return _bytes(service, file, file.filename)


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
    file = files.file_in_container(session, caller, container_id, file_id)
    return _bytes(service, file, filename or file.filename)


def _bytes(service: Service, file: ProviderFile, filename: str) -> FileResponse:
    if not service.objects.has(file.id):
        raise not_found("File")
    path, headers = service.objects.path(file.id), {"Cache-Control": "private, no-store"}
    return FileResponse(path, media_type=_BINARY, filename=filename, headers=headers)
