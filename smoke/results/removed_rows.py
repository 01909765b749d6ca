"""
Removed rows: a row that the run has removed from a list must not be there again later.

Each later answer of the list is looked at, whoever asked for it: this costs no request. The walk
of a paged list reads it once more near the end of a run.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from smoke.contract import Contract, Finding
from smoke.contract.operation_id import OperationId
from smoke.contract.paging import rows_of
from smoke.contract.pointers import at
from smoke.results.exchange import SAFE, Exchange
from smoke.results.run import Run

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
    removals = [one for one in removals_from(run, _path(exchange)) if _counts(one, exchange)]
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
        and _path(one).rpartition("/")[0] == path
    ]


def _counts(removal: Exchange, exchange: Exchange) -> bool:
    """Whether a list must have followed a removal of the same actor by now."""
    ended_s = removal.started_s + removal.elapsed_ms / 1000
    # To an actor of another tenant, an idempotent DELETE answers the same and removes nothing.
    return removal.actor == exchange.actor and exchange.started_s > ended_s + SETTLED_S


def _shown_before(run: Run, removal: Exchange, exchange: Exchange, pointer: str | None) -> Any:
    """The row of the removed thing in the last answer of the list before the removal."""
    for one in sorted(run.exchanges, key=lambda one: one.started_s, reverse=True):
        same = one.operation == exchange.operation and one.status == 200
        if same and one.started_s < removal.started_s and _path(one) == _path(exchange):
            row = _row(one, pointer, _names(removal), _thing(removal))
            if row is not None:
                return row
    return None


def _may_be_there(run: Run, removal: Exchange, exchange: Exchange, thing: str) -> bool:
    """
    Whether the thing may be there: a later write names it, or it can be read at its own path.

    A member may have returned. What a DELETE only empties stays, and another check looks into it.
    """
    text, own = thing.encode(), _path(removal)
    for one in run.exchanges:
        later = removal.started_s < one.started_s < exchange.started_s and one is not removal
        if not later or (one.status or 500) >= 400:
            continue
        if one.method in SAFE:
            if _path(one) == own:
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
    return unquote(_path(removal).rpartition("/")[2])


def _path(exchange: Exchange) -> str:
    return urlsplit(exchange.url).path
