"""Vector stores: make, list, read, delete, search, bind to agents, and the files in them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from .. import schemas
from ..security.tenancy import Caller, InTenant
from ..service import OpenSession, Running
from ..views import shown
from ..web.paging import Offsets20
from . import service as stores
from .files import FILE, VECTOR_STORE, provider_id
from .models import VectorStore, VectorStoreFile

router = APIRouter(prefix="/api/v1/vector-stores", tags=["vector-stores"])
Viewer = Annotated[Caller, Depends(InTenant("viewer", feature="vector_stores"))]
Admin = Annotated[Caller, Depends(InTenant("admin", feature="vector_stores"))]
_RESULTS = 10


@router.post("", status_code=201)
async def create_vector_store(
    caller: Admin, body: schemas.VectorStoreCreateRequest, service: Running, session: OpenSession
) -> schemas.VectorStoreResponse:
    return _store(stores.create_store(service, session, caller, body), 0)


@router.get("")
async def list_vector_stores(
    caller: Viewer, session: OpenSession, page: Offsets20
) -> schemas.VectorStoreListResponse:
    rows, total = stores.stores_page(session, caller, page)
    used = stores.usage_of(session, rows)
    items = [_store(row, used[row.id]) for row in rows]
    return schemas.VectorStoreListResponse(items=items, total=total)


@router.get("/{vector_store_id}")
async def get_vector_store(
    vector_store_id: UUID, caller: Viewer, session: OpenSession
) -> schemas.VectorStoreResponse:
    store = stores.find_store(session, caller, vector_store_id)
    return _store(store, stores.usage_of(session, [store])[store.id])


@router.delete("/{vector_store_id}", status_code=204)
async def delete_vector_store(
    vector_store_id: UUID, caller: Admin, service: Running, session: OpenSession
) -> None:
    stores.delete_store(service, session, caller, vector_store_id)


@router.post("/{vector_store_id}/search")
async def search_vector_store(
    vector_store_id: UUID,
    caller: Viewer,
    body: schemas.VectorStoreSearchRequest,
    service: Running,
    session: OpenSession,
) -> schemas.VectorStoreSearchResponse:
    query = body.query if isinstance(body.query, str) else " ".join(body.query)
    found = stores.search(service, session, caller, vector_store_id, query)
    most = body.max_num_results or _RESULTS
    results = [
        schemas.VectorStoreSearchResultResponse(
            file_id=provider_id(FILE, hit.file_id),
            filename=row.file.filename,
            score=hit.score,
            attributes=row.attributes,
            content=[
                schemas.VectorStoreSearchContentChunkResponse(type="text", text=chunk)
                for chunk in hit.chunks
            ],
        )
        for hit, row in found[:most]
    ]
    return schemas.VectorStoreSearchResponse(
        object="vector_store.search_results.page",
        search_query=query,
        data=results,
        has_more=len(found) > most,
    )


@router.post("/{vector_store_id}/bindings/{agent_key}", status_code=204)
async def bind_agent_to_vector_store(
    vector_store_id: UUID, agent_key: str, caller: Admin, session: OpenSession
) -> None:
    stores.bind(session, caller, vector_store_id, agent_key)


@router.delete("/{vector_store_id}/bindings/{agent_key}", status_code=204)
async def unbind_agent_from_vector_store(
    vector_store_id: UUID, agent_key: str, caller: Admin, session: OpenSession
) -> None:
    stores.unbind(session, caller, vector_store_id, agent_key)


@router.post("/{vector_store_id}/files", status_code=201)
async def attach_file(
    vector_store_id: UUID,
    caller: Admin,
    body: schemas.VectorStoreFileCreateRequest,
    service: Running,
    session: OpenSession,
) -> schemas.VectorStoreFileResponse:
    return _file(stores.attach_known(service, session, caller, vector_store_id, body))


@router.post("/{vector_store_id}/files/upload", status_code=201)
async def upload_and_attach_file(
    vector_store_id: UUID,
    caller: Admin,
    body: schemas.VectorStoreFileUploadRequest,
    service: Running,
    session: OpenSession,
) -> schemas.VectorStoreFileResponse:
    return _file(stores.attach_object(service, session, caller, vector_store_id, body))


@router.get("/{vector_store_id}/files")
async def list_files(
    vector_store_id: UUID,
    caller: Viewer,
    session: OpenSession,
    page: Offsets20,
    status: str | None = None,
) -> schemas.VectorStoreFileListResponse:
    rows, total = stores.files_page(session, caller, vector_store_id, status, page)
    return schemas.VectorStoreFileListResponse(items=[_file(row) for row in rows], total=total)


@router.get("/{vector_store_id}/files/{file_id}")
async def get_file(
    vector_store_id: UUID, file_id: str, caller: Viewer, session: OpenSession
) -> schemas.VectorStoreFileResponse:
    return _file(stores.get_file(session, caller, vector_store_id, file_id))


@router.delete("/{vector_store_id}/files/{file_id}", status_code=204)
async def delete_file(
    vector_store_id: UUID, file_id: str, caller: Admin, session: OpenSession
) -> None:
    stores.detach(session, caller, vector_store_id, file_id)


def _store(store: VectorStore, usage_bytes: int) -> schemas.VectorStoreResponse:
    return shown(
        schemas.VectorStoreResponse,
        store,
        openai_id=provider_id(VECTOR_STORE, store.id),
        status="completed",
        usage_bytes=usage_bytes,
        metadata=store.details,
    )


def _file(row: VectorStoreFile) -> schemas.VectorStoreFileResponse:
    return shown(
        schemas.VectorStoreFileResponse,
        row,
        openai_file_id=provider_id(FILE, row.provider_file_id),
        **{name: getattr(row.file, name) for name in ("filename", "mime_type", "size_bytes")},
    )
