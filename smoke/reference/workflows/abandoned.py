"""Runs that a service which has ended left running."""

from sqlalchemy import update

from ..database import Database, now
from .models import WorkflowRun


async def close_abandoned(database: Database) -> None:
    """Mark every run that is still running as failed: nobody works on it any more."""
    async with database.writing() as session:
        session.execute(
            update(WorkflowRun)
            .where(WorkflowRun.status == "running")
            .values(status="failed", ended_at=now())
        )
