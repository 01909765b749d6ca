"""Containers in which agents run code: make, list, read, delete, bind to agents."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..activity.log import record_activity
from ..features.service import Feature
from ..schemas import TenantRole
from ..security.tenancy import Caller, in_tenant
from ..service import OpenSession
from ..vector_stores.files import CONTAINER, find_file, provider_id
from ..web.errors import bad_request, conflict, not_found
from ..web.paging import Offset
from .models import Container, ContainerBinding, ContainerFile
from .schemas import (
    ContainerBindRequest,
    ContainerCreateRequest,
    ContainerListResponse,
    ContainerResponse,
)

router = APIRouter(prefix="/api/v1/containers", tags=["containers"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER, feature=Feature.CONTAINERS))]
Admin = Annotated[Caller, Depends(in_tenant(TenantRole.ADMIN, feature=Feature.CONTAINERS))]
MAX_CONTAINERS = 10
_MEMORY = ("1g", "4g", "16g", "64g")


@router.post("", status_code=201)
async def create_container(
    caller: Admin, body: ContainerCreateRequest, session: OpenSession
) -> ContainerResponse:
    """A container, with the files it is to have; its name must be new in the tenant."""
    memory = body.memory_limit or _MEMORY[0]
    if memory not in _MEMORY:
        raise bad_request(f"The limit {memory!r} is unknown. Use one of: {', '.join(_MEMORY)}.")
    _require_room(session, caller, body.name)
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
    return _view(container)


@router.get("")
async def list_containers(
    caller: Viewer,
    session: OpenSession,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
) -> ContainerListResponse:
    """The tenant's containers, newest first."""
    query = select(Container).where(Container.tenant_id == caller.tenant_id)
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    query = query.order_by(Container.created_at.desc(), Container.id)
    rows = (session.scalars(query.limit(limit).offset(offset))).all()
    return ContainerListResponse(items=[_view(row) for row in rows], total=total or 0)


@router.post("/agents/{agent_key}/container", status_code=204)
async def bind_agent_container(
    agent_key: str, caller: Admin, body: ContainerBindRequest, session: OpenSession
) -> None:
    """The agent runs code in this container, whichever it used before."""
    container = _container(session, caller, body.container_id)
    session.merge(
        ContainerBinding(tenant_id=caller.tenant_id, agent_key=agent_key, container_id=container.id)
    )


@router.delete("/agents/{agent_key}/container", status_code=204)
async def unbind_agent_container(agent_key: str, caller: Admin, session: OpenSession) -> None:
    """The agent has no container of the tenant; without a binding that is no error."""
    binding = session.get(ContainerBinding, (caller.tenant_id, agent_key))
    if binding is not None:
        session.delete(binding)


@router.get("/{container_id}")
async def get_container_by_id(
    container_id: UUID, caller: Viewer, session: OpenSession
) -> ContainerResponse:
    """One container."""
    return _view(_container(session, caller, container_id))


@router.delete("/{container_id}", status_code=204)
async def delete_container(container_id: UUID, caller: Admin, session: OpenSession) -> None:
    """The container is gone, with its bindings."""
    container = _container(session, caller, container_id)
    session.delete(container)
    _record(session, caller, container, "deleted")


def _require_room(session: Session, caller: Caller, name: str) -> None:
    names = select(Container.name).where(Container.tenant_id == caller.tenant_id)
    taken = list(session.scalars(names))
    if name in taken:
        raise conflict(f"A container named {name!r} exists already.")
    if len(taken) >= MAX_CONTAINERS:
        raise conflict(f"The tenant has {MAX_CONTAINERS} containers already.")


def _container(session: Session, caller: Caller, container_id: UUID) -> Container:
    row = session.get(Container, container_id)
    if row is None or row.tenant_id != caller.tenant_id:
        raise not_found("Container")
    return row


def _view(row: Container) -> ContainerResponse:
    return ContainerResponse(
        id=row.id,
        openai_id=provider_id(CONTAINER, row.id),
        tenant_id=row.tenant_id,
        owner_user_id=row.owner_user_id,
        name=row.name,
        memory_limit=row.memory_limit,
        status="running",
        expires_after=row.expires_after,
        last_active_at=row.last_active_at,
        metadata=row.details,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _record(session: Session, caller: Caller, container: Container, what: str) -> None:
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        f"container.{what}",
        actor_role=caller.role,
        object_type="container",
        object_id=container.id,
        object_name=container.name,
    )
