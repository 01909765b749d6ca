"""Finding conversations, what is in them, and changing them."""

from collections.abc import Sequence
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from ..database import now, variant_of
from ..security.tenancy import Caller, find_own, foreign
from ..variants import ConversationIds
from ..web.errors import bad_request, conflict, forbidden, not_found
from ..web.paging import Cursors
from .models import Conversation, Message

_CHANGED = (Conversation.updated_at, Conversation.id)
_TITLE_WORDS = 8


def new_conversation(session: Session, tenant_id: UUID, key: str | None = None) -> Conversation:
    """Return a new conversation; one with a key has an id that follows from it."""
    own_id = uuid4() if key is None else id_of_key(tenant_id, key)
    names = {
        ConversationIds.KEY: key or str(own_id),
        ConversationIds.UUID: str(own_id),
        ConversationIds.NUMBER: str(own_id.int % 10**12),
    }
    name = names[variant_of(session).conversation_ids]
    conversation = Conversation(id=own_id, tenant_id=tenant_id, name=name)
    session.add(conversation)
    return conversation


def id_of_key(tenant_id: UUID, key: str) -> UUID:
    """Return the id of the conversation that was seeded under a key."""
    return uuid5(tenant_id, f"conversation:{key}")


def id_of(session: Session, tenant_id: UUID, text: str) -> UUID:
    """Return the id that a text stands for: a UUID as it is, else a name or a key."""
    try:
        return UUID(text)
    except ValueError:
        named = Conversation.name == text
        query = select(Conversation.id).where(Conversation.tenant_id == tenant_id, named)
        return session.scalar(query) or id_of_key(tenant_id, text)


def find_conversation(session: Session, caller: Caller, text: str) -> Conversation | None:
    """Return a conversation of the caller's tenant, or None."""
    try:
        return find_own(session, caller, Conversation, UUID(text))
    except ValueError:
        # Most paths have a name: one statement finds the id and the row.
        own_tenant, named = Conversation.tenant_id == caller.tenant_id, Conversation.name == text
        own_id = id_of_key(caller.tenant_id, text)
        found = session.scalar(select(Conversation).where(own_tenant, named))
        return found or find_own(session, caller, Conversation, own_id)


def visible_conversation(session: Session, caller: Caller, text: str) -> Conversation:
    """Return a conversation of the caller's tenant; 404, or as the variant says for another's."""
    found = find_conversation(session, caller, text)
    if found is not None:
        return found
    if session.get(Conversation, id_of(session, caller.tenant_id, text)) is not None:
        raise foreign(session, "Conversation")
    raise not_found("Conversation")


def conversations_page(
    session: Session, caller: Caller, agent: str | None, page: Cursors
) -> tuple[list[Conversation], str | None]:
    """Return a page of the tenant's conversations, the last changed first."""
    query = of_tenant(caller, agent)
    # The contract documents this order, so no variant turns it round.
    return page.rows(session, query, *_CHANGED, newest_first=True)


def search_page(
    session: Session, caller: Caller, agent: str | None, text: str, page: Cursors
) -> tuple[list[Conversation], str | None]:
    """Return a page of the conversations with a text in a message or the title."""
    query = found_in(of_tenant(caller, agent), text)
    return page.rows(session, query, *_CHANGED)


def of_tenant(caller: Caller, agent: str | None) -> Select[Conversation]:
    """Return the query for the tenant's conversations, or those with one agent."""
    query = select(Conversation).where(Conversation.tenant_id == caller.tenant_id)
    return query.where(Conversation.agent_entrypoint == agent) if agent else query


def found_in(query: Select[Conversation], text: str) -> Select[Conversation]:
    """Return the query for the conversations with a text in a message or the title."""
    in_message = (
        select(Message.id)
        .where(Message.conversation_id == Conversation.id, Message.hidden_at.is_(None))
        .where(Message.text.icontains(text, autoescape=True))
        .exists()
    )
    in_title = func.coalesce(Conversation.display_name, "").icontains(text, autoescape=True)
    return query.where(in_message | in_title)


def delete_conversation(session: Session, caller: Caller, text: str) -> None:
    """Delete a conversation with its messages; an unknown one is no error."""
    conversation = find_conversation(session, caller, text)
    if conversation is None:
        return
    session.execute(delete(Conversation).where(Conversation.id == conversation.id))
    record(session, caller, conversation, "deleted")


def messages_page(
    session: Session, conversation: Conversation, page: Cursors, *, ascending: bool
) -> tuple[list[Message], str | None]:
    """Return a page of the messages that were not cut off."""
    query = select(Message).where(
        Message.conversation_id == conversation.id, Message.hidden_at.is_(None)
    )
    return page.rows(session, query, Message.id, newest_first=not ascending)


def visible_messages(session: Session, *conversations: Conversation) -> list[Message]:
    """Return the messages that were not cut off, oldest first."""
    ids = [conversation.id for conversation in conversations]
    query = select(Message).where(Message.conversation_id.in_(ids), Message.hidden_at.is_(None))
    return list(session.scalars(query.order_by(Message.id)))


def last_messages(
    session: Session, conversations: Sequence[Conversation]
) -> dict[UUID, tuple[int, str]]:
    """Return how many messages each conversation has that has any, and the text of the last one."""
    query = (
        # SQLite takes the other columns from the row of the maximum.
        select(Message.conversation_id, func.count(), Message.text, func.max(Message.id))
        .where(Message.conversation_id.in_([one.id for one in conversations]))
        .where(Message.hidden_at.is_(None))
        .group_by(Message.conversation_id)
    )
    return {key: (count, text) for key, count, text, _ in session.execute(query)}


def messages_by_conversation(
    session: Session, conversations: Sequence[Conversation]
) -> dict[UUID, list[Message]]:
    """Return the messages of each of some conversations."""
    grouped: dict[UUID, list[Message]] = {conversation.id: [] for conversation in conversations}
    for message in visible_messages(session, *conversations):
        grouped[message.conversation_id].append(message)
    return grouped


def cut_off(session: Session, caller: Caller, conversation: Conversation, message_id: str) -> None:
    """Hide a user message and what follows; 403 for another's, 404, 400, 409 if hidden."""
    if conversation.user_id != caller.user_id:
        raise forbidden("Only the user who began the conversation may cut it off.")
    message = session.get(Message, int(message_id)) if _is_id(message_id) else None
    if message is None or message.conversation_id != conversation.id:
        raise not_found("Message")
    if message.role != "user":
        raise bad_request("A conversation can be cut off before a user message only.")
    if message.hidden_at:
        raise conflict("The message is cut off already.")
    later = (Message.conversation_id == conversation.id) & (Message.id >= message.id)
    visible = later & Message.hidden_at.is_(None)
    session.execute(update(Message).where(visible).values(hidden_at=now()))
    conversation.updated_at = now()
    record(session, caller, conversation, "message.deleted")


def title_of(session: Session, conversation: Conversation) -> str:
    """Return the title, made from the first user message when there is none yet."""
    if conversation.display_name is None:
        messages = visible_messages(session, conversation)
        first = next((one.text for one in messages if one.role == "user"), "")
        words = " ".join(first.split()[:_TITLE_WORDS])[:128]
        conversation.display_name = words or "New conversation"
    return conversation.display_name


def record(session: Session, caller: Caller, conversation: Conversation, what: str) -> None:
    """Add what happened to a conversation to the activity log."""
    thing = ("conversation", conversation.name, conversation.display_name)
    caller.record(session, f"conversation.{what}", *thing)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
