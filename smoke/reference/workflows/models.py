"""Workflow runs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from ..database import OfTenant, Table, now


class WorkflowRun(OfTenant, Table):
    """One run of a workflow; `status` is running, succeeded, failed or cancelled.

    A run that was deleted is hidden; `steps` holds the step results as they are answered.
    """

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    workflow_key: Mapped[str]
    status: Mapped[str] = mapped_column(default="running")
    conversation_id: Mapped[UUID | None]
    conversation_name: Mapped[str | None]
    request_message: Mapped[str | None]
    final_output_text: Mapped[str | None]
    final_output_structured: Mapped[Any | None] = mapped_column(JSON)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
