"""Finding agents, and what a tenant uses them for."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..conversations.models import Conversation
from .catalogue import AGENTS, Agent, mentions


def agents_mentioning(text: str | None) -> list[Agent]:
    """Return the agents that mention a text; all of them without one."""
    return [one for one in AGENTS if mentions(text, one.key, one.display_name, one.description)]


def use_of(session: Session, tenant_id: UUID, agent: Agent) -> tuple[int, str | None]:
    """Return how many conversations a tenant has with an agent, and when the last one changed."""
    query = select(func.count(), func.max(Conversation.updated_at)).where(
        Conversation.tenant_id == tenant_id, Conversation.agent_entrypoint == agent.key
    )
    total, last_used = session.execute(query).one()
    return total, last_used.isoformat() if total else None
