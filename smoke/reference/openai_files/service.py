"""Finding files that the AI provider keeps for a tenant."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..containers.models import Container, ContainerFile
from ..database import existing
from ..security.tenancy import Caller, own
from ..vector_stores.files import CONTAINER, find_file, own_id
from ..vector_stores.models import ProviderFile, VectorStoreFile
from ..web.errors import found


def file_in_store(session: Session, caller: Caller, file_id: str) -> ProviderFile:
    """Return a file that is attached to one of the tenant's stores."""
    file = find_file(session, caller.tenant_id, file_id)
    attached = select(VectorStoreFile.id).where(VectorStoreFile.provider_file_id == file.id)
    found(session.scalars(attached).first(), "File")
    return file


def file_in_container(
    session: Session, caller: Caller, container_id: str, file_id: str
) -> ProviderFile:
    """Return a file that a container, by the provider's id, was made with."""
    key = found(own_id(CONTAINER, container_id), "Container")
    container = own(session, caller, Container, key, "Container")
    file = find_file(session, caller.tenant_id, file_id)
    existing(session, ContainerFile, (container.id, file.id), "File")
    return file
