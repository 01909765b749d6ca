"""
Forged credentials: a read that the service has answered is refused to a made-up key or token.

pytest collects this module itself. A call without a token is refused by many services that never
look into the token; only a wrong one shows that they do.
"""

import secrets as entropy
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from smoke.contract import Operation
from smoke.errors import LeftOutError
from smoke.http.client import Request
from smoke.http.pace import together
from smoke.pytest_plugin.derived.refusals import secured
from smoke.results.exchange import Exchange
from smoke.session.caller import Caller
from smoke.session.holders import basic
from smoke.session.replay import Replay
from smoke.session.run_actors import Actors
from smoke.session.session import SmokeSession

# Any refusal (RFC 9110 §15.5): services answer a malformed token with 400, 401, 403 or 422.
REFUSED = range(400, 500)

# Headers that identify the caller, whoever adds them.
CREDENTIALS = ("authorization", "cookie")


def readable(smoke: SmokeSession) -> Mapping[Any, list[Operation]]:
    """The secured reads without a parameter in their path, if the run signs in."""
    left_out = smoke.is_quick or smoke.rules.login.kind in ("none", "aws")
    surfaces = {} if left_out else secured(smoke)
    found = [one for surface in surfaces.values() for one in surface if _is_plain_read(one)]
    return {pytest.HIDDEN_PARAM: found} if found else {}


def _is_plain_read(operation: Operation) -> bool:
    return operation.method == "GET" and "{" not in operation.path


@pytest.mark.generated
async def test_made_up_credential_is_refused(
    plain_reads: list[Operation], generated_pass: Replay, actors: Actors, smoke: SmokeSession
) -> None:
    """What an actor has read is refused to a made-up key or token."""
    await _read_others(plain_reads, generated_pass, smoke)
    forgeries = [await _forged(read, actors) for read in _one_each(plain_reads, smoke)]
    requests = [request for request in forgeries if request is not None]
    if not requests:
        raise LeftOutError("no read without a parameter in its path has succeeded")
    answers = await together([actors.client.send(request) for request in requests])
    for request, exchange in zip(requests, answers, strict=True):
        also = smoke.matched[request.operation].rule.anonymous or ()
        documented = smoke.contract.operations[request.operation].response(exchange.status or 0)
        smoke.expect(exchange, *_wanted(exchange, also), shape=documented is not None)


def _wanted(exchange: Exchange, also: tuple[int, ...]) -> tuple[int, ...]:
    """The status itself where it is a refusal, else the usual ones, which a reader expects."""
    status = exchange.status or 0
    return (status,) if status in (*REFUSED, *also) else (401, 403)


def _one_each(operations: list[Operation], smoke: SmokeSession) -> Iterator[Exchange]:
    """A successful read of each surface: what checks a token is shared by many operations."""
    seen = set[str]()
    of = {str(one.id): one.surface for one in operations}
    for exchange in smoke.run.until_now():
        named = exchange.actor in smoke.rules.actors and exchange.operation in of
        whole = exchange.ended and not exchange.events  # a stream may never end
        if exchange.succeeded and named and whole and of[exchange.operation] not in seen:
            seen.add(of[exchange.operation])
            yield exchange


async def _read_others(operations: list[Operation], replay: Replay, smoke: SmokeSession) -> None:
    """Send the plan's request for a surface without a successful read: the check may run alone."""
    of = {str(one.id): one.surface for one in operations}
    seen = {of[read.operation] for read in _one_each(operations, smoke)}
    for entry in replay.plan.entries:
        new = entry.operation in of and of[entry.operation] not in seen
        if new and smoke.is_sent(entry) and not entry.stream and entry.name not in replay.tried:
            seen.add(of[entry.operation])
            await replay.answer(entry)


async def _forged(read: Exchange, actors: Actors) -> Request | None:
    """The request of a read with a made-up credential; None if it carried none."""
    caller = actors.actor(read.actor)
    signed = await caller.signed(Request(read.operation, read.actor))
    headers = {k: _made_up(v) for k, v in signed.credential.items() if _proves(k, v, caller)}
    query = {name: _made_up(key) for name, key in signed.query.items()}
    if not headers and not query:
        return None
    for value in (*headers.values(), *query.values()):
        caller.client.run.secrets.register(value, f"SMOKE_TOKEN_{caller.name.upper()}_MADE_UP")
    return Request(
        read.operation,
        f"{read.actor} (made-up credential)",
        query={**parse_qs(urlsplit(read.url).query, keep_blank_values=True), **query},
        credential={**signed.credential, **headers},
    )


def _proves(name: str, value: str, caller: Caller) -> bool:
    """Whether a header is a credential, and not another header that the rules add."""
    secret = caller.client.run.secrets.knows(value) and name not in caller.headers
    return name.lower() in CREDENTIALS or secret


def _made_up(value: str) -> str:
    """A credential in the form of a real one; of a JSON Web Token only the signature is wrong."""
    if "=" in value and not value.startswith("Basic "):
        pairs = (pair.partition("=") for pair in value.split("; "))
        return "; ".join(f"{name}={_random(secret)}" for name, _, secret in pairs)
    kind, blank, secret = value.rpartition(" ")
    if kind == "Basic":
        return basic(f"smoke-{entropy.token_hex(8)}:{entropy.token_hex(8)}")
    signed, _, signature = secret.rpartition(".")
    made = f"{signed}.{_random(signature)}" if signed.count(".") == 1 else _random(secret)
    return f"{kind}{blank}{made}"


def _random(secret: str) -> str:
    return entropy.token_urlsafe(max(len(secret), 16))[: max(len(secret), 16)]
