"""Waiting until a service is ready, the only check with retries; and whether the API is there."""

import asyncio
from collections.abc import Callable, Collection, Iterator
from time import monotonic

from smoke.config.rules import Rules
from smoke.contract import Contract, Operation
from smoke.contract.events import Bounds
from smoke.contract.operation_id import OperationId
from smoke.errors import BrokenError, UnverifiedError
from smoke.http.client import Client, Request
from smoke.plan.build.kinds import ends_session, reads
from smoke.results.causes import must_be_the_api
from smoke.results.exchange import Exchange
from smoke.results.outcome import READINESS, Checking

# Statuses of a service that is still starting, or of the proxy in front of it.
WARMING = frozenset({429, 500, 502, 503, 504})


# Connection failures that waiting cannot cure.
HOPELESS = (
    "CERTIFICATE_VERIFY_FAILED",
    "Name or service not known",  # glibc's message for an unknown host name, then those of
    "Name does not resolve",  # musl,
    "nodename nor servname provided",  # macOS
    "getaddrinfo failed",  # and Windows
)

# Seconds of waiting before the run shows a message about it.
QUIET_S = 0.3


async def wait_until_ready(client: Client, rules: Rules, say: Callable[[str], None]) -> None:
    """
    Poll readiness until the service is ready, or until the target's `ready_s` has passed.

    After a short wait the function reports it to `say`, once.

    Raises:
        UnverifiedError: no answer came, or only a proxy's, or this URL has nothing of the API.
        BrokenError: the service answered with "not ready" or with an unexpected status.
    """
    if rules.ready is None:
        return
    with client.run.within(Checking("readiness", READINESS)):
        await _wait(client, rules, rules.ready, say)


async def _wait(client: Client, rules: Rules, ready: str, say: Callable[[str], None]) -> None:
    began = monotonic()
    until = began + client.target.ready_s
    pause_s, reported = 0.05, False
    while True:
        exchange = await client.send(Request(operation=ready, at_once=True))
        if exchange.status is not None and exchange.status not in WARMING:
            break
        # A pause that ends after the limit would only delay the message.
        if monotonic() + pause_s > until or _hopeless(exchange):
            break
        if not reported and monotonic() - began >= QUIET_S:
            say(_waiting(exchange, client.target.ready_s))
            reported = True
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, 1.0)
    must_be_the_api(client.contract, exchange)
    if exchange.status == NOT_FOUND:
        near = rules.seed.operation if rules.seed else rules.login.operation
        await must_be_there(client, exchange, near)
    _must_be_ready(exchange, client.target.ready_s)


def _waiting(exchange: Exchange, ready_s: float) -> str:
    """The message about a wait: which request, its last result, and the time limit."""
    state = f"answers {exchange.status}" if exchange.status else "does not answer"
    return f"{exchange.method} {exchange.url} {state}; asking for up to {ready_s:g} s"


def _hopeless(exchange: Exchange) -> bool:
    return any(why in exchange.error for why in HOPELESS)


def _certificate_advice(error: str) -> str:
    if "has expired" in error:
        return "Renew the certificate of the service, or of the proxy in front of it."
    if "not yet valid" in error:
        return "Compare the clock of this machine with that of the service."
    if "mismatch" in error:
        return "Is the URL right?"
    return (
        "If an authority of your own signed it, name its file: "
        'verify = "ca.pem" in the target\'s row, or SSL_CERT_FILE.'
    )


def _must_be_ready(exchange: Exchange, ready_s: float) -> None:
    asked = f"{exchange.method} {exchange.url}"
    if "CERTIFICATE_VERIFY_FAILED" in exchange.error:
        raise UnverifiedError(f"{asked}: {exchange.error}. {_certificate_advice(exchange.error)}")
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


NOT_FOUND = 404

# How many other operations the run tries before it reports a wrong URL.
MOST = 3

# Only the status matters, so very little of a response is read.
GLANCE = Bounds(events=1, bytes=1024, time_s=2.0)


async def must_be_there(client: Client, asked: Exchange, near: str = "") -> None:
    """
    Stop the run if `asked` got a 404 and other operations do, too; those near `near` first.

    Raises:
        UnverifiedError: the target's URL serves no operation of the API.
    """
    known = {exchange.operation: exchange.status for exchange in client.run.exchanges}
    tried: list[str] = []
    for operation in probes(client.contract, near or asked.operation, known):
        exchange = await client.send(Request(operation.id, stream=GLANCE, at_once=True))
        if exchange.status != NOT_FOUND:
            return
        tried.append(operation.id)
    if not tried and set(known.values()) <= {NOT_FOUND, None}:
        # Checks that run beside this one have asked everything that could be tried.
        # Only an operation without an id in its path proves by a 404 that there is no such route.
        tried = [name for name in known if "{" not in name and known[name] == NOT_FOUND]
        tried = [name for name in tried if name not in ("", asked.operation)][:MOST]
    if tried:
        raise UnverifiedError(
            f"{asked.method} {asked.url} answered 404, and so did {' and '.join(tried)}: nothing "
            "of the API is at this URL. Is the base URL right, with its path (base_url, "
            "SMOKE_BASE_URL)? If it is, the deployment routes nothing of the API."
        )


async def something_must_be_there(client: Client, asked: Exchange) -> None:
    """
    Stop the run if every response so far is a 404.

    Raises:
        UnverifiedError: the target's URL serves no operation of the API.
    """
    if {exchange.status for exchange in client.run.exchanges} - {None} == {NOT_FOUND}:
        await must_be_there(client, asked)


def probes(contract: Contract, near: str, known: Collection[str] = ()) -> list[Operation]:
    """
    Return GET operations of different surfaces that need no parameter.

    The run has already sent the `known` ones: a proxy often answers readiness without the API. The
    operations that share most of their path with `near` come first, those without a token before
    the others.
    """
    home = OperationId(near).path.split("/")
    askable = (one for one in _askable(contract) if one.id not in known)
    found = sorted(askable, key=lambda one: (-_shared(one, home), one.secured))
    surfaces: dict[tuple[str, ...], Operation] = {}
    for one in found:
        surfaces.setdefault(tuple(one.path.split("/")[: _shared(one, home) + 1]), one)
    return list(surfaces.values())[:MOST]


def _askable(contract: Contract) -> Iterator[Operation]:
    for operation in contract.operations.values():
        needs = any(parameter.required for parameter in operation.parameters)
        # A GET may have an effect: GET /logout would end a session.
        harmless = reads(operation) and not ends_session(operation)
        if operation.method == "GET" and harmless and not needs and "{" not in operation.path:
            yield operation


def _shared(operation: Operation, home: list[str]) -> int:
    """How many segments two paths share from their beginning."""
    here = operation.path.split("/")
    pairs = enumerate(zip(here, home, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(here), len(home)))
