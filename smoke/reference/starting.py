"""What a start of the service writes down."""

from .database import Database, now

_FAIL = "UPDATE workflow_runs SET status = 'failed', ended_at = ? WHERE status = 'running'"
_ADD = """
    INSERT INTO status_incidents (incident_id, service, impact, state, occurred_at)
    VALUES (?, 'api', 'maintenance', 'resolved', ?)
"""


def record_start(database: Database) -> None:
    """Mark runs that are still running as failed, and add the start to the incidents."""
    moment = now()
    stored = f"{moment:%Y-%m-%d %H:%M:%S.%f}"
    database.row(_FAIL, stored)
    database.row(_ADD, f"start-{moment:%Y%m%dT%H%M%S%f}", stored)
