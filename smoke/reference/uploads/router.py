"""Files that members give to agents."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from .. import schemas
from ..security.tenancy import Caller, InTenant
from ..service import OpenSession, Running
from ..storage.router import upload_view
from ..storage.service import open_upload

router = APIRouter(prefix="/api/v1/uploads", tags=["uploads"])
Writer = Annotated[
    Caller, Depends(InTenant("member", scope="conversations:write", feature="storage"))
]


@router.post("/agent-input", status_code=201)
async def create_agent_input_upload(
    caller: Writer,
    body: schemas.StoragePresignUploadRequest,
    request: Request,
    service: Running,
    session: OpenSession,
) -> schemas.StoragePresignUploadResponse:
    marked = (body.metadata or {}) | {"source": "user_upload"}
    row = open_upload(session, caller, body.model_copy(update={"metadata": marked}))
    return upload_view(request, service, row)
