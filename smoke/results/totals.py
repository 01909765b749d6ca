"""Totals: a list that is shown whole has as many rows as it counts."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from smoke.contract import Contract
from smoke.contract.paging import paging_of, rows_of
from smoke.contract.pointers import at
from smoke.results.exchange import Exchange


def miscounted(exchanges: Iterable[Exchange], contract: Contract) -> Iterator[Exchange]:
    """Yield the newest answer of each list that counts more rows or fewer than it shows."""
    newest: dict[str, Exchange] = {}
    for exchange in sorted(exchanges, key=lambda one: one.started_s):
        if miscount(exchange, contract):
            newest[exchange.operation] = exchange
    yield from newest.values()


def miscount(exchange: Exchange, contract: Contract) -> str:
    """
    The total and the number of rows, in words, if a list that is shown whole has two of them.

    A list that is filtered may count what it leaves out, so only a page size may be asked for.
    """
    operation = contract.operations.get(exchange.operation)
    paging = paging_of(operation, contract) if operation and exchange.status == 200 else None
    if paging is None or not paging.total or exchange.forgotten:
        return ""
    asked = parse_qs(urlsplit(exchange.url).query)
    size = asked.pop(paging.size, [""])[0]
    rows, total = at(exchange.json, paging.rows), at(exchange.json, paging.total)
    if asked or not isinstance(rows, list) or not isinstance(total, int):
        return ""
    # Without a size the service chooses one, which the first page alone does not show.
    is_whole = len(rows) < int(size) if size.isdigit() else len(rows) < paging.smallest
    if paging.following:  # a page may be shorter than asked for, and say that another one follows
        is_whole = paging.next_query(exchange.json, len(rows), 1) is None
    return f"{total}, and {len(rows)} rows are there" if is_whole and total != len(rows) else ""


def further_page(exchange: Exchange, contract: Contract) -> dict[str, Any] | None:
    """
    The query of the page that must be empty if the rows are all; None if the page itself says so.

    A service may put fewer rows on a page than it is asked for, and count them all.
    """
    paging = paging_of(contract.operations[exchange.operation], contract)
    rows = at(exchange.json, paging.rows) if paging and not paging.following else None
    if paging is None or not isinstance(rows, list):
        return None
    return paging.next_query(exchange.json, len(rows), 1)


def rows_in(exchange: Exchange, contract: Contract) -> list[Any]:
    """The rows of a page; none where it is not one."""
    operation = contract.operations[exchange.operation]
    pointer = rows_of(operation, contract)
    rows = at(exchange.json, pointer) if pointer is not None and exchange.status == 200 else None
    return rows if isinstance(rows, list) else []
