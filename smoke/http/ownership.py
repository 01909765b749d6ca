"""What a run may change is what it made: the guard before each request, and the notes after it."""

from typing import TYPE_CHECKING, Any

from smoke.contract.operation_id import OperationId, misleads
from smoke.contract.pointers import at
from smoke.errors import LeftOutError, RefusedError
from smoke.http.policy import left_out, only_for_own
from smoke.http.request import Request
from smoke.results.exchange import Exchange

if TYPE_CHECKING:
    from smoke.http.client import Client

# The status that confirms a new resource (RFC 9110 §15.3.2).
CREATED = 201


def guard(client: "Client", request: Request, method: str, path: str) -> None:
    """
    Refuse a request that this run must not send, by the path that the server would see.

    Raises:
        RefusedError: it would remove a thing that this run did not create.
        LeftOutError: the target does not accept it.
    """
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
    if not 200 <= (exchange.status or 0) < 300:
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
