"""Finding agents, and what a tenant uses them for."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..conversations.models import Conversation
from ..database import now
from ..web.errors import not_found
from .catalogue import AGENTS, Agent, agent_named, mentions


def agents_mentioning(text: str | None) -> list[Agent]:
    """Return the agents that mention a text; all of them without one."""
    return [one for one in AGENTS if mentions(text, one.key, one.display_name, one.description)]


def agent_or_404(key: str) -> Agent:
    """Return the agent of a key, or refuse with 404."""
    agent = agent_named(key)
    if agent is None:
        raise not_found("Agent")
    return agent


def use_of(session: Session, tenant_id: UUID, agent: Agent) -> tuple[int, str | None]:
    """Return how many conversations a tenant has with an agent, and when the last one changed."""
    query = select(func.count(), func.max(Conversation.updated_at)).where(
        Conversation.tenant_id == tenant_id, Conversation.agent_entrypoint == agent.key
    )
    total, last_used = session.execute(query).one()
    return total, last_used.isoformat() if total else None


def last_seen_at() -> str:
    """Return when an agent was last seen: now, for they are part of this process."""
    return now().isoformat()
