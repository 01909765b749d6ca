"""Whether a URL has the API at all: one 404 is a missing route, only 404s are a wrong URL."""

from collections.abc import Collection, Iterator

from smoke.contract import Contract, Operation
from smoke.contract.bounds import Bounds
from smoke.contract.operation_id import OperationId
from smoke.errors import UnverifiedError
from smoke.http.client import Client, Request
from smoke.plan.build.kinds import ends_session, reads
from smoke.results.exchange import Exchange

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
        tried = [name for name, status in known.items() if _is_no_route(name, status)]
        tried = [name for name in tried if name != asked.operation][:MOST]
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


def _is_no_route(operation: str, status: int | None) -> bool:
    """Whether a 404 can only be that of the path: no id in it names what may not be there."""
    return status == NOT_FOUND and bool(operation) and "{" not in operation


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
