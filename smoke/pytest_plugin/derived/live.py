"""The live contract: whether the deployment promises what the committed contract says it does.

pytest collects this module itself; its check is there where the rules say what to ask for.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from smoke.contract import Contract
from smoke.contract.diff import change_lines, drift
from smoke.errors import Cause, DataError
from smoke.http.client import Client, Request
from smoke.results.causes import cause_of
from smoke.results.exchange import Exchange
from smoke.results.expectations import Mismatch
from smoke.session.session import SmokeSession

# Statuses of a service that does not publish its contract, or not to this caller.
NOT_SERVED = (401, 403, 404, 410)

# Seconds that the document may take: a service builds it on the first request for it.
PATIENCE_S = 60.0

# Maximum number of changes in the notes; the remaining ones are only counted.
NOTED = 20

SAME = "the committed contract"


def documents(smoke: SmokeSession) -> Mapping[Any, str]:
    """The operation that shows the live contract; none if the rules or the target leave it out."""
    path, target = smoke.rules.live, smoke.settings.target
    return {pytest.HIDDEN_PARAM: path} if path and target.drift != "off" else {}


@pytest.mark.generated
async def test_document_is_the_contract(document: str, client: Client, smoke: SmokeSession) -> None:
    """The live contract of the service is the committed one."""
    exchange = await client.send(Request(f"GET {document}", timeout_s=PATIENCE_S))
    if exchange.status is None:
        # A busy service may take long to build the document: that is not a change.
        smoke.run.note(f"drift: the contract could not be read: {exchange.error}")
        smoke.run.expected(exchange, SAME, "not read", met=True)
        return
    if exchange.status in NOT_SERVED:
        smoke.run.expected(exchange, SAME, f"{exchange.status}: not served", met=True)
        return
    breaking, others = compared(smoke.contract, exchange)
    # A server error is not drift: it is red, whatever the target says about drift.
    if breaking and (exchange.status >= 500 or smoke.settings.target.drift == "red"):
        _note(smoke, others)
        shown = "; ".join(_cut(breaking))
        cause = Cause.CONTRACT if exchange.status == 200 else cause_of(exchange, "")
        raise Mismatch(smoke.run, cause, exchange, SAME, shown)
    _note(smoke, [*(f"breaking: {line}" for line in breaking), *others])
    smoke.run.expected(exchange, SAME, f"{len(breaking) + len(others)} changes", met=True)


def compared(ours: Contract, exchange: Exchange) -> tuple[list[str], list[str]]:
    """The breaking and the other changes, one line each; an unreadable document is breaking."""
    if exchange.status != 200:
        return [f"it answers {exchange.status or exchange.error}"], []
    try:
        theirs = Contract.parse(exchange.text, exchange.url)
    except DataError as error:
        return [f"it cannot be read: {str(error).splitlines()[0]}"], []
    changes = drift(ours, theirs)
    breaking = change_lines(change for change in changes if change.breaking)
    return breaking, change_lines(change for change in changes if not change.breaking)


def _note(smoke: SmokeSession, lines: list[str]) -> None:
    for line in _cut(lines):
        smoke.run.note(f"drift: {line}")


def _cut(lines: list[str]) -> list[str]:
    more = [f"and {len(lines) - NOTED} more"] if len(lines) > NOTED else []
    return lines[:NOTED] + more
