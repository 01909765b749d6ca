"""
Newness: whether a request created the thing in its response, or the thing existed before.

A 201 confirms a new thing (RFC 9110 §15.3.2). After another success a list must confirm it: a row
is new if the list lacks it before the request and has it afterwards. An upsert that returns an
existing row does not make the run its owner.
"""

from typing import Any

from smoke.contract.operation_id import OperationId
from smoke.contract.paging import listing_of
from smoke.contract.pointers import at
from smoke.plan import Entry, FilledRequest
from smoke.results.exchange import Exchange
from smoke.session.caller import Caller
from smoke.session.listing import pages

CREATED = 201


async def shown_before(entry: Entry, filled: FilledRequest, caller: Caller) -> set[str]:
    """The ids on the list before a creation; empty if the run needs no such proof."""
    unproven = entry.operation in caller.client.policy.unproven and not entry.names_own
    if not unproven or entry.expect == (CREATED,):
        return set()
    listing = _listing(entry, caller)
    return await _ids(entry, filled, caller, listing) if listing else set()


async def is_new(
    entry: Entry, filled: FilledRequest, caller: Caller, exchange: Exchange,
    before: set[str],
) -> bool:  # fmt: skip
    """Whether the request created the thing in the response."""
    proven = entry.operation not in caller.client.policy.unproven or entry.names_own
    made = str(at(exchange.json, entry.creates or ""))
    if proven or exchange.status == CREATED or caller.client.run.id in made:
        return True
    listing = _listing(entry, caller)
    if listing is None or made in before:
        return False
    after = await _ids(entry, filled, caller, listing)
    # If a row has left the list, it is a page of a longer list: an old row may have moved onto it.
    return made in after and before <= after


def _listing(entry: Entry, caller: Caller) -> str | None:
    return listing_of(OperationId(entry.operation).path, caller.client.contract.operations)


async def _ids(entry: Entry, filled: FilledRequest, caller: Caller, listing: str) -> set[str]:
    name = (entry.creates or "").rpartition("/")[2]
    names = OperationId(listing).parameters
    path = {key: value for key, value in filled.path.items() if key in names}
    return {
        one
        async for rows in pages(caller, listing, path)
        for row in rows
        for one in _names_of(row, name)
    }


def _names_of(row: dict[str, Any], name: str) -> list[str]:
    """The possible ids of a row: the field that the creation returned, else any single value."""
    if row.get(name) is not None:
        return [str(row[name])]
    return [str(value) for value in row.values() if isinstance(value, (str, int))]
