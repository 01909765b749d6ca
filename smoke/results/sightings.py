"""
Sightings: an absence proves something only if the same view has shown the thing before.

A list may write ids in another form, and a path that never existed answers 404, too. So an absence
counts only if the same view showed the thing earlier in the run, under the same id, to any actor.
A view is an operation; for a single resource it is the path.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, ClassVar
from urllib.parse import unquote

from smoke.contract import Contract, Finding
from smoke.contract.operation_id import OperationId
from smoke.contract.paging import rows_of
from smoke.contract.pointers import at
from smoke.errors import Cause
from smoke.results.exchange import SAFE, Exchange
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
    path = exchange.path
    if not was_read(run, exchange.operation, path):
        raise BlindError(
            exchange,
            f"answered {exchange.status} at {path}, where nothing was read before, so it proves "
            "nothing. Read the thing there first; of an id that never existed say so: "
            "expect(exchange, 404, unknown=True).",
        )


def was_read(run: Run, operation: str, path: str) -> bool:
    """Whether an operation has answered with a success at a path that ends like this one."""
    return any(one.path.endswith(path) for one in _views(run, operation))


def seen_refused(
    run: Run, operation: str, actor: str, statuses: Collection[int], path: str = ""
) -> Exchange | None:
    """
    Return the exchange in which an operation has refused an actor, at a path; None if it has not.

    It counts only if no further header, such as a forged token or a lowered role, may be the cause.
    """
    for one in run.until_now():
        same = one.operation == operation and one.actor == actor and one.status in statuses
        same = same and one.path.endswith(path)
        plain = OURS | {"content-type"} if actor != ANONYMOUS else NO_CREDENTIAL
        if same and plain.issuperset(map(str.lower, one.request_headers)):
            return one
    return None


def _views(run: Run, operation: str) -> Iterator[Exchange]:
    """Answers of an operation that succeeded, the newest first."""
    for one in reversed(run.exchanges):
        if one.operation == operation and one.succeeded:
            yield one


def earlier_answers(
    newest_first: Iterable[Exchange], operation: str, actor: str = "", *, unchanged: str = ""
) -> Iterator[Exchange]:
    """
    Yield the whole answers with 200 of an operation to one actor, or to any, the newest first.

    With a path, only those since the last request that may have changed what is there: a write to
    the path, or to a row's. Asking the same again would prove nothing more.
    """
    for one in newest_first:
        if unchanged and _changes(one, unchanged):
            return
        same = one.operation == operation and actor in ("", one.actor)
        if same and one.status == 200 and not one.forgotten:
            yield one


def _changes(exchange: Exchange, path: str) -> bool:
    if exchange.method in SAFE or not 0 < (exchange.status or 0) < 400:
        return False
    return exchange.path.endswith(path) or exchange.path.rpartition("/")[0].endswith(path)


# Removed rows: a row that the run has removed from a list must not be there again later.
#
# Each later answer of the list is looked at, whoever asked for it: this costs no request. The walk
# of a paged list reads it once more near the end of a run.
# Statuses of a DELETE that is done when it answers; after 202 it may go on (RFC 9110 §9.3.5).
DONE = (200, 204)

# Seconds after which a list must have followed a DELETE; checks themselves look sooner.
SETTLED_S = 2.0


def rows_stay_removed(run: Run, exchange: Exchange, contract: Contract) -> Iterator[Finding]:
    """
    Yield a finding for each row of a list that is as it was before its DELETE.

    A row that differs, such as one with `"status": "revoked"`, is kept on purpose.
    """
    operation = contract.operations.get(exchange.operation)
    if operation is None or exchange.method != "GET" or exchange.status != 200:
        return
    removals = [one for one in removals_from(run, exchange.path) if _counts(one, exchange)]
    pointer = rows_of(operation, contract) if removals else None
    for removal in removals if pointer is not None else ():
        names, thing = _names(removal), _thing(removal)
        row = _row(exchange, pointer, names, thing)
        if row is None or row != _shown_before(run, removal, exchange, pointer):
            continue
        if not _may_be_there(run, removal, exchange, thing):
            after_s = exchange.started_s - removal.started_s
            message = (
                f"The row of {thing!r} is as before, {after_s:.0f} s after "
                f"{removal.operation} answered {removal.status}."
            )
            yield Finding("behaviour", pointer or "", message)


def removals_from(run: Run, path: str) -> list[Exchange]:
    """The requests that removed a row of the list at a path, in the order in which they went."""
    return [
        one
        for one in run.exchanges
        if one.method == "DELETE"
        and one.status in DONE
        and one.operation.endswith("}")
        and one.path.rpartition("/")[0] == path
    ]


def _counts(removal: Exchange, exchange: Exchange) -> bool:
    """Whether a list must have followed a removal of the same actor by now."""
    # To an actor of another tenant, an idempotent DELETE answers the same and removes nothing.
    return removal.actor == exchange.actor and exchange.started_s > removal.ended_s + SETTLED_S


def _shown_before(run: Run, removal: Exchange, exchange: Exchange, pointer: str | None) -> Any:
    """The row of the removed thing in the last answer of the list before the removal."""
    for one in sorted(run.exchanges, key=lambda one: one.started_s, reverse=True):
        same = one.operation == exchange.operation and one.status == 200
        if same and one.started_s < removal.started_s and one.path == exchange.path:
            row = _row(one, pointer, _names(removal), _thing(removal))
            if row is not None:
                return row
    return None


def _may_be_there(run: Run, removal: Exchange, exchange: Exchange, thing: str) -> bool:
    """
    Whether the thing may be there: a later write names it, or it can be read at its own path.

    A member may have returned. What a DELETE only empties stays, and another check looks into it.
    """
    text, own = thing.encode(), removal.path
    for one in run.exchanges:
        later = removal.started_s < one.started_s < exchange.started_s and one is not removal
        if not later or (one.status or 500) >= 400:
            continue
        if one.method in SAFE:
            if one.path == own:
                return True
        elif text in one.url.encode() or text in one.request_body or text in one.body:
            return True
    return False


def _row(exchange: Exchange, pointer: str | None, names: list[str], thing: str) -> Any:
    rows = at(exchange.json, pointer) if pointer is not None else None
    for row in rows if isinstance(rows, list) else ():
        identity = next((name for name in names if isinstance(row, dict) and name in row), None)
        if identity is not None and str(row[identity]) == thing:
            return row
    return None


def _names(removal: Exchange) -> list[str]:
    """The members that may identify a row: the name of the parameter, `id`, and its last word."""
    parameter = OperationId(removal.operation).last_parameter or ""
    return [parameter, "id", parameter.rpartition("_")[2]]


def _thing(removal: Exchange) -> str:
    return unquote(removal.path.rpartition("/")[2])
