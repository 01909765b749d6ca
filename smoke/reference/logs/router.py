"""Log entries of browsers."""

import json
import logging
from typing import Annotated

from fastapi import APIRouter, Header

from .. import schemas
from ..security.principals import anonymous, principal_of
from ..service import Running

router = APIRouter(prefix="/api/v1/logs", tags=["logs"])
_logger = logging.getLogger("reference.frontend")
_LEVELS = frozenset({"debug", "info", "warning", "error", "critical"})


@router.post("", status_code=202)
async def ingest_frontend_log(
    body: schemas.FrontendLogPayload,
    service: Running,
    authorization: Annotated[str | None, Header(alias="authorization")] = None,
    _signature: Annotated[str | None, Header(alias="x-log-signature")] = None,
) -> schemas.FrontendLogIngestResponse:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise anonymous(service)
    principal = principal_of(service, token.strip())
    level = body.level.lower() if body.level.lower() in _LEVELS else "info"
    service.metrics.frontend_logs.labels(level).inc()
    _logger.info(
        json.dumps({"user_id": str(principal.user_id), "event": body.event, "scope": body.scope})
    )
    return schemas.FrontendLogIngestResponse()
