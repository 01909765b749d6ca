"""Conversations, their messages, and the ledger of frames that were streamed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Dated, OfTenant, Table, WithId, now, part_of
from ..users.models import User


class Conversation(WithId, OfTenant, Dated, Table):
    """A conversation of a tenant with an agent; `name` is the id that answers show."""

    name: Mapped[str] = mapped_column(index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))
    agent_entrypoint: Mapped[str]
    active_agent: Mapped[str | None]
    display_name: Mapped[str | None]
    topic_hint: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="active")
    memory: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=now, index=True)


class Message(Dated, Table):
    """One message; hidden, not deleted, when its conversation is truncated before it."""

    __tablename__ = "conversation_messages"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012  # ids are never used again

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(part_of(Conversation.id), index=True)
    role: Mapped[str]
    text: Mapped[str]
    agent: Mapped[str | None]
    model: Mapped[str | None]
    response_id: Mapped[str | None]
    workflow_run_id: Mapped[str | None]
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    hidden_at: Mapped[datetime | None]


class LedgerFrame(Table):
    """One frame of a stream as it was sent, kept for replay; `frame` is its JSON text."""

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(part_of(Conversation.id), index=True)
    workflow_run_id: Mapped[str | None] = mapped_column(index=True)
    frame: Mapped[str]
