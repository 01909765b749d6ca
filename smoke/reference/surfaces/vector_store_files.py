"""
The files of a vector store: attach, upload, list, read, detach.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import func, select

from ..errors import Refusal, not_found
from ..models.vector_stores import (
    VectorStoreFileCreateRequest,
    VectorStoreFileListResponse,
    VectorStoreFileResponse,
    VectorStoreFileUploadRequest,
)
from ..paging import Offset
from ..provider_files import content_of, copied, find_file
from ..service import Running, Session
from ..tables.storage import StorageObject
from ..tables.vector_stores import ProviderFile, VectorStoreFile
from ..vector_stores import attach, attached_file, detach, file_view, find_store
from .vector_stores import Admin, Viewer

router = APIRouter(prefix="/api/v1/vector-stores/{vector_store_id}/files", tags=["vector-stores"])


@router.post("", status_code=201)
async def attach_file(
    vector_store_id: UUID, caller: Admin, body: VectorStoreFileCreateRequest, service: Running
) -> VectorStoreFileResponse:
    """
    A file that the provider has already is in the store and can be found.
    """
    async with service.database.reading() as session:
        await find_store(session, caller.tenant_id, vector_store_id)
        file = await find_file(session, caller.tenant_id, body.file_id)
    content = await content_of(service.objects, file)
    async with service.database.writing() as session:
        store = await find_store(session, caller.tenant_id, vector_store_id)
        file = await find_file(session, caller.tenant_id, body.file_id)
        row = await attach(session, store, file, content, body)
        return file_view(row, file)


@router.post("/upload", status_code=201)
async def upload_and_attach_file(
    vector_store_id: UUID, caller: Admin, body: VectorStoreFileUploadRequest, service: Running
) -> VectorStoreFileResponse:
    """
    The bytes of a stored object become a file that is in the store and can be found.
    """
    async with service.database.reading() as session:
        store = await find_store(session, caller.tenant_id, vector_store_id)
        stored = await session.get(StorageObject, body.object_id)
    if stored is None or stored.tenant_id != caller.tenant_id:
        raise not_found("Object")
    file = await copied(service.objects, stored, store.id)
    content = await content_of(service.objects, file)
    try:
        async with service.database.writing() as session:
            store = await find_store(session, caller.tenant_id, vector_store_id)
            session.add(file)
            await session.flush()
            row = await attach(session, store, file, content, body)
            return file_view(row, file)
    except BaseException:
        await service.objects.delete(file.id)
        raise


@router.get("")
async def list_files(
    vector_store_id: UUID,
    caller: Viewer,
    session: Session,
    status: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
) -> VectorStoreFileListResponse:
    """
    The files of the store, newest first.
    """
    store = await find_store(session, caller.tenant_id, vector_store_id)
    query = select(VectorStoreFile, ProviderFile).join(ProviderFile)
    query = query.where(VectorStoreFile.vector_store_id == store.id)
    if status is not None:
        query = query.where(VectorStoreFile.status == status)
    ids = query.with_only_columns(VectorStoreFile.id)
    total = await session.scalar(select(func.count()).select_from(ids.subquery()))
    query = query.order_by(VectorStoreFile.created_at.desc(), VectorStoreFile.id)
    rows = (await session.execute(query.limit(limit).offset(offset))).tuples()
    return VectorStoreFileListResponse(
        items=[file_view(row, file) for row, file in rows], total=total or 0
    )


@router.get("/{file_id}")
async def get_file(
    vector_store_id: UUID, file_id: str, caller: Viewer, session: Session
) -> VectorStoreFileResponse:
    """
    One file of the store, by the provider's id.
    """
    store = await find_store(session, caller.tenant_id, vector_store_id)
    file = await find_file(session, caller.tenant_id, file_id)
    row = await attached_file(session, store.id, file.id)
    if row is None:
        raise not_found("File")
    return file_view(row, file)


@router.delete("/{file_id}", status_code=204)
async def delete_file(vector_store_id: UUID, file_id: str, caller: Admin, session: Session) -> None:
    """
    The file is not in the store and is not found any more; an unknown one is no error.
    """
    store = await find_store(session, caller.tenant_id, vector_store_id)
    try:
        file = await find_file(session, caller.tenant_id, file_id)
    except Refusal:
        return
    row = await attached_file(session, store.id, file.id)
    if row is not None:
        await detach(session, row)
