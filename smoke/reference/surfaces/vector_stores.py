"""
Vector stores: make, list, read, delete, search, bind to agents.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select

from ..activity import record_activity
from ..attribute_filters import passes
from ..database import now
from ..errors import conflict
from ..features import Feature
from ..file_search import search_store
from ..models.shared import TenantRole
from ..models.vector_stores import (
    VectorStoreCreateRequest,
    VectorStoreListResponse,
    VectorStoreResponse,
    VectorStoreSearchContentChunkResponse,
    VectorStoreSearchRequest,
    VectorStoreSearchResponse,
    VectorStoreSearchResultResponse,
)
from ..paging import Offset
from ..provider_ids import FILE, provider_id
from ..service import Running, Session
from ..tables.vector_stores import ProviderFile, VectorStore, VectorStoreBinding, VectorStoreFile
from ..tenancy import Caller, in_tenant
from ..vector_stores import MAX_STORES, find_store, remove_store, store_views

router = APIRouter(prefix="/api/v1/vector-stores", tags=["vector-stores"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER, feature=Feature.VECTOR_STORES))]
Admin = Annotated[Caller, Depends(in_tenant(TenantRole.ADMIN, feature=Feature.VECTOR_STORES))]
_RESULTS = 10


@router.post("", status_code=201)
async def create_vector_store(
    caller: Admin, body: VectorStoreCreateRequest, session: Session
) -> VectorStoreResponse:
    """
    An empty store; its name must be new in the tenant.
    """
    names = select(VectorStore.name).where(VectorStore.tenant_id == caller.tenant_id)
    taken = list(await session.scalars(names))
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
    await session.flush()
    _record(session, caller, store, "created")
    return (await store_views(session, [store]))[0]


@router.get("")
async def list_vector_stores(
    caller: Viewer,
    session: Session,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
) -> VectorStoreListResponse:
    """
    The tenant's stores, newest first.
    """
    query = select(VectorStore).where(VectorStore.tenant_id == caller.tenant_id)
    total = await session.scalar(select(func.count()).select_from(query.subquery()))
    query = query.order_by(VectorStore.created_at.desc(), VectorStore.id)
    rows = (await session.scalars(query.limit(limit).offset(offset))).all()
    return VectorStoreListResponse(items=await store_views(session, rows), total=total or 0)


@router.get("/{vector_store_id}")
async def get_vector_store(
    vector_store_id: UUID, caller: Viewer, session: Session
) -> VectorStoreResponse:
    """
    One store.
    """
    store = await find_store(session, caller.tenant_id, vector_store_id)
    return (await store_views(session, [store]))[0]


@router.delete("/{vector_store_id}", status_code=204)
async def delete_vector_store(
    vector_store_id: UUID, caller: Admin, service: Running, session: Session
) -> None:
    """
    The store is gone, with its bindings and the files that were uploaded to it.
    """
    store = await find_store(session, caller.tenant_id, vector_store_id)
    for file_id in await remove_store(session, store):
        await service.objects.delete(file_id)
    _record(session, caller, store, "deleted")


@router.post("/{vector_store_id}/search")
async def search_vector_store(
    vector_store_id: UUID, caller: Viewer, body: VectorStoreSearchRequest, session: Session
) -> VectorStoreSearchResponse:
    """
    The files that match the query best, with the pieces of text that do.
    """
    store = await find_store(session, caller.tenant_id, vector_store_id)
    store.last_active_at = now()
    query = body.query if isinstance(body.query, str) else " ".join(body.query)
    found = await _results(session, store, query, body)
    most = body.max_num_results or _RESULTS
    return VectorStoreSearchResponse(
        object="vector_store.search_results.page",
        search_query=query,
        data=found[:most],
        has_more=len(found) > most,
    )


@router.post("/{vector_store_id}/bindings/{agent_key}", status_code=204)
async def bind_agent_to_vector_store(
    vector_store_id: UUID, agent_key: str, caller: Admin, session: Session
) -> None:
    """
    The agent searches the store, also when it did already.
    """
    store = await find_store(session, caller.tenant_id, vector_store_id)
    await session.merge(VectorStoreBinding(vector_store_id=store.id, agent_key=agent_key))


@router.delete("/{vector_store_id}/bindings/{agent_key}", status_code=204)
async def unbind_agent_from_vector_store(
    vector_store_id: UUID, agent_key: str, caller: Admin, session: Session
) -> None:
    """
    The agent does not search the store; an unknown binding or store is no error.
    """
    store = await session.get(VectorStore, vector_store_id)
    if store is None or store.tenant_id != caller.tenant_id:
        return
    binding = await session.get(VectorStoreBinding, (store.id, agent_key))
    if binding is not None:
        await session.delete(binding)


async def _results(
    session: Session, store: VectorStore, query: str, body: VectorStoreSearchRequest
) -> list[VectorStoreSearchResultResponse]:
    """
    Return every file found that passes the filters and the asked-for score.
    """
    least = (body.ranking_options or {}).get("score_threshold")
    rows = await session.execute(
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
        for hit in await search_store(session, store.id, query)
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
