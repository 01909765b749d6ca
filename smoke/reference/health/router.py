"""Whether the service is alive, ready, and able to store."""

import time

from fastapi import APIRouter, Response

from .. import schemas
from ..database import now
from ..service import Running, Service
from ..web.errors import Refusal
from ..web.metrics import CONTENT_TYPE

VERSION = "1.0.0"
router = APIRouter(tags=["health"])


@router.get("/health")
async def health_check(service: Running) -> schemas.HealthResponse:
    return _report(service, "healthy")


@router.get("/health/ready")
async def readiness_check(service: Running) -> schemas.HealthResponse:
    if not service.database.answers():
        raise Refusal(503, "The database does not answer.")
    return _report(service, "ready")


@router.get("/health/storage")
async def storage_health(service: Running) -> schemas.HealthResponse:
    return _report(service, "healthy" if service.objects.is_writable() else "unhealthy")


@router.get("/metrics", include_in_schema=False)
async def metrics(service: Running) -> Response:
    """Return the counters of the process in the Prometheus text format."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE)


def _report(service: Service, status: str) -> schemas.HealthResponse:
    uptime = time.monotonic() - service.started_at
    return schemas.HealthResponse(
        status=status, timestamp=now().isoformat(), version=VERSION, uptime=uptime
    )
