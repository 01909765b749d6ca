"""A turn of a conversation: somebody says something, a model answers, both are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from .. import schemas
from ..agents.catalogue import AGENTS, Agent, agent_named
from ..conversations.models import Conversation, Message
from ..conversations.service import new_conversation, record, visible_conversation, visible_messages
from ..database import now
from ..security.tenancy import Caller, own
from ..storage.models import StorageObject
from ..usage.service import add_usage
from ..web.errors import found
from .responder import Reply, Turn


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """What was said and waits for an answer; `said` is the whole conversation so far."""

    caller: Caller
    conversation_id: UUID
    conversation_name: str
    agent: Agent
    said: tuple[Turn, ...]
    is_handed_over: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says, to whom, and where; a new conversation where none is named."""

    message: str
    conversation_id: str | None = None
    agent_key: str | None = None
    attachments: Sequence[schemas.InputAttachment] = ()
    run_id: str | None = None


def begin_turn(session: Session, caller: Caller, wanted: Wanted) -> OpenTurn:
    """Keep what was said, and return the turn; 404 for an unknown conversation, agent or object."""
    attachments = [_attachment(session, caller, one) for one in wanted.attachments]
    conversation = _conversation(session, caller, wanted)
    agent = _agent(wanted.agent_key) or _agent_of(conversation)
    before = conversation.active_agent
    conversation.active_agent, conversation.updated_at = agent.key, now()
    session.add(
        Message(
            conversation_id=conversation.id,
            role="user",
            text=wanted.message,
            workflow_run_id=wanted.run_id,
            attachments=attachments,
        )
    )
    session.flush()
    messages = visible_messages(session, conversation)
    said = tuple(Turn(message.role, message.text) for message in messages)
    name = conversation.name
    return OpenTurn(caller, conversation.id, name, agent, said, before not in (None, agent.key))


def finish_turn(
    session: Session, turn: OpenTurn, replies: Sequence[Reply], run_id: str | None = None
) -> bool:
    """
    Keep the last reply and count the use of all; tell whether the conversation is still there.
    """
    add_usage(session, turn.caller, replies)
    conversation = session.get(Conversation, turn.conversation_id)
    if conversation is None:
        return False
    conversation.updated_at = now()
    if replies:
        session.add(
            Message(
                conversation_id=conversation.id,
                role="assistant",
                text=replies[-1].text,
                agent=turn.agent.key,
                model=replies[-1].model,
                response_id=replies[-1].response_id,
                workflow_run_id=run_id,
            )
        )
    return True


def _conversation(session: Session, caller: Caller, wanted: Wanted) -> Conversation:
    if wanted.conversation_id is not None:
        return visible_conversation(session, caller, wanted.conversation_id)
    conversation = new_conversation(session, caller.tenant_id)
    conversation.user_id = caller.user_id
    conversation.agent_entrypoint = (_agent(wanted.agent_key) or AGENTS[0]).key
    session.flush()
    record(session, caller, conversation, "created")
    return conversation


def _agent(wanted: str | None) -> Agent | None:
    return found(agent_named(wanted), "Agent") if wanted else None


def _agent_of(conversation: Conversation) -> Agent:
    """Return who answers in a conversation; seeding may have named an agent that there is not."""
    key = conversation.active_agent or conversation.agent_entrypoint
    return agent_named(key) or AGENTS[0]


def _attachment(
    session: Session, caller: Caller, wanted: schemas.InputAttachment
) -> dict[str, Any]:
    row = own(session, caller, StorageObject, wanted.object_id, "Attached object")
    return {
        "object_id": str(row.id),
        "filename": row.filename,
        "mime_type": row.mime_type,
        "size_bytes": row.size_bytes,
    }
