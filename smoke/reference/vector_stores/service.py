"""Vector stores of a tenant: making, finding, searching, and the files in them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import schemas
from ..database import now
from ..security.tenancy import Caller, find_own, own
from ..service import Service
from ..storage.models import StorageObject
from ..web.errors import Refusal, conflict, found
from ..web.paging import Offsets, filtered
from .files import Content, content_of, copied, find_file
from .models import ProviderFile, VectorStore, VectorStoreBinding, VectorStoreFile
from .search import Hit, best_files, chunks_of

MAX_STORES = 10


def require_provider(service: Service) -> None:
    """Fail as a deployment does that has no AI provider: an unmapped error, 500."""
    if service.settings.lacks("provider"):
        raise Refusal(500, "An unexpected error occurred.")


def require_new_name(session: Session, caller: Caller, table: Any, name: str, most: int) -> None:
    """Refuse a name that a thing of the tenant has, and one thing too many: 409."""
    names = session.scalars(select(table.name).where(table.tenant_id == caller.tenant_id)).all()
    if name in names:
        raise conflict(f"The name {name!r} is taken.")
    if len(names) >= most:
        raise conflict(f"The tenant has {most} of these already.")


def create_store(
    service: Service, session: Session, caller: Caller, body: schemas.VectorStoreCreateRequest
) -> VectorStore:
    """Make an empty store; its name must be new in the tenant."""
    require_provider(service)
    require_new_name(session, caller, VectorStore, body.name, MAX_STORES)
    store = VectorStore(
        tenant_id=caller.tenant_id,
        owner_user_id=caller.user_id,
        details=body.metadata or {},
        **body.model_dump(exclude={"metadata"}),
    )
    session.add(store)
    session.flush()
    caller.record(session, "vector_store.created", "vector_store", store.id, store.name)
    return store


def stores_page(session: Session, caller: Caller, page: Offsets) -> tuple[list[VectorStore], int]:
    """Return a page of the tenant's stores, newest first, and how many there are."""
    query = select(VectorStore).where(VectorStore.tenant_id == caller.tenant_id)
    return page.counted(session, query, VectorStore.created_at, VectorStore.id)


def find_store(session: Session, caller: Caller, store_id: UUID) -> VectorStore:
    """Return a store of the caller's tenant, or refuse with 404."""
    return own(session, caller, VectorStore, store_id, "Vector store")


def delete_store(service: Service, session: Session, caller: Caller, store_id: UUID) -> None:
    """Delete a store, its bindings, and the files that were uploaded to it alone."""
    store = find_store(session, caller, store_id)
    for file_id in _removed(session, store):
        service.objects.delete(file_id)
    caller.record(session, "vector_store.deleted", "vector_store", store.id, store.name)


def search(
    service: Service, session: Session, caller: Caller, store_id: UUID, query: str
) -> list[tuple[Hit, VectorStoreFile]]:
    """Return the best files, each with what was found in it."""
    store = find_store(session, caller, store_id)
    store.last_active_at = now()
    attached = session.scalars(select(VectorStoreFile).filter_by(vector_store_id=store.id))
    rows = {row.provider_file_id: row for row in attached}
    chunks = [
        (file_id, chunk)
        for file_id, row in rows.items()
        for chunk in chunks_of(content_of(service.objects, row.file).text)
    ]
    return [(hit, rows[hit.file_id]) for hit in best_files(query, chunks)]


def bind(session: Session, caller: Caller, store_id: UUID, agent_key: str) -> None:
    """Let an agent search a store, also when it did already."""
    store = find_store(session, caller, store_id)
    session.merge(VectorStoreBinding(vector_store_id=store.id, agent_key=agent_key))


def unbind(session: Session, caller: Caller, store_id: UUID, agent_key: str) -> None:
    """Let an agent search a store no more; an unknown binding or store is no error."""
    store = find_own(session, caller, VectorStore, store_id)
    binding = store and session.get(VectorStoreBinding, (store.id, agent_key))
    if binding is not None:
        session.delete(binding)


def attach_known(
    service: Service, session: Session, caller: Caller, store_id: UUID,
    body: schemas.VectorStoreFileCreateRequest,
) -> VectorStoreFile:  # fmt: skip
    """Attach a file that the provider has already."""
    store = find_store(session, caller, store_id)
    file = find_file(session, caller.tenant_id, body.file_id)
    return attach(session, store, file, content_of(service.objects, file), body)


def attach_object(
    service: Service, session: Session, caller: Caller, store_id: UUID,
    body: schemas.VectorStoreFileUploadRequest,
) -> VectorStoreFile:  # fmt: skip
    """Make a file of the bytes of a stored object, and attach it."""
    store = find_store(session, caller, store_id)
    stored = own(session, caller, StorageObject, body.object_id, "Object")
    file = copied(service.objects, stored, store.id)
    session.add(file)
    session.flush()
    return attach(session, store, file, content_of(service.objects, file), body)


def files_page(
    session: Session, caller: Caller, store_id: UUID, status: str | None, page: Offsets
) -> tuple[list[VectorStoreFile], int]:
    """Return a page of the files of a store, newest first, and how many there are."""
    store = find_store(session, caller, store_id)
    query = filtered(select(VectorStoreFile), vector_store_id=store.id, status=status)
    return page.counted(session, query, VectorStoreFile.created_at, VectorStoreFile.id)


def get_file(session: Session, caller: Caller, store_id: UUID, file_id: str) -> VectorStoreFile:
    """Return a file of a store, by the provider's id."""
    store = find_store(session, caller, store_id)
    file = find_file(session, caller.tenant_id, file_id)
    return found(attached_file(session, store.id, file.id), "File")


def detach(session: Session, caller: Caller, store_id: UUID, file_id: str) -> None:
    """Take a file out of a store; the file itself stays, and an unknown one is no error."""
    store = find_store(session, caller, store_id)
    try:
        file = find_file(session, caller.tenant_id, file_id)
    except Refusal:
        return
    row = attached_file(session, store.id, file.id)
    if row is not None:
        session.delete(row)


def attach(
    session: Session, store: VectorStore, file: ProviderFile, content: Content, wanted: Any
) -> VectorStoreFile:
    """Attach a file to a store and make its text searchable; 409 when it is attached already."""
    if attached_file(session, store.id, file.id) is not None:
        raise conflict("The file is attached to the store already.")
    row = VectorStoreFile(
        vector_store_id=store.id,
        file=file,
        usage_bytes=len(content.text.encode()),
        status="failed" if content.error else "completed",
        last_error=content.error,
        attributes=wanted.attributes or {},
        chunking_strategy=wanted.chunking_strategy,
    )
    session.add(row)
    store.last_active_at = now()
    session.flush()
    return row


def attached_file(session: Session, store_id: UUID, file_id: UUID) -> VectorStoreFile | None:
    """Return how a file is attached to a store, if it is."""
    key = {"vector_store_id": store_id, "provider_file_id": file_id}
    return session.scalar(select(VectorStoreFile).filter_by(**key))


def usage_of(session: Session, stores: Sequence[VectorStore]) -> dict[UUID, int]:
    """Return how many bytes the files of each store take up."""
    query = select(VectorStoreFile.vector_store_id, func.sum(VectorStoreFile.usage_bytes)).where(
        VectorStoreFile.vector_store_id.in_([store.id for store in stores])
    )
    used = {store.id: 0 for store in stores}
    for store_id, size in session.execute(query.group_by(VectorStoreFile.vector_store_id)):
        used[store_id] = size
    return used


def _removed(session: Session, store: VectorStore) -> list[UUID]:
    """Remove a store with its bindings; return the removed files, which still have their bytes.

    A file that another store uses stays.
    """
    session.delete(store)
    session.flush()
    query = select(ProviderFile).where(
        ProviderFile.home_store_id == store.id,
        ProviderFile.id.not_in(select(VectorStoreFile.provider_file_id)),
    )
    files: Sequence[ProviderFile] = session.scalars(query).all()
    for file in files:
        session.delete(file)
    return [file.id for file in files]
