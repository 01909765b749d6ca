"""
Isolation: the lists of another tenant have no row of a thing that this run made in its own.

pytest collects this module itself; its check is there where the rules have an actor `outsider`. It
comes after the walks, which show most rows; a list without a row of the run costs no request.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from smoke.contract import Contract, Operation
from smoke.contract.paging import Paging, paging_of, rows_of
from smoke.errors import LeftOutError
from smoke.pytest_plugin.derived.refusals import FORBIDDEN, FOREIGN
from smoke.results.exchange import Exchange
from smoke.results.run import Run
from smoke.results.sightings import seen_refused
from smoke.results.views import listed
from smoke.session.known_things import OUTSIDER
from smoke.session.run_actors import Actors
from smoke.session.session import SmokeSession


def tenant_lists(smoke: SmokeSession) -> Mapping[Any, list[Operation]]:
    """The lists of the contract that show the caller's tenant; empty if there are none."""
    left_out = smoke.is_quick or smoke.settings.target.auth == "off"
    if OUTSIDER not in smoke.rules.actors or left_out:
        return {}
    found = [one for one in smoke.contract.operations.values() if _is_of_a_tenant(one, smoke)]
    return {pytest.HIDDEN_PARAM: found} if found else {}


def _is_of_a_tenant(operation: Operation, smoke: SmokeSession) -> bool:
    is_list = operation.method == "GET" and rows_of(operation, smoke.contract) is not None
    if not is_list or not operation.secured or "{" in operation.path:
        return False
    is_shared = smoke.matched[operation.id].rule.outsider is not None
    return smoke.omissions.asks(operation.id) and not is_shared


@pytest.mark.generated
async def test_other_tenants_are_hidden(
    lists_of_tenants: list[Operation], actors: Actors, smoke: SmokeSession
) -> None:
    """The lists of another tenant have no row of a thing of this run."""
    shown = [await _is_hidden(operation, actors, smoke) for operation in lists_of_tenants]
    if not any(shown):
        raise LeftOutError("no list of the run's tenant shows a thing that the run made")


async def _is_hidden(operation: Operation, actors: Actors, smoke: SmokeSession) -> bool:
    """
    Expect that no row of the run's own things is in the same list of another tenant.

    A list without such a row proves nothing: then the answer is False. A row counts only if it is
    the same in every member: an account, for example, may be a member of both tenants.
    """
    run, paging = smoke.run, paging_of(operation, smoke.contract)
    if seen_refused(run, operation.id, smoke.rules.default_actor, FORBIDDEN):
        return False  # not even the run's own tenant has such a list
    rows = _Rows(smoke.contract, paging, run)
    answers = [one for one in run.until_now() if (one.operation, one.status) == (operation.id, 200)]
    showing = [one for one in answers if one.actor != OUTSIDER and rows.of_the_run(one)]
    # What a check has asked as the other tenant need not be asked again.
    asked = [rows.asked(one) for one in showing]
    theirs = [one for one in answers if one.actor == OUTSIDER and rows.asked(one) in asked]
    if theirs:  # a row that was shown later may be missing in it
        showing = [one for one in showing if one.started_s < theirs[-1].started_s]
    if not showing:
        return False
    exchange = theirs[-1] if theirs else None
    if exchange is None:
        size = {paging.size: paging.largest} if paging else {}
        query = {**rows.asked(showing[-1]), **size}
        exchange = await actors.actor(OUTSIDER).call(operation.id, query=query)
    ours = [row for one in showing for row in rows.of_the_run(one)]
    shown = [row for row in rows.of(exchange) if row in ours]
    answer = smoke.expect(exchange, 200, *FOREIGN, shape=exchange.status == 200)
    found = f"{len(shown)} rows, such as {shown[:1]}"
    answer.that("no row of another tenant", not shown, found)
    return True


class _Rows:
    """The rows of the answers of one list."""

    def __init__(self, contract: Contract, paging: Paging | None, run: Run) -> None:
        self._contract = contract
        self._paged = {paging.size, paging.position} if paging else set[str]()
        self._run = run
        self._made = {place.rpartition("/")[2] for place in run.owned}

    def asked(self, exchange: Exchange) -> dict[str, str]:
        """The path and the query without the page."""
        query = dict(parse_qsl(urlsplit(exchange.url).query))
        return {name: value for name, value in query.items() if name not in self._paged}

    def of(self, exchange: Exchange) -> list[dict[str, Any]]:
        """The rows that are objects."""
        return [row for row in listed(exchange, self._contract)[2] if isinstance(row, dict)]

    def of_the_run(self, exchange: Exchange) -> list[dict[str, Any]]:
        """The rows with the run's id, or with an id of a thing that it made."""
        return [row for row in self.of(exchange) if self._is_ours(row)]

    def _is_ours(self, row: dict[str, Any]) -> bool:
        ids = {str(value) for name, value in row.items() if name.lower().endswith("id")}
        texts = [value for value in row.values() if isinstance(value, str)]
        return bool(ids & self._made) or any(self._run.id in text for text in texts)
