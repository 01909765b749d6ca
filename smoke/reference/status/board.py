"""The status board: what each part of the service is like now, and what happened to it.

Its incidents are the starts of the service.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from ..database import now
from ..service import Service
from .models import Incident

# How many incidents the board shows, newest first.
SHOWN = 20


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


def look(service: Service) -> Board:
    """Look at every part, and return the board."""
    uptime = timedelta(seconds=time.monotonic() - service.started_at)
    parts = (
        Part("api", "Requests over HTTP", works=True),
        Part("database", "Tenants, users and conversations", works=service.database.answers()),
        Part("object-storage", "Files", works=service.objects.is_writable()),
    )
    return Board(now(), uptime, parts, _newest(service) if parts[1].works else ())


def _newest(service: Service) -> tuple[Incident, ...]:
    order = (Incident.occurred_at.desc(), Incident.incident_id)
    with service.database.reading() as session:
        return tuple(session.scalars(select(Incident).order_by(*order).limit(SHOWN)))
