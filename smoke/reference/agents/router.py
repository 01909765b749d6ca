"""The agents, and how they are."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select

from ..conversations.models import Conversation
from ..database import now
from ..security.principals import Principal, signed_in
from ..service import OpenSession
from ..web.errors import not_found
from ..web.paging import NextPageCursor, slice_page
from .catalogue import AGENTS, MODEL, Agent, agent_named, mentions
from .schemas import AgentListResponse, AgentStatus, AgentSummary, AgentToolingFlags

router = APIRouter(prefix="/api/v1/agents", tags=["agents"])
Verified = Annotated[Principal, Depends(signed_in())]


@router.get("")
async def list_available_agents(
    _principal: Verified,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
    cursor: NextPageCursor = None,
    search: Annotated[str | None, Query(min_length=1, max_length=256)] = None,
) -> AgentListResponse:
    """The agents, or those that mention a text."""
    found = [
        agent
        for agent in AGENTS
        if not search or mentions(search, agent.key, agent.display_name, agent.description)
    ]
    page, next_cursor = slice_page(found, limit=limit, cursor=cursor)
    items = [_summary(agent) for agent in page]
    return AgentListResponse(items=items, next_cursor=next_cursor, total=len(found))


@router.get("/{agent_name}/status")
async def get_agent_status(
    agent_name: str, principal: Verified, session: OpenSession
) -> AgentStatus:
    """The state of one agent, with its use by the caller's tenant."""
    agent = agent_named(agent_name)
    if agent is None:
        raise not_found("Agent")
    total, last_used = (
        session.execute(
            select(func.count(), func.max(Conversation.updated_at)).where(
                Conversation.tenant_id == principal.tenant_id,
                Conversation.agent_entrypoint == agent.key,
            )
        )
    ).one()
    return AgentStatus(
        name=agent.key,
        status="active",
        last_used=last_used.isoformat() if total else None,
        total_conversations=total,
        tooling=_tooling(agent),
    )


def _summary(agent: Agent) -> AgentSummary:
    return AgentSummary(
        name=agent.key,
        status="active",
        display_name=agent.display_name,
        description=agent.description,
        model=MODEL,
        tooling=_tooling(agent),
        last_seen_at=now().isoformat(),
    )


def _tooling(agent: Agent) -> AgentToolingFlags:
    return AgentToolingFlags(
        supports_code_interpreter=agent.code_interpreter,
        supports_file_search=agent.file_search,
        supports_web_search=agent.web_search,
    )
