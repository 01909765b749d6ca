"""The sweeper: it signs in as the actors of a run, and finds and removes the run's things."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from smoke.config.rules import Rules
from smoke.contract.operation_id import OperationId, id_text
from smoke.errors import SmokeError, UnverifiedError
from smoke.http.client import Client
from smoke.plan.build.kinds import destroys
from smoke.session.actors import Actor
from smoke.session.cleanup.remains import UUID, Remover, Trace, remains
from smoke.session.credentials import credentials_of
from smoke.session.run_actors import Actors
from smoke.session.seeding import Seeding
from smoke.session.session import SmokeSession

# Statuses for a thing that is gone, or that can no longer be removed in its present state.
GONE = (404, 409, 410)


@dataclass
class Swept:
    """
    The result of a sweep: removed things, things already gone, and failures.

    `found` counts the removed things that only the lists showed; `left` those that only an account
    of the killed run could remove: its password is lost.
    """

    removed: int = 0
    gone: int = 0
    found: int = 0
    left: int = 0
    failed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        found = f" ({self.found} of them found in lists)" if self.found else ""
        left = f", {self.left} left to accounts of the killed run" if self.left else ""
        summary = f"{self.removed} removed{found}, {self.gone} were gone already{left}"
        return "\n  ".join([summary, *self.failed])


@dataclass(frozen=True)
class Found:
    """A thing on a list that an actor can read, and the operation that removes it."""

    remover: Remover
    actor: str
    thing: str

    @property
    def path(self) -> str:
        """The path of its removal."""
        return OperationId(self.remover.operation).fill({self.remover.parameter: self.thing})


class Sweeper:
    """The callers of one sweep of a record, and its result."""

    def __init__(self, client: Client, rules: Rules, rows: list[dict[str, Any]]) -> None:
        self.swept = Swept()
        self._client = client
        self._rules = rules
        self._rows = rows
        self._trace = _trace(rows)
        self._removed = {row["path"] for row in rows if row.get("kind") == "removed"}
        self._done: set[tuple[str, str]] = set()
        self._undone: set[tuple[str, str]] = set()
        seeding = Seeding(client, rules, replace(client.target, seeded=True), frozenset())
        # Actors sign in as in a run; they need only these parts of a run's session.
        known = SimpleNamespace(
            rules=rules,
            settings=SimpleNamespace(target=client.target),
            contract=client.contract,
            credentials=credentials_of(rules, client.target, os.environ),
            run=client.run,
            token_rules=rules.login.token,
        )
        self.actors = Actors(client, seeding, cast("SmokeSession", known))

    async def find(self, known: Iterable[Remover]) -> list[Found]:
        """
        The run's things on the lists, read as each actor: some lists show only the caller's own.

        Raises:
            UnverifiedError: the service does not answer.
        """
        if self._trace is None:
            return []
        # All sign in before a list is read: their own accounts are not remains.
        names = [name for name in self._rules.actors if await self._enters(name)]
        found: list[Found] = []
        for remover in known:
            for name in sorted(names, key=lambda name: name != remover.actor):
                caller = self.actors.caller(name)
                things = [thing async for thing in remains(caller, remover, self._trace)]
                found += [Found(remover, name, thing) for thing in things]
        return found

    async def undo(self) -> None:
        """
        Remove the things that the record lists, the last one first.

        Raises:
            UnverifiedError: the service does not answer.
        """
        for row in reversed(self._rows):
            if row.get("kind") == "undo":
                await self._undo(row)

    async def take_away(self, found: Iterable[Found]) -> None:
        """
        Remove the found things that still exist.

        Raises:
            UnverifiedError: the service does not answer.
        """
        for one in found:
            deletes = one.remover.operation.startswith("DELETE ")
            # A thing that was only switched off stays on its list.
            is_off = one.path in self._removed and not deletes
            if is_off or self._key(one.actor, one.path) in self._done:
                continue
            path = {one.remover.parameter: one.thing}
            status = await self._send(one.remover.operation, one.actor, path, one.remover.body)
            if status is not None and status < 300:
                self.swept.removed += 1
                self.swept.found += 1

    async def _enters(self, name: str) -> bool:
        """Sign an actor in; from now on its account and its tenant are safe from the sweep."""
        try:
            caller = self.actors.caller(name)
            session = await caller.session() if isinstance(caller, Actor) else None
        except UnverifiedError:
            raise
        except SmokeError:
            return False
        if session is not None and self._trace is not None:
            self._trace.kept |= _ids_in([session.answer, dict(session.claims)])
        return True

    async def _undo(self, row: dict[str, Any]) -> None:
        wrong = self._not_a_remover(row)
        if wrong:
            self.swept.failed.append(wrong)
            return
        # A number and its text are one id, and one thing is removed once.
        row = {**row, "path": {name: id_text(value) for name, value in row["path"].items()}}
        place = OperationId(row["operation"]).fill(row["path"])
        if self._key(row["actor"], f"{row['operation']} {place}") in self._undone:
            return
        self._undone.add(self._key(row["actor"], f"{row['operation']} {place}"))
        if not self._is_sent_by(row["actor"], row["operation"]):
            self.swept.left += 1
            return
        status = await self._send(row["operation"], row["actor"], row["path"], row.get("body"))
        if status is None:
            return
        if status < 300:
            self.swept.removed += 1
        elif status in GONE:
            self.swept.gone += 1
        else:
            self.swept.failed.append(f"{row['operation']} {row['path']}: {status}")

    def _not_a_remover(self, row: dict[str, Any]) -> str:
        """The problem with an undo line; empty if it is a removal."""
        name, path = row.get("operation"), row.get("path")
        known = self._client.contract.operations.get(str(name))
        if known is None:
            return f"{name!r} is not an operation of the contract: not sent"
        if not (destroys(known) or self._client.policy.takes_away(known.id)):
            return f"{name} takes nothing away: not sent"
        if not isinstance(path, dict) or set(path) != set(known.id.parameters):
            return f"{name}: the line does not have its path parameters: not sent"
        if not path and not row.get("body") and name not in self._client.policy.leaves:
            return f"{name} names nothing, so it might take away everything: not sent"
        return "" if isinstance(row.get("actor"), str) else f"{name}: the line names no actor"

    def _is_sent_by(self, name: str, operation: str) -> bool:
        """Whether the sweep has a caller for it: accounts that the run created cannot sign in."""
        known = self._client.contract.operations.get(operation)
        secured = known is not None and known.secured
        return name in self._rules.actors or (name == "anonymous" and not secured)

    async def _send(
        self, operation: str, actor: str, path: dict[str, Any], body: Any
    ) -> int | None:
        """
        Send a removal; return the status, or None if it was not sent.

        Raises:
            UnverifiedError: no answer came.
        """
        self._client.run.undoes(operation, actor, path)
        self._done.add(self._key(actor, OperationId(operation).fill(path)))
        try:
            exchange = await self.actors.caller(actor).call(operation, json=body, **path)
        except UnverifiedError:
            raise
        except SmokeError as error:
            self.swept.failed.append(f"{operation} {path}: {error}")
            return None
        if exchange.status is None:
            raise UnverifiedError(
                f"Nothing answers: {exchange.method} {exchange.url}: {exchange.error}"
            )
        return exchange.status

    def _key(self, actor: str, path: str) -> tuple[str, str]:
        """The identity of a thing: in another tenant the same path is another thing."""
        row = self._rules.actors.get(actor)
        return (row.tenant if row else "", path)


def _trace(rows: list[dict[str, Any]]) -> Trace | None:
    """The marks of the things of a record's run; None if the record has no first line."""
    head = next((row for row in rows if row.get("kind") == "run"), None)
    if head is None:
        return None
    made = [row for row in rows if row.get("kind") in ("undo", "created")]
    ids = _ids_in([row.get("id", row["path"]) for row in made])
    return Trace(str(head["id"]), datetime.fromisoformat(head["started"]), ids)


def _ids_in(value: Any) -> set[str]:
    """Every UUID in a response."""
    return set(UUID.findall(json.dumps(value)))
