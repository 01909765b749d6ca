"""Waiting until a service is ready: the only thing that is tried again."""

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from smoke.attribution import must_be_the_api
from smoke.client import Client, Request
from smoke.errors import BrokenError, UnverifiedError

if TYPE_CHECKING:
    from smoke.rules import Rules
    from smoke.run import Exchange

WARMING = frozenset({429, 500, 502, 503, 504})
"""Answers of a service, or of the proxy before it, that is still coming up."""


async def wait_until_ready(client: Client, rules: "Rules") -> None:
    """Ask for readiness until the service has it, or `ready_s` of the target has passed.

    Raises:
        UnverifiedError: nothing answered, or a proxy did.
        BrokenError: the service answered that it is not ready, or something else.
    """
    if rules.ready is None:
        return
    client.run.current = "readiness"
    until = monotonic() + client.target.ready_s
    pause_s = 0.05
    while True:
        exchange = await client.send(Request(operation=rules.ready))
        if exchange.status is not None and exchange.status not in WARMING:
            break
        if monotonic() + pause_s > until or "Name or service not known" in exchange.error:
            break
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, 1.0)
    must_be_the_api(client.contract, exchange)
    _judge(exchange, client.target.ready_s)


def _judge(exchange: "Exchange", ready_s: float) -> None:
    asked = f"{exchange.method} {exchange.url}"
    if exchange.status is None:
        raise UnverifiedError(
            f"Nothing answers: {asked}: {exchange.error} (tried for {ready_s:g} s). "
            "Is the service up, and is the URL right?"
        )
    if exchange.status in WARMING:
        raise BrokenError(f"Not ready within {ready_s:g} s: {asked} answers {exchange.status}.")
    if exchange.status >= 400:
        raise BrokenError(
            f"{asked} answers {exchange.status}: this does not look like the service. "
            "Check the base URL."
        )
