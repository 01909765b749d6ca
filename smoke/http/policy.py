"""
What a run may send: no write to a read-only target, no removal of things of others.

A protected target gets reads, changes to things that the run created, and the creation of things
that the run may remove; `--allow` names each exception.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smoke.config.targets import Target
from smoke.contract.operation_id import OperationId, misleads
from smoke.contract.pointers import at
from smoke.errors import LeftOutError, RefusedError
from smoke.http.request import Request
from smoke.results.exchange import SAFE, Exchange

if TYPE_CHECKING:
    from smoke.http.client import Client


NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Policy:
    """
    The facts about operations that decide which requests the client refuses.

    `creates` maps an operation to the JSON pointer of the id it creates; for those in `unproven`
    the response must show that the thing is new. `destroys` names the operations that remove
    something, `spares` those that do not. `removers` maps an operation to those that remove the
    thing it creates (an operation in `stays` has no remover). `ends` names those that end a
    session, `leaves` those that remove the caller itself. `asks` are POSTs that only read, `own`
    operations that the plan sends to things of the run. `sign_in` names those that a read-only
    target allows, `seeding` those that create test data, which a seeded target refuses.
    """

    creates: Mapping[str, str] = field(default_factory=dict)
    destroys: frozenset[str] = NOTHING
    sign_in: frozenset[str] = NOTHING
    removers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    seeding: frozenset[str] = NOTHING
    spares: frozenset[str] = NOTHING
    leaves: frozenset[str] = NOTHING
    unproven: frozenset[str] = NOTHING
    stays: frozenset[str] = NOTHING
    ends: frozenset[str] = NOTHING
    asks: frozenset[str] = NOTHING
    own: frozenset[str] = NOTHING

    def takes_away(self, operation: str) -> bool:
        """Whether an operation removes something; a DELETE does, unless the rules exempt it."""
        deletes = operation.startswith("DELETE ") and operation not in self.spares
        return deletes or operation in self.destroys

    def changes(self, operation: str) -> bool:
        """Whether an operation may change something, or ends a session."""
        return writes(operation) or operation in self.ends


def writes(operation: str) -> bool:
    """Whether the method of an operation allows it to change something."""
    return OperationId(operation).method not in SAFE


def left_out(target: Target, policy: Policy, operation: str) -> str:
    """Why the client does not send an operation to a target; empty if it does."""
    if operation in policy.sign_in or not policy.changes(operation):
        return ""
    if target.seeded and operation in policy.seeding:
        return f"target {target.name!r} is already seeded: the run does not seed it again"
    if target.read_only:
        return f"target {target.name!r} is read_only: it gets only reads and the sign-in"
    if not target.protected or operation in target.allow:
        return ""
    return _protected(target, policy, operation)


def _protected(target: Target, policy: Policy, operation: str) -> str:
    place = f"target {target.name!r} is protected"
    if operation in policy.destroys:
        return f"{place}: it gets no destructive operation; to send it: --allow {operation!r}"
    removers = policy.removers.get(operation, NOTHING)
    if removers and removers.isdisjoint(target.allow):
        return f"{place}: the run could not remove its data without --allow {min(removers)!r}"
    if operation in {*policy.creates, *policy.asks, *policy.own} - policy.ends - policy.stays:
        return ""
    return (
        f"{place}: it gets only reads and changes to things of this run; "
        f"to send it: --allow {operation!r}"
    )


def only_for_own(target: Target, policy: Policy, operation: str) -> bool:
    """Whether a target accepts an operation only for things of the run."""
    free = {*policy.creates, *policy.asks, *policy.sign_in, *target.allow}
    return target.protected and policy.changes(operation) and operation not in free


# What a run may change is what it made: the guard before each request, and the notes after it.
# The status that confirms a new resource (RFC 9110 §15.3.2).
CREATED = 201


def guard(client: "Client", request: Request, method: str, path: str) -> None:
    """
    Refuse a request that this run must not send, by the path that the server would see.

    Raises:
        RefusedError: it would remove a thing that this run did not create.
        LeftOutError: the target does not accept it.
    """
    # By the path as it is sent, not by the name that the caller gave it.
    known = None if request.url else client.contract.match(method, path)
    template = known.path if known else OperationId(request.operation).path
    operation = OperationId(f"{method} {template}")
    refused = left_out(client.target, client.policy, operation)
    if refused:
        raise LeftOutError(refused)
    own = not request.url and client.run.owns(operation, path, request.actor)
    if client.policy.takes_away(operation) and not own:
        raise RefusedError(
            f"{request.operation} was not sent: this run did not create {path!r}. "
            "A run may destroy only what it created."
        )
    if only_for_own(client.target, client.policy, operation) and not own:
        raise LeftOutError(
            f"target {client.target.name!r} is protected, and this run did not create {path!r}; "
            f"to send it all the same: --allow {operation!r}"
        )


def learn(client: "Client", request: Request, path: str, exchange: Exchange) -> None:
    """Note the thing that a request created, so that the run may remove it, or that it removed."""
    if not exchange.succeeded:
        return
    pointer = client.policy.creates.get(request.operation)
    if pointer is not None and exchange.method in ("POST", "PUT") and not request.url:
        value = at(exchange.json, pointer)
        # A 200 may name a row that existed before, and the cleanup must not remove that one.
        proven = exchange.status == CREATED or client.run.id in str(value)
        if proven or request.operation not in client.policy.unproven:
            note_created(client, request.operation, path, value)
    if client.policy.takes_away(request.operation):
        client.run.took_away(request.operation, path, request.actor)


def note_created(client: "Client", operation: str, path: str, value: Any) -> None:
    """Note that an operation created the thing with this id below a path: the run owns it."""
    if not misleads(value):
        client.run.own(f"DELETE {path.rstrip('/')}/{{id}}", {"id": value})
        # Sessions end at the end of the run, and the service forgets those of a killed run.
        if operation not in client.policy.sign_in:
            client.run.creations.creates(client.run.current, operation, path, value)
        client.run.write("created", operation=operation, path=path, id=str(value))
