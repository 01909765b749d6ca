"""What a start of the service writes down."""

from sqlalchemy import update

from .database import Database, now
from .status.models import Incident
from .workflows.models import WorkflowRun


async def record_start(database: Database) -> None:
    """Add the start to the incidents, and mark runs that are still running as failed."""
    moment = now()
    start = f"start-{moment:%Y%m%dT%H%M%S%f}"
    abandoned = update(WorkflowRun).where(WorkflowRun.status == "running")
    async with database.writing() as session:
        session.execute(abandoned.values(status="failed", ended_at=moment))
        session.add(
            Incident(incident_id=start, service="api", impact="maintenance", state="resolved")
        )
