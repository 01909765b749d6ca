"""Finding workflows and their runs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..agents.catalogue import mentions
from ..conversations.models import LedgerFrame
from ..conversations.service import id_of
from ..database import aware, now
from ..security.tenancy import Caller, own
from ..web.errors import bad_request, not_found
from ..web.paging import Cursors, filtered
from .catalogue import WORKFLOWS, Workflow, workflow_named
from .models import WorkflowRun


def workflows_mentioning(text: str | None) -> list[Workflow]:
    """Return the workflows that mention a text; all of them without one."""
    return [one for one in WORKFLOWS if mentions(text, one.key, one.display_name, one.description)]


def workflow_or_404(key: str) -> Workflow:
    """Return the workflow of a key, or refuse with 404."""
    workflow = workflow_named(key)
    if workflow is None:
        raise not_found("Workflow")
    return workflow


def runs_page(
    session: Session,
    caller: Caller,
    workflow_key: str | None,
    status: str | None,
    started_after: str | None,
    started_before: str | None,
    conversation: str | None,
    page: Cursors,
) -> tuple[list[WorkflowRun], str | None]:
    """Return a page of the tenant's runs that pass the filters, newest first."""
    run = WorkflowRun
    query = select(run).where(run.tenant_id == caller.tenant_id, run.hidden_at.is_(None))
    query = filtered(query, workflow_key=workflow_key or None, status=status or None)
    if started_before:
        query = query.where(run.started_at <= _moment(started_before))
    if started_after:
        query = query.where(run.started_at >= _moment(started_after))
    if conversation:
        wanted: UUID = id_of(session, caller.tenant_id, conversation)
        query = query.where(run.conversation_id == wanted)
    return page.rows(session, query, run.started_at, run.id)


def visible_run(session: Session, caller: Caller, run_id: str) -> WorkflowRun:
    """Return a run of the caller's tenant; 404 when it is unknown or deleted."""
    run = own(session, caller, WorkflowRun, run_id, "Workflow run")
    if run.hidden_at:
        raise not_found("Workflow run")
    return run


def delete_run(
    session: Session, caller: Caller, run_id: str, reason: str | None, *, hard: bool
) -> None:
    """Hide a run, or remove it for good with its frames."""
    run = visible_run(session, caller, run_id)
    if hard:
        session.execute(delete(LedgerFrame).where(LedgerFrame.workflow_run_id == run.id))
        session.delete(run)
    else:
        run.hidden_at = now()
    more = {"hard": hard, "reason": reason}
    caller.record(session, "workflow.run.deleted", "workflow_run", run.id, metadata=more)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise bad_request(f"{text!r} is not an ISO 8601 timestamp.") from error
    return aware(moment)
