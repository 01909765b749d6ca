"""The pace of requests: the target's rate limit, parallel requests, and `Retry-After`."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")

# Requests at the same time, whatever the number of checks: a small deployment on SQLite answers
# eight at once, and loses a write to a lock now and then at sixteen. The client has 20 connections.
AT_ONCE = 8

# Statuses that may come with `Retry-After` (RFC 6585 §4, RFC 9110 §15.6.4).
LATER = frozenset({429, 503})

# Seconds that a request waits at most because a response asks for it.
LONGEST_S = 10.0


class Pace:
    """
    The turns of the requests to one target: at most `max_rate` in a second; 0 means no limit.

    A request takes its turn before it waits, so that parallel requests do not share a turn.
    """

    def __init__(self, max_rate: float, clock: Callable[[], float] = perf_counter) -> None:
        self._gap_s = 1 / max_rate if max_rate else 0.0
        self._clock = clock
        self._next = 0.0

    def turn(self) -> float:
        """Take the next turn and return how many seconds away it is."""
        now = self._clock()
        # Time without a request earns no burst afterwards.
        turn = max(now, self._next)
        self._next = turn + self._gap_s
        return turn - now


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """
    Return the seconds that a response asks to wait (RFC 9110 §10.2.3), None if it does not.

    A date is compared with the response's own `Date`, because the two clocks may differ.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]+", value):
        return float(value)
    moment = _moment(value)
    if moment is None:
        return None
    now = _moment(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (moment - now).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def patience(
    status: int | None, headers: Mapping[str, str], left_s: float
) -> tuple[float | None, str]:
    """
    Return the seconds to wait before a repeat (None: no repeat), and the reason in words.

    `left_s` is the time until the run's deadline, in seconds.
    """
    asked = retry_after_s(headers) if status in LATER else None
    if asked is None:
        return None, ""
    if asked > LONGEST_S:
        return None, f"Retry-After asks for {asked:.0f} s; the run waits {LONGEST_S:g} s at most"
    if asked >= left_s:
        return None, f"Retry-After asks for {asked:g} s, which ends after the run's deadline"
    return asked, f"Retry-After asks for {asked:g} s: sent once more"


async def together(calls: Iterable[Awaitable[T]]) -> list[T]:
    """
    Await calls, a few at a time, and return their results in the order of the calls.

    Raises:
        Exception: the first exception of a call, after all calls have ended.
    """
    slots = asyncio.Semaphore(AT_ONCE)

    async def limited(call: Awaitable[T]) -> T:
        async with slots:
            return await call

    answers: list[T] = []
    for answer in await asyncio.gather(*map(limited, calls), return_exceptions=True):
        if isinstance(answer, BaseException):
            raise answer
        answers.append(answer)
    return answers
