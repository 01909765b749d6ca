"""The things that the plan's requests created, and the requests that remove them at the end."""

from collections.abc import Callable

from smoke.contract.operation_id import OperationId
from smoke.errors import SmokeError
from smoke.http.client import Client, Request
from smoke.plan import Plan
from smoke.session.caller import Caller
from smoke.session.cleanup.removal import Gone, take_away, waves

# Statuses of a DELETE after which the thing is gone.
GONE = (200, 202, 204, 404, 410)


class Removals:
    """The request that removes each remaining thing of the pass, by the path of the thing."""

    def __init__(self, client: Client, plan: Plan, caller: Callable[[str], Caller]) -> None:
        self._client = client
        self._plan = plan
        self._caller = caller
        self._requests: dict[str, Request] = {}

    def add(self, place: str, values: list[object]) -> None:
        """Keep the request that removes the thing at a path, if the plan has such an operation."""
        request = self._remover(place, values)
        if request is not None:
            self._requests[place] = request
            self._client.run.undoes(request.operation, request.actor, request.path)

    def drop(self, place: str) -> None:
        """Forget a thing that an entry has removed."""
        self._requests.pop(place, None)

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
