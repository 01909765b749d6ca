"""Containers of a tenant: making, finding, binding to agents."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import schemas
from ..database import OfTenant, Table, now
from ..security.tenancy import Caller, own
from ..service import Service
from ..tenants.models import Tenant
from ..vector_stores.files import find_file
from ..vector_stores.models import ProviderFile
from ..vector_stores.service import require_new_name, require_provider
from ..web.errors import bad_request
from ..web.paging import Offsets


class Container(OfTenant, Table):
    """A container of a tenant; its name is unique in the tenant."""

    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    owner_user_id: Mapped[UUID | None]
    name: Mapped[str]
    memory_limit: Mapped[str]
    expires_after: Mapped[dict[str, Any] | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    last_active_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class ContainerFile(Table):
    """A file that a container was made with."""

    container_id: Mapped[UUID] = mapped_column(
        ForeignKey(Container.id, ondelete="CASCADE"), primary_key=True
    )
    provider_file_id: Mapped[UUID] = mapped_column(
        ForeignKey(ProviderFile.id, ondelete="CASCADE"), primary_key=True, index=True
    )


class ContainerBinding(Table):
    """The container in which an agent of a tenant runs code."""

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey(Tenant.id), primary_key=True)
    agent_key: Mapped[str] = mapped_column(primary_key=True)
    container_id: Mapped[UUID] = mapped_column(
        ForeignKey(Container.id, ondelete="CASCADE"), index=True
    )


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
    """Return a container of the caller's tenant, or answer 404 if it does not exist."""
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
