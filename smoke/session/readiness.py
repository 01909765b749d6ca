"""Waiting until a service is ready: the only thing that is tried again."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from smoke.errors import BrokenError, UnverifiedError
from smoke.http.client import Client, Request
from smoke.results.causes import must_be_the_api
from smoke.session.presence import NOT_FOUND, must_be_there

if TYPE_CHECKING:
    from collections.abc import Callable

    from smoke.config.rules import Rules
    from smoke.results.run import Exchange

# Answers of a service, or of the proxy before it, that is still coming up.
WARMING = frozenset({429, 500, 502, 503, 504})


# Failures of a connection that time does not mend.
HOPELESS = (
    "CERTIFICATE_VERIFY_FAILED",
    "Name or service not known",  # glibc's words for a name that nobody has, then those of
    "Name does not resolve",  # musl,
    "nodename nor servname provided",  # macOS
    "getaddrinfo failed",  # and Windows
)

# Seconds of waiting after which the person who watches is told of it.
WORDLESS_S = 0.3


async def wait_until_ready(client: Client, rules: Rules, say: Callable[[str], None]) -> None:
    """
    Ask for readiness until the service has it, or `ready_s` of the target has passed.

    A wait of more than a moment is told to `say`, once.

    Raises:
        UnverifiedError: nothing answered, or a proxy did, or nothing of the API is at this URL.
        BrokenError: the service answered that it is not ready, or something else.
    """
    if rules.ready is None:
        return
    client.run.current = "readiness"
    began = monotonic()
    until = began + client.target.ready_s
    pause_s, told = 0.05, False
    while True:
        exchange = await client.send(Request(operation=rules.ready, at_once=True))
        if exchange.status is not None and exchange.status not in WARMING:
            break
        if monotonic() + pause_s > until or _hopeless(exchange):
            break
        if not told and monotonic() - began >= WORDLESS_S:
            say(_waiting(exchange, client.target.ready_s))
            told = True
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, 1.0)
    must_be_the_api(client.contract, exchange)
    if exchange.status == NOT_FOUND:
        near = rules.seed.operation if rules.seed else rules.login.operation
        await must_be_there(client, exchange, near)
    _judge(exchange, client.target.ready_s)


def _waiting(exchange: Exchange, ready_s: float) -> str:
    """What is waited for: the first thing somebody who watches a starting service asks."""
    said = f"answers {exchange.status}" if exchange.status else "does not answer"
    return f"{exchange.method} {exchange.url} {said}; asking for up to {ready_s:g} s"


def _hopeless(exchange: Exchange) -> bool:
    return any(why in exchange.error for why in HOPELESS)


def _judge(exchange: Exchange, ready_s: float) -> None:
    asked = f"{exchange.method} {exchange.url}"
    if "CERTIFICATE_VERIFY_FAILED" in exchange.error:
        raise UnverifiedError(
            f"{asked}: {exchange.error}. If an authority of your own signed it, name its file: "
            'verify = "ca.pem" in the target\'s row, or SSL_CERT_FILE.'
        )
    if exchange.status is None:
        tried = "" if _hopeless(exchange) else f" (tried for {ready_s:g} s)"
        raise UnverifiedError(
            f"Nothing answers: {asked}: {exchange.error}{tried}. "
            "Is the service up, and is the URL right?"
        )
    if exchange.status in WARMING:
        raise BrokenError(f"Not ready within {ready_s:g} s: {asked} answers {exchange.status}.")
    if 300 <= exchange.status < 400:
        place = exchange.headers.get("location", "nowhere")
        raise UnverifiedError(
            f"{asked} answers {exchange.status} to {place}, which is not followed. "
            "If that is the service, make it the base URL."
        )
    if exchange.status >= 400:
        raise BrokenError(
            f"{asked} answers {exchange.status}: this does not look like the service. "
            "Check the base URL."
        )
