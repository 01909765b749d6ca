"""Containers of a tenant: making, finding, binding to agents."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import schemas
from ..security.tenancy import Caller, own
from ..service import Service
from ..vector_stores.files import find_file
from ..vector_stores.service import require_new_name, require_provider
from ..web.errors import bad_request
from ..web.paging import Offsets
from .models import Container, ContainerBinding, ContainerFile

MAX_CONTAINERS = 10
_MEMORY = ("1g", "4g", "16g", "64g")


def create_container(
    service: Service, session: Session, caller: Caller, body: schemas.ContainerCreateRequest
) -> Container:
    """Make a container, with the files it is to have; its name must be new in the tenant."""
    require_provider(service)
    memory = body.memory_limit or _MEMORY[0]
    if memory not in _MEMORY:
        raise bad_request(f"The limit {memory!r} is unknown. Use one of: {', '.join(_MEMORY)}.")
    require_new_name(session, caller, Container, body.name, MAX_CONTAINERS)
    container = Container(
        tenant_id=caller.tenant_id,
        owner_user_id=caller.user_id,
        name=body.name,
        memory_limit=memory,
        expires_after=body.expires_after,
        details=body.metadata or {},
    )
    session.add(container)
    session.flush()
    for file_id in dict.fromkeys(body.file_ids or []):
        file = find_file(session, caller.tenant_id, file_id)
        session.add(ContainerFile(container_id=container.id, provider_file_id=file.id))
    _record(session, caller, container, "created")
    return container


def containers_page(session: Session, caller: Caller, page: Offsets) -> tuple[list[Container], int]:
    """Return a page of the tenant's containers, newest first, and how many there are."""
    query = select(Container).where(Container.tenant_id == caller.tenant_id)
    return page.counted(session, query, Container.created_at, Container.id)


def find_container(session: Session, caller: Caller, container_id: UUID) -> Container:
    """Return a container of the caller's tenant, or refuse with 404."""
    return own(session, caller, Container, container_id, "Container")


def delete_container(session: Session, caller: Caller, container_id: UUID) -> None:
    """Delete a container with its bindings."""
    container = find_container(session, caller, container_id)
    session.delete(container)
    _record(session, caller, container, "deleted")


def bind(session: Session, caller: Caller, agent_key: str, container_id: UUID) -> None:
    """Let an agent run code in this container, whichever it used before."""
    container = find_container(session, caller, container_id)
    tenant_id = caller.tenant_id
    session.merge(
        ContainerBinding(tenant_id=tenant_id, agent_key=agent_key, container_id=container.id)
    )


def unbind(session: Session, caller: Caller, agent_key: str) -> None:
    """Leave an agent without a container of the tenant; without a binding that is no error."""
    binding = session.get(ContainerBinding, (caller.tenant_id, agent_key))
    if binding is not None:
        session.delete(binding)


def _record(session: Session, caller: Caller, container: Container, what: str) -> None:
    caller.record(session, f"container.{what}", "container", container.id, container.name)
