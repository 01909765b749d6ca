"""
Sightings: an absence proves something only if the same view has shown the thing before.

A list may write ids in another form, and a path that never existed answers 404, too. So an absence
counts only if the same view showed the thing earlier in the run, under the same id, to any actor.
A view is an operation; for a single resource it is the path.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

from smoke.errors import Cause
from smoke.results.exchange import Exchange
from smoke.results.lines import CREDENTIAL, OURS
from smoke.results.run import Run

ANONYMOUS = "anonymous"

# The headers of a request without a credential.
NO_CREDENTIAL = OURS.difference({CREDENTIAL}) | {"content-type"}

# Statuses for a path without a resource (RFC 9110 §15.5.5, §15.5.11).
NOT_THERE = frozenset({404, 410})


class BlindError(AssertionError):
    """A check asserts the absence of a thing that the same view has never shown."""

    cause: ClassVar[Cause] = Cause.HARNESS

    def __init__(self, exchange: Exchange, message: str) -> None:
        super().__init__(f"{exchange.operation} {message}")
        self.exchange = exchange


def must_have_listed(run: Run, exchange: Exchange, what: str, shows: Callable[[Any], bool]) -> None:
    """
    Make sure that an earlier answer of the same operation showed a thing.

    `shows` looks at the JSON of an answer; `what` names the thing.

    Raises:
        BlindError: none did.
    """
    # A long body that the run has shortened may have shown the thing.
    if not any(one.forgotten or shows(one.json) for one in _views(run, exchange.operation)):
        raise BlindError(
            exchange,
            f"has never shown {what}, so it proves nothing that the thing is not there now. Expect "
            "it in this view first, under the id that the view gives it.",
        )


def must_have_been_there(run: Run, exchange: Exchange) -> None:
    """
    Make sure that something had been read at the path that is now not found.

    Raises:
        BlindError: nothing had.
    """
    path = urlsplit(exchange.url).path
    if not was_read(run, exchange.operation, path):
        raise BlindError(
            exchange,
            f"answered {exchange.status} at {path}, where nothing was read before, so it proves "
            "nothing. Read the thing there first; of an id that never existed say so: "
            "expect(exchange, 404, unknown=True).",
        )


def was_read(run: Run, operation: str, path: str) -> bool:
    """Whether an operation has answered with a success at a path that ends like this one."""
    return any(urlsplit(one.url).path.endswith(path) for one in _views(run, operation))


def seen_refused(
    run: Run, operation: str, actor: str, statuses: Collection[int], path: str = ""
) -> Exchange | None:
    """
    Return the exchange in which an operation has refused an actor, at a path; None if it has not.

    It counts only if no further header, such as a forged token or a lowered role, may be the cause.
    """
    for one in run.until_now():
        same = one.operation == operation and one.actor == actor and one.status in statuses
        same = same and urlsplit(one.url).path.endswith(path)
        plain = OURS | {"content-type"} if actor != ANONYMOUS else NO_CREDENTIAL
        if same and plain.issuperset(map(str.lower, one.request_headers)):
            return one
    return None


def _views(run: Run, operation: str) -> Iterator[Exchange]:
    """Answers of an operation that succeeded, the newest first."""
    for one in reversed(run.exchanges):
        if one.operation == operation and one.status is not None and 200 <= one.status < 300:
            yield one
