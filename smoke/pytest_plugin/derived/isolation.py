"""Isolation: the list of another tenant has no row of a thing that this run made in its own."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from smoke.contract.paging import Paging
from smoke.contract.pointers import at
from smoke.plan import FilledRequest
from smoke.results.exchange import Exchange
from smoke.results.expectations import Answer
from smoke.results.run import Run
from smoke.session.replay import Replay
from smoke.session.session import SmokeSession

OUTSIDER = "outsider"


async def must_be_hidden(
    filled: FilledRequest, paging: Paging, replay: Replay, smoke: SmokeSession
) -> None:
    """
    Expect that the rows of the run's own things are not in the same list of another tenant.

    A list without such a row proves nothing, and costs no request. A row counts only if it is the
    same in every member: an account, for example, may be a member of both tenants.

    Raises:
        Mismatch: a row is there.
    """
    if not _is_of_a_tenant(filled, smoke):
        return
    # What a check has asked as the other tenant need not be asked again.
    exchange = _asked_before(filled, paging, smoke.run)
    ours = list(_rows_of_ours(filled, paging, smoke.run, exchange))
    if exchange is not None and not ours:  # rows may have been shown since then
        exchange, ours = None, list(_rows_of_ours(filled, paging, smoke.run))
    if not ours:
        return
    if exchange is None:
        query = {**filled.query, paging.size: paging.largest}
        exchange = await replay.caller(OUTSIDER).call(filled.operation, query=query)
    rows = at(exchange.json, paging.rows) if exchange.status == 200 else None
    shown = [row for row in rows if row in ours] if isinstance(rows, list) else []
    Answer(exchange, smoke.run).that(
        "no row of another tenant", not shown, f"{len(shown)} rows, such as {shown[:1]}"
    )


def _is_of_a_tenant(filled: FilledRequest, smoke: SmokeSession) -> bool:
    """Whether the owner of another tenant has a list of its own there."""
    operation = smoke.contract.operations[filled.operation]
    has_outsider = OUTSIDER in smoke.rules.actors and smoke.settings.target.auth != "off"
    is_shared = smoke.matched[filled.operation].rule.outsider is not None
    return has_outsider and operation.secured and not filled.path and not is_shared


def _asked_before(filled: FilledRequest, paging: Paging, run: Run) -> Exchange | None:
    """The newest answer with the whole list of the other tenant, if there is one."""
    for one in reversed(run.until_now()):
        if (one.operation, one.actor, one.status) == (filled.operation, OUTSIDER, 200):
            asked = dict(parse_qsl(urlsplit(one.url).query)).keys() - {paging.size}
            if not asked.difference(filled.query) and not one.forgotten:
                return one
    return None


def _rows_of_ours(
    filled: FilledRequest, paging: Paging, run: Run, until: Exchange | None = None
) -> Iterator[Any]:
    """
    The rows with the run's id, or with an id of a thing that it made, in the answers so far.

    `until` is the other tenant's answer: a row that was shown later need not be in it.
    """
    made = {place.rpartition("/")[2] for place in run.owned}
    for one in run.until_now():
        if one.operation != filled.operation or one.status != 200 or one.actor == OUTSIDER:
            continue
        if until is not None and one.started_s > until.started_s:
            continue
        rows = at(one.json, paging.rows)
        objects = [row for row in rows or () if isinstance(row, dict)]
        yield from (row for row in objects if _is_ours(row, made, run.id))


def _is_ours(row: dict[str, Any], made: set[str], run_id: str) -> bool:
    texts = [value for value in row.values() if isinstance(value, str)]
    return any(text in made or run_id in text for text in texts)
