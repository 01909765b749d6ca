"""Reading lists page by page, also long ones that others change at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from smoke.contract.operation_id import OperationId
from smoke.contract.paging import Paging, paging_of, rows_of
from smoke.contract.pointers import at
from smoke.errors import LeftOutError, SmokeError
from smoke.plan import FilledRequest
from smoke.results.exchange import Exchange
from smoke.results.expectations import Answer, Expect
from smoke.results.run import Run
from smoke.results.sightings import earlier_answers, removals_from
from smoke.session.caller import Caller

# The maximum number of pages per list; later rows stay unknown.
MOST_PAGES = 50

# Seconds before a second look: many services update lists and searches a moment after a write.
SECOND_LOOK_S = 0.7

Row = dict[str, Any]
Found = TypeVar("Found")


class Lists:
    """
    Reads lists; the contract describes their paging and the place of their rows.

    The order of a list does not matter: a new row may be on any page. Further keyword arguments are
    parameters of the path or of the query. A list that does not show a write yet is read a second
    time, a moment later; where that helps, a note states the eventual consistency.
    """

    def __init__(self, expect: Expect) -> None:
        self.expect = expect

    async def all(self, caller: Caller, operation: str, **query: Any) -> list[Any]:
        """Return every row of a list, up to the maximum number of pages."""
        _, rows, _ = await self._read(caller, operation, query, {})
        return rows

    async def until(
        self, caller: Caller, operation: str, shows: Callable[[list[Row]], bool], **query: Any
    ) -> list[Row]:
        """Return every row of a list once they show what is expected, or those of the last look."""
        return await self._settled(operation, lambda: self.all(caller, operation, **query), shows)

    async def pages(
        self, caller: Caller, operation: str, wanted: Mapping[str, Any], **query: Any
    ) -> list[Answer]:
        """
        Return the pages of a list up to the one with the wanted row, for checks that share them.

        A list that does not show the row yet is read a second time. A row that is missing from both
        is not an error here: the checks state what the pages must show.
        """

        async def look() -> tuple[list[Answer], list[Any], bool]:
            return await self._read(caller, operation, query, wanted)

        def shows(read: tuple[list[Answer], list[Any], bool]) -> bool:
            return any(_has(row, wanted) for row in read[1])

        return (await self._settled(operation, look, shows))[0]

    def rows_of(self, pages: list[Answer]) -> list[Row]:
        """Return the rows of pages that another check may have read; they count for this check."""
        answers = [self.expect(page.exchange) for page in pages]
        pointer = self._rows_at(answers[0].exchange.operation)
        return [row for answer in answers for row in answer.values(f"{pointer}/*")]

    def row_of(self, pages: list[Answer], wanted: Mapping[str, Any]) -> Row:
        """
        Return the one row of pages that has all of the wanted values.

        Raises:
            Mismatch: no row or more than one row has the values.
        """
        found = [row for row in self.rows_of(pages) if _has(row, wanted)]
        pages[-1].that(f"one row with {dict(wanted)!r} listed", len(found) == 1, len(found))
        return found[0]

    async def rows(
        self, caller: Caller, operation: str, wanted: Mapping[str, Any], **query: Any
    ) -> list[Row]:
        """
        Return the rows that have all of the wanted values.

        A list that others change during the reading may hide a row, which is another reason for the
        second look.

        Raises:
            LeftOutError: the list has more pages than the maximum, and the row may be on those.
        """

        async def look() -> tuple[list[Row], int, bool]:
            _, read, is_whole = await self._read(caller, operation, query, wanted)
            return [row for row in read if _has(row, wanted)], len(read), is_whole

        found, count, is_whole = await self._settled(operation, look, lambda one: bool(one[0]))
        if not found and not is_whole:
            raise LeftOutError(f"{operation} has more than {count} rows, too many to search")
        return found

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
    ) -> list[Answer]:
        """
        Expect no row to have all of these values, up to the maximum number of pages; return them.

        Raises:
            BlindError: no earlier answer of this operation had such a row.
        """

        async def look() -> tuple[list[Answer], list[Any], bool]:
            return await self._read(caller, operation, query, unwanted)

        pages, _, _ = await self._settled(
            operation, look, lambda one: not any(_has(row, unwanted) for row in one[1])
        )
        for page in pages:
            page.lacks_row(self._rows_at(operation), unwanted)
        return pages

    async def _settled(
        self,
        operation: str,
        look: Callable[[], Awaitable[Found]],
        is_right: Callable[[Found], bool],
    ) -> Found:
        """What a look at a list finds, or a second look a moment later where that is not right."""
        found = await look()
        if is_right(found):
            return found
        await asyncio.sleep(SECOND_LOOK_S)
        found = await look()
        if is_right(found):
            self.expect.run.note_late(operation, SECOND_LOOK_S)
        return found

    async def _read(
        self, caller: Caller, operation: str, query: Mapping[str, Any], until: Mapping[str, Any]
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
            # The wanted row is enough: further pages would cost requests and prove no more.
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


# What the run has read of a list counts as long as the list cannot have changed since: that
# saves reading it once more.
def whole_list(filled: FilledRequest, paging: Paging, run: Run) -> Exchange | None:
    """
    Return the newest answer that has all rows of the list of a filled request; None without one.

    The same actor asked for it, and no request of the run has since changed the list or a row. A
    list that the run has removed a row from is always read again: the row must still be gone.
    """
    path = OperationId(filled.operation).fill(filled.path)
    query = {name: str(value) for name, value in filled.query.items()}
    sized = {**query, paging.size: str(paging.largest)}
    newest_first = sorted(run.exchanges, key=lambda one: one.started_s, reverse=True)
    for one in earlier_answers(newest_first, filled.operation, filled.actor, unchanged=path):
        asked = dict(parse_qsl(urlsplit(one.url).query))
        if one.path.endswith(path) and asked in (query, sized) and _is_whole(one, paging):
            return None if removals_from(run, one.path) else one
    return None


def _is_whole(exchange: Exchange, paging: Paging) -> bool:
    rows = at(exchange.json, paging.rows)
    return isinstance(rows, list) and paging.next_query(exchange.json, len(rows), 1) is None
