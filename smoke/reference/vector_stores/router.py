"""Vector stores: make, list, read, delete, search, bind to agents."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..activity.log import record_activity
from ..database import now
from ..features.service import Feature
from ..schemas import TenantRole
from ..security.tenancy import Caller, in_tenant
from ..service import OpenSession, Running
from ..storage.models import StorageObject
from ..web.errors import Refusal, conflict, not_found
from ..web.paging import Offset
from .files import FILE, content_of, copied, find_file, provider_id
from .filters import passes
from .models import ProviderFile, VectorStore, VectorStoreBinding, VectorStoreFile
from .schemas import (
    VectorStoreCreateRequest,
    VectorStoreFileCreateRequest,
    VectorStoreFileListResponse,
    VectorStoreFileResponse,
    VectorStoreFileUploadRequest,
    VectorStoreListResponse,
    VectorStoreResponse,
    VectorStoreSearchContentChunkResponse,
    VectorStoreSearchRequest,
    VectorStoreSearchResponse,
    VectorStoreSearchResultResponse,
)
from .search import search_store
from .service import (
    MAX_STORES,
    attach,
    attached_file,
    detach,
    file_view,
    find_store,
    remove_store,
    store_views,
)

router = APIRouter(prefix="/api/v1/vector-stores", tags=["vector-stores"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER, feature=Feature.VECTOR_STORES))]
Admin = Annotated[Caller, Depends(in_tenant(TenantRole.ADMIN, feature=Feature.VECTOR_STORES))]
_RESULTS = 10


@router.post("", status_code=201)
async def create_vector_store(
    caller: Admin, body: VectorStoreCreateRequest, session: OpenSession
) -> VectorStoreResponse:
    """An empty store; its name must be new in the tenant."""
    names = select(VectorStore.name).where(VectorStore.tenant_id == caller.tenant_id)
    taken = list(session.scalars(names))
    if body.name in taken:
        raise conflict(f"A vector store named {body.name!r} exists already.")
    if len(taken) >= MAX_STORES:
        raise conflict(f"The tenant has {MAX_STORES} vector stores already.")
    store = VectorStore(
        tenant_id=caller.tenant_id,
        owner_user_id=caller.user_id,
        name=body.name,
        description=body.description,
        expires_after=body.expires_after,
        details=body.metadata or {},
    )
    session.add(store)
    session.flush()
    _record(session, caller, store, "created")
    return (store_views(session, [store]))[0]


@router.get("")
async def list_vector_stores(
    caller: Viewer,
    session: OpenSession,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
) -> VectorStoreListResponse:
    """The tenant's stores, newest first."""
    query = select(VectorStore).where(VectorStore.tenant_id == caller.tenant_id)
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    query = query.order_by(VectorStore.created_at.desc(), VectorStore.id)
    rows = (session.scalars(query.limit(limit).offset(offset))).all()
    return VectorStoreListResponse(items=store_views(session, rows), total=total or 0)


@router.get("/{vector_store_id}")
async def get_vector_store(
    vector_store_id: UUID, caller: Viewer, session: OpenSession
) -> VectorStoreResponse:
    """One store."""
    store = find_store(session, caller.tenant_id, vector_store_id)
    return (store_views(session, [store]))[0]


@router.delete("/{vector_store_id}", status_code=204)
async def delete_vector_store(
    vector_store_id: UUID, caller: Admin, service: Running, session: OpenSession
) -> None:
    """The store is gone, with its bindings and the files that were uploaded to it."""
    store = find_store(session, caller.tenant_id, vector_store_id)
    for file_id in remove_store(session, store):
        await service.objects.delete(file_id)
    _record(session, caller, store, "deleted")


@router.post("/{vector_store_id}/search")
async def search_vector_store(
    vector_store_id: UUID, caller: Viewer, body: VectorStoreSearchRequest, session: OpenSession
) -> VectorStoreSearchResponse:
    """The files that match the query best, with the pieces of text that do."""
    store = find_store(session, caller.tenant_id, vector_store_id)
    store.last_active_at = now()
    query = body.query if isinstance(body.query, str) else " ".join(body.query)
    found = _results(session, store, query, body)
    most = body.max_num_results or _RESULTS
    return VectorStoreSearchResponse(
        object="vector_store.search_results.page",
        search_query=query,
        data=found[:most],
        has_more=len(found) > most,
    )


@router.post("/{vector_store_id}/bindings/{agent_key}", status_code=204)
async def bind_agent_to_vector_store(
    vector_store_id: UUID, agent_key: str, caller: Admin, session: OpenSession
) -> None:
    """The agent searches the store, also when it did already."""
    store = find_store(session, caller.tenant_id, vector_store_id)
    session.merge(VectorStoreBinding(vector_store_id=store.id, agent_key=agent_key))


@router.delete("/{vector_store_id}/bindings/{agent_key}", status_code=204)
async def unbind_agent_from_vector_store(
    vector_store_id: UUID, agent_key: str, caller: Admin, session: OpenSession
) -> None:
    """The agent does not search the store; an unknown binding or store is no error."""
    store = session.get(VectorStore, vector_store_id)
    if store is None or store.tenant_id != caller.tenant_id:
        return
    binding = session.get(VectorStoreBinding, (store.id, agent_key))
    if binding is not None:
        session.delete(binding)


def _results(
    session: Session, store: VectorStore, query: str, body: VectorStoreSearchRequest
) -> list[VectorStoreSearchResultResponse]:
    """Return every file found that passes the filters and the asked-for score."""
    least = (body.ranking_options or {}).get("score_threshold")
    rows = session.execute(
        select(ProviderFile, VectorStoreFile.attributes)
        .join(VectorStoreFile)
        .where(VectorStoreFile.vector_store_id == store.id)
    )
    files = {file.id: (file.filename, attributes) for file, attributes in rows}
    return [
        VectorStoreSearchResultResponse(
            file_id=provider_id(FILE, hit.file_id),
            filename=files[hit.file_id][0],
            score=hit.score,
            attributes=files[hit.file_id][1],
            content=[
                VectorStoreSearchContentChunkResponse(type="text", text=chunk)
                for chunk in hit.chunks
            ],
        )
        for hit in search_store(session, store.id, query)
        if passes(body.filters, files[hit.file_id][1])
        and not (isinstance(least, int | float) and hit.score < least)
    ]


def _record(session: Session, caller: Caller, store: VectorStore, what: str) -> None:
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        f"vector_store.{what}",
        actor_role=caller.role,
        object_type="vector_store",
        object_id=store.id,
        object_name=store.name,
    )


@router.post("/{vector_store_id}/files", status_code=201)
async def attach_file(
    vector_store_id: UUID, caller: Admin, body: VectorStoreFileCreateRequest, service: Running
) -> VectorStoreFileResponse:
    """A file that the provider has already is in the store and can be found."""
    with service.database.reading() as session:
        find_store(session, caller.tenant_id, vector_store_id)
        file = find_file(session, caller.tenant_id, body.file_id)
    content = await content_of(service.objects, file)
    async with service.database.writing() as session:
        store = find_store(session, caller.tenant_id, vector_store_id)
        file = find_file(session, caller.tenant_id, body.file_id)
        row = attach(session, store, file, content, body)
        return file_view(row, file)


@router.post("/{vector_store_id}/files/upload", status_code=201)
async def upload_and_attach_file(
    vector_store_id: UUID, caller: Admin, body: VectorStoreFileUploadRequest, service: Running
) -> VectorStoreFileResponse:
    """The bytes of a stored object become a file that is in the store and can be found."""
    with service.database.reading() as session:
        store = find_store(session, caller.tenant_id, vector_store_id)
        stored = session.get(StorageObject, body.object_id)
    if stored is None or stored.tenant_id != caller.tenant_id:
        raise not_found("Object")
    file = await copied(service.objects, stored, store.id)
    content = await content_of(service.objects, file)
    try:
        async with service.database.writing() as session:
            store = find_store(session, caller.tenant_id, vector_store_id)
            session.add(file)
            session.flush()
            row = attach(session, store, file, content, body)
            return file_view(row, file)
    except BaseException:
        await service.objects.delete(file.id)
        raise


@router.get("/{vector_store_id}/files")
async def list_files(
    vector_store_id: UUID,
    caller: Viewer,
    session: OpenSession,
    status: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
) -> VectorStoreFileListResponse:
    """The files of the store, newest first."""
    store = find_store(session, caller.tenant_id, vector_store_id)
    query = select(VectorStoreFile, ProviderFile).join(ProviderFile)
    query = query.where(VectorStoreFile.vector_store_id == store.id)
    if status is not None:
        query = query.where(VectorStoreFile.status == status)
    ids = query.with_only_columns(VectorStoreFile.id)
    total = session.scalar(select(func.count()).select_from(ids.subquery()))
    query = query.order_by(VectorStoreFile.created_at.desc(), VectorStoreFile.id)
    rows = (session.execute(query.limit(limit).offset(offset))).tuples()
    return VectorStoreFileListResponse(
        items=[file_view(row, file) for row, file in rows], total=total or 0
    )


@router.get("/{vector_store_id}/files/{file_id}")
async def get_file(
    vector_store_id: UUID, file_id: str, caller: Viewer, session: OpenSession
) -> VectorStoreFileResponse:
    """One file of the store, by the provider's id."""
    store = find_store(session, caller.tenant_id, vector_store_id)
    file = find_file(session, caller.tenant_id, file_id)
    row = attached_file(session, store.id, file.id)
    if row is None:
        raise not_found("File")
    return file_view(row, file)


@router.delete("/{vector_store_id}/files/{file_id}", status_code=204)
async def delete_file(
    vector_store_id: UUID, file_id: str, caller: Admin, session: OpenSession
) -> None:
    """The file is not in the store and is not found any more; an unknown one is no error."""
    store = find_store(session, caller.tenant_id, vector_store_id)
    try:
        file = find_file(session, caller.tenant_id, file_id)
    except Refusal:
        return
    row = attached_file(session, store.id, file.id)
    if row is not None:
        detach(session, row)
