"""Counters of this process, in the Prometheus text format."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import Scope

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """What the service counts about itself."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ["method", "route", "status"]
        self._requests = Counter(
            "http_requests", "Requests answered.", labels, registry=self._registry
        )
        self._seconds = Histogram(
            "http_request_duration_seconds",
            "Time to the headers of the answer.",
            ["method", "route"],
            registry=self._registry,
        )
        self.logins = Counter(
            "auth_logins", "Sign-in attempts.", ["outcome"], registry=self._registry
        )
        self.frontend_logs = Counter(
            "frontend_logs", "Log entries taken in.", ["level"], registry=self._registry
        )
        started = Gauge(
            "process_start_time_seconds", "Start of the process.", registry=self._registry
        )
        started.set_to_current_time()

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one answer under its route's template; paths of no route share one label."""
        route = getattr(scope.get("route"), "path", "unmatched")
        self._requests.labels(scope["method"], route, str(status)).inc()
        self._seconds.labels(scope["method"], route).observe(seconds)

    def text(self) -> bytes:
        """Return all counters in the Prometheus text format."""
        return generate_latest(self._registry)
