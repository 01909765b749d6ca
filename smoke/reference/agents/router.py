"""The agents, and how they are."""

from typing import Annotated

from fastapi import APIRouter, Query

from .. import schemas
from ..database import now
from ..security.principals import Verified
from ..service import OpenSession
from ..web.errors import found
from ..web.paging import Cursors24
from . import service
from .catalogue import MODEL, Agent, agent_named

router = APIRouter(prefix="/api/v1/agents", tags=["agents"])
Search = Annotated[str | None, Query(min_length=1, max_length=256)]


@router.get("")
async def list_available_agents(
    _caller: Verified, wanted: Cursors24, search: Search = None
) -> schemas.AgentListResponse:
    agents = service.agents_mentioning(search)
    page, next_cursor = wanted.items(agents)
    items = [
        schemas.AgentSummary(
            name=agent.key,
            status="active",
            display_name=agent.display_name,
            description=agent.description,
            model=MODEL,
            tooling=_tooling(agent),
            last_seen_at=now().isoformat(),  # it is part of this process
        )
        for agent in page
    ]
    return schemas.AgentListResponse(items=items, next_cursor=next_cursor, total=len(agents))


@router.get("/{agent_name}/status")
async def get_agent_status(
    agent_name: str, caller: Verified, session: OpenSession
) -> schemas.AgentStatus:
    agent = found(agent_named(agent_name), "Agent")
    total, last_used = service.use_of(session, caller.tenant_id, agent)
    return schemas.AgentStatus(
        name=agent.key,
        status="active",
        last_used=last_used,
        total_conversations=total,
        tooling=_tooling(agent),
    )


def _tooling(agent: Agent) -> schemas.AgentToolingFlags:
    return schemas.AgentToolingFlags(
        supports_code_interpreter=agent.code_interpreter,
        supports_file_search=agent.file_search,
        supports_web_search=agent.web_search,
    )
