"""Seeding conversations: made by key, their messages replaced where they exist."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from .. import schemas
from ..conversations.models import Conversation, LedgerFrame, Message
from ..conversations.service import id_of_key, new_conversation
from ..database import now
from ..tenants.models import Tenant
from .users import user_id_of


def seed_conversations(
    session: Session, tenant: Tenant, wanted: Sequence[schemas.FixtureConversation]
) -> dict[str, schemas.FixtureConversationResult]:
    """Make or reset conversations: status, agent, owner, messages (with new ids), empty ledger."""
    results: dict[str, schemas.FixtureConversationResult] = {}
    for one in wanted:
        conversation = _conversation(session, tenant, one)
        _replace_messages(session, conversation, one.messages)
        results[one.key] = schemas.FixtureConversationResult(
            conversation_id=str(conversation.id), status=conversation.status
        )
    return results


def _conversation(
    session: Session, tenant: Tenant, wanted: schemas.FixtureConversation
) -> Conversation:
    user_id = user_id_of(session, wanted.user_email)
    conversation = session.get(Conversation, id_of_key(tenant.id, wanted.key))
    conversation = conversation or new_conversation(session, tenant.id, wanted.key)
    conversation.user_id = user_id
    conversation.agent_entrypoint = wanted.agent_entrypoint
    conversation.active_agent = wanted.agent_entrypoint
    conversation.status = wanted.status
    conversation.updated_at = now()
    session.flush()
    return conversation


def _replace_messages(
    session: Session,
    conversation: Conversation,
    wanted: Sequence[schemas.FixtureConversationMessage],
) -> None:
    for table in (Message, LedgerFrame):
        session.execute(delete(table).where(table.conversation_id == conversation.id))
    first = now() - timedelta(milliseconds=len(wanted))
    for position, message in enumerate(wanted):
        session.add(
            Message(
                conversation_id=conversation.id,
                role=message.role,
                text=message.text,
                agent=conversation.agent_entrypoint if message.role == "assistant" else None,
                created_at=first + timedelta(milliseconds=position),
            )
        )
    session.flush()
