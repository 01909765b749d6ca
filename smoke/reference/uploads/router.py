"""Files that members give to agents."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from ..features.service import Feature
from ..schemas import StoragePresignUploadRequest, StoragePresignUploadResponse, TenantRole
from ..security.tenancy import Caller, in_tenant
from ..service import OpenSession, Running
from ..storage.router import open_upload

router = APIRouter(prefix="/api/v1/uploads", tags=["uploads"])
Writer = Annotated[
    Caller,
    Depends(in_tenant(TenantRole.MEMBER, scope="conversations:write", feature=Feature.STORAGE)),
]


@router.post("/agent-input", status_code=201)
async def create_agent_input_upload(
    caller: Writer,
    body: StoragePresignUploadRequest,
    request: Request,
    service: Running,
    session: OpenSession,
) -> StoragePresignUploadResponse:
    """An object marked as a user's upload, and a URL to which its bytes can be PUT."""
    marked = (body.metadata or {}) | {"source": "user_upload"}
    marked_body = body.model_copy(update={"metadata": marked})
    return open_upload(request, service, session, caller, marked_body)
