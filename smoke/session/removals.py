"""The things that the plan's requests created, and the requests that remove them at the end."""

from collections.abc import Callable

from smoke.contract.operation_id import OperationId, encoded
from smoke.contract.pointers import at
from smoke.errors import SmokeError
from smoke.http.client import Client, Request
from smoke.http.policy import note_created
from smoke.plan import Entry, FilledRequest, Plan, Pool
from smoke.results.exchange import Exchange
from smoke.session.caller import Caller
from smoke.session.cleanup.removal import Gone, take_away, waves
from smoke.session.newness import CREATED, is_new

# Statuses of a DELETE after which the thing is gone.
GONE = (200, 202, 204, 404, 410)


class Removals:
    """The request that removes each remaining thing of the pass, by the path of the thing."""

    def __init__(
        self, client: Client, plan: Plan, pool: Pool, caller: Callable[[str], Caller]
    ) -> None:
        self._client = client
        self._plan = plan
        self._pool = pool
        self._caller = caller
        self._requests: dict[str, Request] = {}

    async def note(
        self, entry: Entry, filled: FilledRequest, exchange: Exchange, before: set[str]
    ) -> None:
        """Keep the removal of a created thing; forget that of a removed thing."""
        operation = OperationId(entry.operation)
        path = operation.fill(filled.path)
        if entry.destructive:
            self._requests.pop(path, None)
        values: list[object] = [filled.path[name] for name in operation.parameters]
        made = at(exchange.json, entry.creates) if entry.creates is not None else None
        if operation.method == "PUT" and entry.is_made_up:
            self._add(path, values)
        if operation.method != "POST" or made is None:
            return
        if await is_new(entry, filled, self._caller(filled.actor), exchange, before):
            if exchange.status != CREATED and entry.operation in self._client.policy.unproven:
                note_created(self._client, entry.operation, path, made)
            self._add(f"{path}/{encoded(made)}", [*values, made])
        else:
            self._pool.doubt(entry.name)
            self._client.run.note(
                f"{entry.name} answered {exchange.status} about something that may have been "
                "there before: the run does not remove it"
            )

    def _add(self, place: str, values: list[object]) -> None:
        """Keep the request that removes the thing at a path, if the plan has such an operation."""
        request = self._remover(place, values)
        if request is not None:
            self._requests[place] = request
            self._client.run.undoes(request.operation, request.actor, request.path)

    async def send(self) -> None:
        """Remove all things that remain; a failure becomes a note, not an error."""
        # In reverse order: a later thing may lie inside an earlier one.
        paths = waves(reversed(self._requests), lambda path: Gone("DELETE", path))
        for path, reason in await take_away(paths, self._attempt):
            self._client.run.leaves_behind(f"DELETE {path}", f": {reason}")

    async def _attempt(self, path: str) -> str:
        request = self._requests[path]
        try:
            caller = self._caller(request.actor)
            exchange = await self._client.send(await caller.signed(request))
        except SmokeError as error:
            return str(error)
        return "" if exchange.status in GONE else str(exchange.status or exchange.error)

    def _remover(self, place: str, values: list[object]) -> Request | None:
        """The DELETE request for a path, if the plan has one that this run may send."""
        operation = self._client.contract.match("DELETE", place)
        entry = self._plan.by_name.get(operation.id) if operation is not None else None
        if entry is None or entry.excepted or entry.problem or entry.ends_session:
            return None
        names = OperationId(entry.operation).parameters
        if len(names) != len(values):
            return None
        return Request(entry.operation, entry.actor, dict(zip(names, values, strict=True)))
