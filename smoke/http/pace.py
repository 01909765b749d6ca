"""When a request may go: at its target's pace, beside others, and when the service says so."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

T = TypeVar("T")

# Calls that do not wait for each other and are under way at the same time.
SEATS = 12

# Answers that may say when to come again (RFC 6585 §4, RFC 9110 §15.6.4).
LATER = frozenset({429, 503})

# Seconds that are waited at most because an answer asks for it.
LONGEST_S = 10.0


class Pace:
    """
    The turns of the requests to one target: at most `max_rate` in a second; 0 is no limit.

    A turn is taken before it is waited for, so that requests under way at once do not share one.
    """

    def __init__(self, max_rate: float, clock: Callable[[], float] = perf_counter) -> None:
        self._gap_s = 1 / max_rate if max_rate else 0.0
        self._clock = clock
        self._next = 0.0

    def turn(self) -> float:
        """Take the next turn and return how many seconds away it is."""
        now = self._clock()
        turn = max(now, self._next)
        self._next = turn + self._gap_s
        return turn - now


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """
    Return the seconds that an answer asks to wait (RFC 9110 §10.2.3), None where it does not.

    A moment is compared with the answer's own `Date`: the two clocks need not agree.
    """
    told = headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]+", told):
        return float(told)
    moment = _moment(told)
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
    Return the seconds to wait before asking once more, None for not at all, and why in words.

    `left_s` are the seconds until the run must end.
    """
    asked = retry_after_s(headers) if status in LATER else None
    if asked is None:
        return None, ""
    if asked > LONGEST_S:
        told = f"it asks to come again in {asked:.0f} s; no more than {LONGEST_S:g} s are waited"
        return None, told
    if asked >= left_s:
        return None, f"it asks to come again in {asked:g} s, when this run is over"
    return asked, f"it asks to come again in {asked:g} s: asked once more"


async def together(calls: Iterable[Awaitable[T]]) -> list[T]:
    """
    Await calls, a few at a time, and return their answers in the order of the calls.

    Raises:
        Exception: the first that one of the calls raised, when all have ended.
    """
    seats = asyncio.Semaphore(SEATS)

    async def seated(call: Awaitable[T]) -> T:
        async with seats:
            return await call

    answers: list[T] = []
    for answer in await asyncio.gather(*map(seated, calls), return_exceptions=True):
        if isinstance(answer, BaseException):
            raise answer
        answers.append(answer)
    return answers
