"""The limits of a body that may not end: the one form of them in rules, plans and requests."""

from collections.abc import Callable
from dataclasses import dataclass

# Bytes of a response that the client reads; the exchange shows that it left the rest unread.
MAX_BODY = 8 * 1024 * 1024


@dataclass(frozen=True)
class Bounds:
    """
    The limits of an endless body: events, bytes and seconds; reading stops at the first one.

    `until` gets the data of each event as it arrives; reading stops when it returns true.
    """

    events: int = 1000
    bytes: int = MAX_BODY
    time_s: float = 10.0
    until: Callable[[str], bool] | None = None

    def enough(self, count: int, fresh: list[str]) -> bool:
        """Whether reading stops after `count` events, of which the `fresh` ones just came."""
        return count >= self.events or (self.until is not None and any(map(self.until, fresh)))
