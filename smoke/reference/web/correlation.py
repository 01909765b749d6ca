"""The headers that every answer carries, and the counting of requests."""

import time
from contextvars import ContextVar
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .metrics import Metrics

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
