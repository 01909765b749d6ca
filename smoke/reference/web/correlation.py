"""The headers that every answer carries, and the counting of requests."""

import time
from contextvars import ContextVar
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


# The id of the request that is being served, also in the tasks that it starts.
correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)


class Correlation:
    """An ASGI layer that names and times every answer.

    `X-Correlation-ID` is always new; `X-Process-Time` is in seconds up to the headers, so a stream
    is timed to its start. The id is in `correlation_id` for whoever records it.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, work_ms: int = 0) -> None:
        self._app = app
        self._metrics = metrics
        self._work_s = work_ms / 1000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        own_id = str(uuid4())
        correlation_id.set(own_id)
        self._work()

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                seconds = time.perf_counter() - started
                headers = MutableHeaders(scope=message)
                headers["X-Correlation-ID"] = own_id
                headers["X-Process-Time"] = f"{seconds:.6f}"
                self._metrics.count(scope, message["status"], seconds)
            await send(message)

        await self._app(scope, receive, send_named)

    def _work(self) -> None:
        """Hold the event loop, as a deployment does whose requests need more of its processor."""
        if self._work_s:
            time.sleep(self._work_s)
