"""Containers in which agents run code: make, list, read, delete, bind to agents."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from .. import schemas
from ..security.tenancy import Caller, InTenant
from ..service import OpenSession, Running
from ..vector_stores.files import CONTAINER, provider_id
from ..views import shown
from ..web.paging import Offsets20
from . import service as containers
from .models import Container

router = APIRouter(prefix="/api/v1/containers", tags=["containers"])
Viewer = Annotated[Caller, Depends(InTenant("viewer", feature="containers"))]
Admin = Annotated[Caller, Depends(InTenant("admin", feature="containers"))]


@router.post("", status_code=201)
async def create_container(
    caller: Admin, body: schemas.ContainerCreateRequest, service: Running, session: OpenSession
) -> schemas.ContainerResponse:
    return _view(containers.create_container(service, session, caller, body))


@router.get("")
async def list_containers(
    caller: Viewer, session: OpenSession, page: Offsets20
) -> schemas.ContainerListResponse:
    rows, total = containers.containers_page(session, caller, page)
    return schemas.ContainerListResponse(items=[_view(row) for row in rows], total=total)


@router.post("/agents/{agent_key}/container", status_code=204)
async def bind_agent_container(
    agent_key: str, caller: Admin, body: schemas.ContainerBindRequest, session: OpenSession
) -> None:
    containers.bind(session, caller, agent_key, body.container_id)


@router.delete("/agents/{agent_key}/container", status_code=204)
async def unbind_agent_container(agent_key: str, caller: Admin, session: OpenSession) -> None:
    containers.unbind(session, caller, agent_key)


@router.get("/{container_id}")
async def get_container_by_id(
    container_id: UUID, caller: Viewer, session: OpenSession
) -> schemas.ContainerResponse:
    return _view(containers.find_container(session, caller, container_id))


@router.delete("/{container_id}", status_code=204)
async def delete_container(container_id: UUID, caller: Admin, session: OpenSession) -> None:
    containers.delete_container(session, caller, container_id)


def _view(row: Container) -> schemas.ContainerResponse:
    openai_id = provider_id(CONTAINER, row.id)
    metadata = row.details
    return shown(
        schemas.ContainerResponse, row, openai_id=openai_id, status="running", metadata=metadata
    )
