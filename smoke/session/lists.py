"""Reading lists page by page, also long ones that others change at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smoke.contract.paging import paging_of, rows_of
from smoke.errors import LeftOutError, SmokeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smoke.contract.paging import Paging
    from smoke.results.expectations import Answer, Expect
    from smoke.session.actors import Caller

# The maximum number of pages per list; later rows stay unknown.
MOST_PAGES = 50

Row = dict[str, Any]


class Lists:
    """
    Reads lists; the contract describes their paging and the place of their rows.

    The order of a list does not matter: a new row may be on any page. Further keyword arguments are
    parameters of the path or of the query.
    """

    def __init__(self, expect: Expect) -> None:
        self.expect = expect

    async def all(self, caller: Caller, operation: str, **query: Any) -> list[Any]:
        """Return every row of a list, up to the maximum number of pages."""
        _, rows, _ = await self._read(caller, operation, query, {})
        return rows

    async def rows(
        self, caller: Caller, operation: str, wanted: Mapping[str, Any], **query: Any
    ) -> list[Row]:
        """
        Return the rows that have all of the wanted values.

        A list that others change during the reading may hide a row, so the method reads it a second
        time if it found no row.

        Raises:
            LeftOutError: the list has more pages than the maximum, and the row may be on those.
        """
        for _ in range(2):
            _, read, is_whole = await self._read(caller, operation, query, wanted)
            found = [row for row in read if _has(row, wanted)]
            if found:
                return found
        if not is_whole:
            raise LeftOutError(f"{operation} has more than {len(read)} rows, too many to search")
        return []

    async def row(
        self, caller: Caller, operation: str, wanted: Mapping[str, Any], **query: Any
    ) -> Row:
        """
        Return the one row that has all of the wanted values.

        Raises:
            Mismatch: no row or more than one row has the values.
        """
        found = await self.rows(caller, operation, wanted, **query)
        self.expect.that(f"one row with {dict(wanted)!r} listed", len(found) == 1, len(found))
        return found[0]

    async def lack(
        self, caller: Caller, operation: str, unwanted: Mapping[str, Any], **query: Any
    ) -> Answer:
        """
        Expect no row to have all of these values, up to the maximum number of pages.

        Raises:
            BlindError: no earlier answer of this operation had such a row.
        """
        pages, _, _ = await self._read(caller, operation, query, unwanted)
        for page in pages:
            page.lacks_row(self._rows_at(operation), unwanted)
        return pages[-1]

    async def _read(
        self,
        caller: Caller,
        operation: str,
        query: Mapping[str, Any],
        until: Mapping[str, Any],
    ) -> tuple[list[Answer], list[Any], bool]:
        """
        Return pages, their rows, and whether these are all rows of the list.

        Reading stops at the page with a wanted row.
        """
        path = {name: value for name, value in query.items() if f"{{{name}}}" in operation}
        asked = {name: value for name, value in query.items() if name not in path}
        paging, pointer = self._paging(operation), self._rows_at(operation)
        if paging is not None:
            asked = {paging.size: paging.largest, **asked}
        pages: list[Answer] = []
        rows: list[Any] = []
        while len(pages) < MOST_PAGES:
            page = self.expect(await caller.call(operation, query=asked, **path))
            here = page.values(f"{pointer}/*")
            pages.append(page)
            rows += here
            following = paging.next_query(page.json, len(rows), len(pages)) if paging else None
            if following is None or (until and any(_has(row, until) for row in here)):
                return pages, rows, following is None
            page.that("a next page that was not read before", asked | following != asked, following)
            asked = asked | following
        _goes_on(pages[-1], rows)
        return pages, rows, False

    def _paging(self, operation: str) -> Paging | None:
        contract = self.expect.contract
        return paging_of(contract.operations[operation], contract)

    def _rows_at(self, operation: str) -> str:
        contract = self.expect.contract
        found = rows_of(contract.operations[operation], contract)
        if found is None:
            raise SmokeError(f"{operation} has no single array of rows, so it cannot be listed.")
        return found


def _goes_on(page: Answer, rows: list[Any]) -> None:
    """Expect other rows on other pages; a few may come twice where a list changes meanwhile."""
    different = len({repr(row) for row in rows})
    page.that("other rows on other pages", different * 2 > len(rows), f"{different} different ones")


def _has(row: Any, wanted: Mapping[str, Any]) -> bool:
    return isinstance(row, dict) and all(row.get(name) == wanted[name] for name in wanted)
