"""The provider's files, which are copies of stored objects and outlive these, and its ids."""

import shutil
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from ..storage.models import StorageObject
from ..storage.object_store import ObjectStore
from ..web.errors import conflict, not_found
from .models import ProviderFile

FILE, CONTAINER, VECTOR_STORE = "file-", "cntr_", "vs_"


def provider_id(kind: str, own_id: UUID) -> str:
    """Return the id under which a thing is known outside."""
    return f"{kind}{own_id.hex}"


def own_id(kind: str, text: str) -> UUID | None:
    """Return the id that the outside one stands for; None where it cannot be one."""
    digits = text.removeprefix(kind)
    try:
        return UUID(hex=digits) if text.startswith(kind) and len(digits) == 32 else None
    except ValueError:
        return None


MAX_TEXT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a file for searching, or why there is none."""

    text: str = ""
    error: str | None = None


def find_file(session: Session, tenant_id: UUID, file_id: str) -> ProviderFile:
    """Return a tenant's file by the provider's id, or refuse with 404."""
    row = session.get(ProviderFile, key) if (key := own_id(FILE, file_id)) else None
    if row is None or row.tenant_id != tenant_id:
        raise not_found("File")
    return row


def copied(objects: ObjectStore, stored: StorageObject, store_id: UUID) -> ProviderFile:
    """Return a new file with a stored object's bytes, not stored itself; 409 without bytes."""
    if not objects.has(stored.id):
        raise conflict("The object has no bytes. Upload them to its URL first.")
    file_id = uuid4()
    shutil.copyfile(objects.path(stored.id), objects.path(file_id))
    return ProviderFile(
        id=file_id,
        tenant_id=stored.tenant_id,
        home_store_id=store_id,
        filename=stored.filename,
        mime_type=stored.mime_type,
        size_bytes=objects.path(file_id).stat().st_size,
    )


def content_of(objects: ObjectStore, file: ProviderFile) -> Content:
    """Return what can be searched in a file: UTF-8 text, at most `MAX_TEXT_BYTES` of it."""
    with objects.path(file.id).open("rb") as bytes_of_file:
        data = bytes_of_file.read(MAX_TEXT_BYTES)
    try:
        return Content(data.decode("utf-8-sig", errors=_strictness(data)))
    except UnicodeDecodeError:
        return Content(error="The file is not UTF-8 text.")


def _strictness(data: bytes) -> str:
    """
    Return how to treat bytes that are no text: one that was cut off by the limit is not a fault.
    """
    return "ignore" if len(data) == MAX_TEXT_BYTES else "strict"
