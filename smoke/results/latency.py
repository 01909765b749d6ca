"""Latency: answers that take longer than the rules allow."""

from collections.abc import Callable
from dataclasses import dataclass, field

from smoke.contract.media import EVENT_STREAM
from smoke.results.exchange import Exchange


@dataclass
class Slow:
    """
    The limits of a run, off where no rule has one.

    `limit_s` gives the seconds that the rules allow an operation. A late answer is noted once for
    each operation, or fails its check if `is_red`.
    """

    limit_s: Callable[[str], float | None] = lambda _: None
    is_red: bool = False
    _noted: set[str] = field(default_factory=set)

    def late(self, exchange: Exchange) -> tuple[str, str] | None:
        """The expected and the actual time of a late answer; None for an answer in time."""
        limit = self.limit_s(exchange.operation)
        # A stream is read for as long as it is asked to go on.
        streams = str(exchange.headers.get("content-type", "")).startswith(EVENT_STREAM)
        took = exchange.elapsed_ms / 1000
        if limit is None or took <= limit or streams:
            return None
        return f"an answer within {limit:g} s", f"{exchange.status} after {took:.3g} s"

    def is_first(self, exchange: Exchange) -> bool:
        """Whether no late answer of the operation was noted yet."""
        first = exchange.operation not in self._noted
        self._noted.add(exchange.operation)
        return first
