"""Vector stores of a tenant: finding, attaching, showing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..database import now
from ..web.errors import conflict, not_found
from .files import FILE, VECTOR_STORE, Content, provider_id
from .models import ProviderFile, VectorStore, VectorStoreBinding, VectorStoreFile
from .schemas import (
    VectorStoreFileCreateRequest,
    VectorStoreFileResponse,
    VectorStoreFileUploadRequest,
    VectorStoreResponse,
)
from .search import forget_file, forget_store, index_file

MAX_STORES = 10
Wanted = VectorStoreFileCreateRequest | VectorStoreFileUploadRequest


def find_store(session: Session, tenant_id: UUID, store_id: UUID) -> VectorStore:
    """Return a tenant's store.

    Raises:
        Refusal: 404, the tenant has no such store.
    """
    row = session.get(VectorStore, store_id)
    if row is None or row.tenant_id != tenant_id:
        raise not_found("Vector store")
    return row


def stores_of_agent(session: Session, tenant_id: UUID, agent_key: str) -> list[UUID]:
    """Return the ids of the tenant's stores that an agent is bound to, oldest first."""
    query = select(VectorStore.id).join(VectorStoreBinding)
    query = query.where(
        VectorStore.tenant_id == tenant_id, VectorStoreBinding.agent_key == agent_key
    )
    return list(session.scalars(query.order_by(VectorStore.created_at)))


def attach(
    session: Session, store: VectorStore, file: ProviderFile, content: Content, wanted: Wanted
) -> VectorStoreFile:
    """Attach a file to a store and make its text searchable.

    Raises:
        Refusal: 409, the file is attached already.
    """
    if attached_file(session, store.id, file.id) is not None:
        raise conflict("The file is attached to the store already.")
    row = VectorStoreFile(
        vector_store_id=store.id,
        provider_file_id=file.id,
        usage_bytes=len(content.text.encode()),
        status="failed" if content.error else "completed",
        last_error=content.error,
        attributes=wanted.attributes or {},
        chunking_strategy=wanted.chunking_strategy,
    )
    session.add(row)
    store.last_active_at = now()
    session.flush()
    index_file(session, store.id, file.id, content.text, wanted.chunking_strategy)
    return row


def attached_file(session: Session, store_id: UUID, file_id: UUID) -> VectorStoreFile | None:
    """Return how a file is attached to a store, if it is."""
    return session.scalar(
        select(VectorStoreFile).where(
            VectorStoreFile.vector_store_id == store_id,
            VectorStoreFile.provider_file_id == file_id,
        )
    )


def detach(session: Session, row: VectorStoreFile) -> None:
    """Take a file out of a store; the file itself stays."""
    forget_file(session, row.vector_store_id, row.provider_file_id)
    session.delete(row)


def remove_store(session: Session, store: VectorStore) -> list[UUID]:
    """Remove a store with its bindings; return the files that went with it, whose bytes are left.

    A file that another store uses stays.
    """
    forget_store(session, store.id)
    session.delete(store)
    session.flush()
    unused = (
        ~select(VectorStoreFile.id)
        .where(VectorStoreFile.provider_file_id == ProviderFile.id)
        .exists()
    )
    query = select(ProviderFile).where(ProviderFile.home_store_id == store.id, unused)
    files: Sequence[ProviderFile] = (session.scalars(query)).all()
    for file in files:
        session.delete(file)
    return [file.id for file in files]


def store_views(session: Session, stores: Sequence[VectorStore]) -> list[VectorStoreResponse]:
    """Return stores as they are answered, with what their files take up."""
    query = select(VectorStoreFile.vector_store_id, func.sum(VectorStoreFile.usage_bytes)).where(
        VectorStoreFile.vector_store_id.in_([store.id for store in stores])
    )
    rows = session.execute(query.group_by(VectorStoreFile.vector_store_id))
    used = dict(rows.tuples().all())
    return [_view(store, used.get(store.id, 0)) for store in stores]


def file_view(row: VectorStoreFile, file: ProviderFile) -> VectorStoreFileResponse:
    """Return an attached file as it is answered."""
    return VectorStoreFileResponse(
        id=row.id,
        openai_file_id=provider_id(FILE, file.id),
        vector_store_id=row.vector_store_id,
        filename=file.filename,
        mime_type=file.mime_type,
        size_bytes=file.size_bytes,
        usage_bytes=row.usage_bytes,
        status=row.status,
        attributes=row.attributes,
        chunking_strategy=row.chunking_strategy,
        last_error=row.last_error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _view(store: VectorStore, usage_bytes: int) -> VectorStoreResponse:
    expires_at = _expires_at(store)
    return VectorStoreResponse(
        id=store.id,
        openai_id=provider_id(VECTOR_STORE, store.id),
        tenant_id=store.tenant_id,
        owner_user_id=store.owner_user_id,
        name=store.name,
        description=store.description,
        status="expired" if expires_at and expires_at <= now() else "completed",
        usage_bytes=usage_bytes,
        expires_after=store.expires_after,
        expires_at=expires_at,
        last_active_at=store.last_active_at,
        metadata=store.details,
        created_at=store.created_at,
        updated_at=store.updated_at,
    )


def _expires_at(store: VectorStore) -> datetime | None:
    """Return when a store expires: so many days after it was last used, if it was made so."""
    days = (store.expires_after or {}).get("days")
    if not isinstance(days, int) or not 1 <= days <= 365:
        return None
    return store.last_active_at + timedelta(days=days)
