"""Requests and answers of the health surface."""

from pydantic import BaseModel


class HealthResponse(BaseModel):
    """Health check response payload."""

    status: str
    timestamp: str
    version: str
    uptime: float | None = None
