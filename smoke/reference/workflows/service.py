"""Finding workflows and their runs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..agents.catalogue import mentions
from ..conversations.models import LedgerFrame
from ..conversations.service import id_of
from ..database import now
from ..security.tenancy import Caller, own
from ..web.errors import bad_request, found, not_found
from ..web.paging import Cursors, between, filtered
from .catalogue import WORKFLOWS, Workflow, workflow_named
from .models import WorkflowRun


def workflows_mentioning(text: str | None) -> list[Workflow]:
    """Return the workflows that mention a text; all of them without one."""
    return [one for one in WORKFLOWS if mentions(text, one.key, one.display_name, one.description)]


def workflow_or_404(key: str) -> Workflow:
    """Return the workflow of a key, or refuse with 404."""
    return found(workflow_named(key), "Workflow")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the runs in a list; None or no text asks for nothing."""

    workflow_key: str | None = None
    run_status: str | None = None
    started_before: str | None = None
    started_after: str | None = None
    conversation_id: str | None = None


def runs_page(
    session: Session, caller: Caller, wanted: Wanted, page: Cursors
) -> tuple[list[WorkflowRun], str | None]:
    """Return a page of the tenant's runs that pass the filters, newest first."""
    run, text = WorkflowRun, wanted.conversation_id
    query = filtered(
        select(run).where(run.tenant_id == caller.tenant_id, run.hidden_at.is_(None)),
        workflow_key=wanted.workflow_key or None,
        status=wanted.run_status or None,
        conversation_id=id_of(session, caller.tenant_id, text) if text else None,
    )
    span = _moment(wanted.started_after), _moment(wanted.started_before)
    return page.rows(session, between(query, run.started_at, *span), run.started_at, run.id)


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


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise bad_request(f"{text!r} is not an ISO 8601 timestamp.") from error
