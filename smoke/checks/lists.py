"""Lists that are read page by page, also where they are long, shared and changing."""

from collections.abc import Mapping
from typing import Any

from smoke import Answer, Caller, Exchange, Expect, LeftOutError

MOST_PAGES = 50
"""Pages of one list that are read; what lies behind them is not known."""

MOST_OF_A_KIND = 10
"""How many vector stores, and how many containers, a tenant may have."""

LARGEST = 200
"""Rows to a page, at most; what the contract allows may be less."""


class Lists:
    """Reads lists; pages go on by cursor, by offset or until the total is there.

    The order of a list is not relied on: what is new may be on any page. Further keyword arguments
    are parameters of the path or of the query.
    """

    def __init__(self, expect: Expect) -> None:
        self.expect = expect

    async def all(
        self, caller: Caller, operation: str, items: str = "/items", **query: Any
    ) -> list[Any]:
        """Every row of a list, or those of as many pages as are read."""
        return (await self._read(caller, operation, items, query, {}))[0]

    async def rows(
        self,
        caller: Caller,
        operation: str,
        wanted: dict[str, Any],
        items: str = "/items",
        **query: Any,
    ) -> list[Any]:
        """The rows with the wanted values, of the first page that has any.

        A list that others change while it is read may hide a row, so it is read a second time.

        Raises:
            LeftOutError: the list goes on, and the row may be behind the pages that are read.
        """
        for _ in range(2):
            read, is_whole = await self._read(caller, operation, items, query, wanted)
            rows = [row for row in read if _has(row, wanted)]
            if rows:
                return rows
        if not is_whole:
            raise LeftOutError(f"{operation} has more than {len(read)} rows, too many to search")
        return []

    async def lack(
        self,
        caller: Caller,
        operation: str,
        unwanted: dict[str, Any],
        items: str = "/items",
        **query: Any,
    ) -> bool:
        """Whether no row has these values, as far as the list is read."""
        read, _ = await self._read(caller, operation, items, query, unwanted)
        return not any(_has(row, unwanted) for row in read)

    async def unless_full(self, made: Exchange, caller: Caller, operation: str) -> Exchange:
        """The exchange of making a thing that a tenant may have only so many of.

        Raises:
            LeftOutError: it was refused, and the list has as many as a tenant may have.
        """
        refused = made.status in (400, 403, 409, 422)
        if refused and len(await self.all(caller, operation)) >= MOST_OF_A_KIND:
            raise LeftOutError(f"{operation} lists as many as the tenant may have: no more is made")
        return made

    async def _read(
        self,
        caller: Caller,
        operation: str,
        items: str,
        query: dict[str, Any],
        until: dict[str, Any],
    ) -> tuple[list[Any], bool]:
        """The rows up to the page that has what is looked for, and whether these are all."""
        found: list[Any] = []
        asked: list[dict[str, Any]] = []
        path = {name: value for name, value in query.items() if f"{{{name}}}" in operation}
        query = {name: value for name, value in query.items() if name not in path}
        query = {**self._page_size(operation), **query}
        for _ in range(MOST_PAGES):
            page = self.expect(await caller.call(operation, query=query, **path))
            here = page.values(f"{items}/*")
            found += here
            following = _following(page.json, here, len(found))
            if following is None or (until and any(_has(row, until) for row in here)):
                return found, following is None
            asked.append(query)
            query = query | following
            page.that("a next page that was not asked for before", query not in asked, following)
        _goes_on(page, found)
        return found, False

    def _page_size(self, operation: str) -> dict[str, int]:
        """The largest page that the contract allows; nothing where it knows no such parameter."""
        for one in self.expect.contract.operations[operation].parameters:
            if (one.location, one.name) == ("query", "limit") and isinstance(one.schema, Mapping):
                return {"limit": min(one.schema.get("maximum", LARGEST), LARGEST)}
        return {}


def _following(page: Any, here: list[Any], seen: int) -> dict[str, Any] | None:
    """What asks for the next page, in the dialect this page speaks; None at the end."""
    if page.get("next_cursor") is not None:
        return {"cursor": page["next_cursor"]}
    if page.get("next_offset") is not None:
        return {"offset": page["next_offset"]}
    if "next_cursor" not in page and here and seen < page.get("total", 0):
        return {"offset": seen}
    return None


def _goes_on(page: Answer, rows: list[Any]) -> None:
    """Expect other rows on other pages; a few may come twice where a list changes meanwhile."""
    different = len({repr(row) for row in rows})
    page.that("other rows on other pages", different * 2 > len(rows), f"{different} different ones")


def _has(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(row.get(name) == value for name, value in wanted.items())
