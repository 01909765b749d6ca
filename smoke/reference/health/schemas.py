"""Requests and answers of the health surface."""

from pydantic import BaseModel


class HealthResponse(BaseModel):
    status: str
    timestamp: str
    version: str
    uptime: float | None = None
