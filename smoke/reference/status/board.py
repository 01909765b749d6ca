"""The status board: what each part of the service is like now, and what happened to it.

Incidents are what the board itself saw: each start of the service, and each part that failed,
until it works again.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..database import now
from ..service import Service
from .models import Incident

SHOWN = 20
"""How many incidents the board shows, newest first."""
RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the service, and whether it works now."""

    name: str
    description: str
    works: bool


@dataclass(frozen=True, slots=True)
class Board:
    """What the board shows at a moment."""

    at: datetime
    uptime: timedelta
    parts: tuple[Part, ...]
    incidents: tuple[Incident, ...]

    @property
    def works(self) -> bool:
        """Whether every part works."""
        return all(part.works for part in self.parts)

    @property
    def description(self) -> str:
        """The state in a sentence."""
        broken = [part.name for part in self.parts if not part.works]
        return f"Does not work: {', '.join(broken)}." if broken else "Everything works."

    def last_incident_at(self, part: Part) -> datetime | None:
        """When something last happened to a part."""
        return next((one.occurred_at for one in self.incidents if one.service == part.name), None)


async def look(service: Service) -> Board:
    """Look at every part, write down what changed, and return the board."""
    uptime = timedelta(seconds=time.monotonic() - service.started_at)
    parts = (
        Part("api", "Requests over HTTP", works=True),
        Part("database", "Tenants, users and conversations", works=service.database.answers()),
        Part("object-storage", "Files", works=service.objects.is_writable()),
    )
    incidents = await _incidents(service, parts) if parts[1].works else ()
    return Board(now(), uptime, parts, incidents)


async def _incidents(service: Service, parts: tuple[Part, ...]) -> tuple[Incident, ...]:
    """Return the newest incidents, after writing down the new ones."""
    with service.database.reading() as session:
        known = _newest(session)
    if not _over(known, parts) and not _new_ones(known, parts, service.started):
        return known
    async with service.database.writing() as session:
        known = _newest(session)
        for incident in _over(known, parts):
            incident.state = RESOLVED
        session.add_all(_new_ones(known, parts, service.started))
        session.flush()
        return _newest(session)


def _newest(session: Session) -> tuple[Incident, ...]:
    order = (Incident.occurred_at.desc(), Incident.incident_id)
    return tuple(session.scalars(select(Incident).order_by(*order).limit(SHOWN)))


def _over(known: tuple[Incident, ...], parts: tuple[Part, ...]) -> list[Incident]:
    working = {part.name for part in parts if part.works}
    return [one for one in known if one.state != RESOLVED and one.service in working]


def _new_ones(
    known: tuple[Incident, ...], parts: tuple[Part, ...], started: datetime
) -> list[Incident]:
    """Return what is not known yet: this start of the service, and parts that stopped working."""
    start = f"start-{started:%Y%m%dT%H%M%S%f}"
    open_ones = {one.service for one in known if one.state != RESOLVED}
    found = [
        _incident(f"outage-{uuid4().hex[:12]}", part.name, "major", "investigating", now())
        for part in parts
        if not part.works and part.name not in open_ones
    ]
    newer = [one for one in known if one.occurred_at >= started]
    if len(newer) < SHOWN and start not in [one.incident_id for one in known]:
        found.append(_incident(start, "api", "maintenance", RESOLVED, started))
    return found


def _incident(
    incident_id: str, service: str, impact: str, state: str, occurred_at: datetime
) -> Incident:
    return Incident(
        incident_id=incident_id, service=service, impact=impact, state=state,
        occurred_at=occurred_at,
    )  # fmt: skip
