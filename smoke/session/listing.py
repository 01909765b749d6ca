"""Reading a list to its end, for the paging styles that services use."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from smoke.session.caller import Caller

# The maximum number of pages per list: a service that never ends a list must not hold up the run.
PAGES = 100

Row = dict[str, Any]


async def pages(
    caller: Caller,
    listing: str,
    path: Mapping[str, Any] | None = None,
    asked: Mapping[str, Any] | None = None,
) -> AsyncIterator[list[Row]]:
    """
    Yield the rows of a list, page by page; no rows if the service refuses the list.

    `asked` is the query of every page, such as the parent of the rows.
    """
    known = {
        parameter.name: parameter.schema
        for parameter in caller.client.contract.operations[listing].parameters
        if parameter.location == "query"
    }
    # A POST that searches gets an empty question, which asks for everything.
    question: Row | None = {} if listing.startswith("POST ") else None
    query = dict(asked or {})
    if (most := _most(known.get("limit"))) and "limit" not in query:
        query["limit"] = most
    for _ in range(PAGES):
        exchange = await caller.call(listing, query=query, json=question, **(path or {}))
        page = exchange.json if exchange.status == 200 else None
        rows = rows_of(page)
        yield rows
        following = _following(page, query, len(rows))
        if not rows or not following or not known.keys() >= following.keys():
            return
        query = {**query, **following}


def rows_of(page: Any) -> list[Row]:
    """The rows of a page: it is a list, or an object that has one."""
    lists = [page] if isinstance(page, list) else []
    if isinstance(page, dict):
        lists = [value for value in page.values() if isinstance(value, list)]
    return [row for row in next(iter(lists), []) if isinstance(row, dict)]


def _most(schema: Any) -> Any:
    return schema.get("maximum") if isinstance(schema, dict) else None


def _following(page: Any, query: Row, got: int) -> Row:
    """The query of the next page, in the style of this one; empty after the last page."""
    if not isinstance(page, dict):
        return {}
    for name in ("cursor", "offset"):
        if page.get(f"next_{name}") is not None:
            return {name: page[f"next_{name}"]}
    seen = query.get("offset", 0) + got
    total = page.get("total")
    return {"offset": seen} if isinstance(total, int) and seen < total else {}
