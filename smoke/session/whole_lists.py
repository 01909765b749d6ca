"""Whole lists: what the run has read of a list, as long as the list cannot have changed since."""

from urllib.parse import parse_qsl, urlsplit

from smoke.contract.operation_id import OperationId
from smoke.contract.paging import Paging
from smoke.contract.pointers import at
from smoke.http.policy import writes
from smoke.plan import FilledRequest
from smoke.results.exchange import Exchange
from smoke.results.removed_rows import removals_from
from smoke.results.run import Run


def whole_list(filled: FilledRequest, paging: Paging, run: Run) -> Exchange | None:
    """
    Return the newest answer that has all rows of the list of a filled request; None without one.

    The same actor asked for it, and no request of the run has since changed the list or a row. A
    list that the run has removed a row from is always read again: the row must still be gone.
    """
    path = OperationId(filled.operation).fill(filled.path)
    query = {name: str(value) for name, value in filled.query.items()}
    for one in sorted(run.exchanges, key=lambda one: one.started_s, reverse=True):
        here = urlsplit(one.url)
        if _changes(one, here.path, path):
            return None
        same = (one.operation, one.actor, one.status) == (filled.operation, filled.actor, 200)
        if same and here.path.endswith(path) and not one.forgotten:
            asked = dict(parse_qsl(here.query))
            sized = {**query, paging.size: str(paging.largest)}
            if asked in (query, sized) and _is_whole(one, paging):
                return None if removals_from(run, here.path) else one
    return None


def _changes(exchange: Exchange, path: str, listed: str) -> bool:
    """Whether a request may have changed a list: it wrote to its path, or to a row's."""
    if exchange.status is None or exchange.status >= 400 or not writes(exchange.operation):
        return False
    return path.endswith(listed) or path.rpartition("/")[0].endswith(listed)


def _is_whole(exchange: Exchange, paging: Paging) -> bool:
    rows = at(exchange.json, paging.rows)
    return isinstance(rows, list) and paging.next_query(exchange.json, len(rows), 1) is None
