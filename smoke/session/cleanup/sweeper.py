"""Who sweeps: it signs in as the actors of a run, finds what the run left, and takes that away."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from smoke.contract.operation_id import OperationId, whole
from smoke.errors import SmokeError, UnverifiedError
from smoke.plan.build.kinds import destroys
from smoke.session.actors import Actor, Caller
from smoke.session.cleanup.remains import UUID, Remover, Trace, remains
from smoke.session.credentials import credentials_of
from smoke.session.run_actors import Actors
from smoke.session.seeding import Seeding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smoke.config.rules import Rules
    from smoke.http.client import Client
    from smoke.session.session import SmokeSession

# Answers of a service that has no such thing, or no longer in a state to be taken away.
GONE = (404, 409, 410)


@dataclass
class Swept:
    """
    What came of a sweep: things taken away, things that were gone, and what refused to go.

    `found` counts those of the removed ones that only the service knew of; `left` what only an
    account of the killed run could take away: its password is lost.
    """

    removed: int = 0
    gone: int = 0
    found: int = 0
    left: int = 0
    failed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        found = f" ({self.found} of them found in lists)" if self.found else ""
        left = f", {self.left} left to accounts of the killed run" if self.left else ""
        told = f"{self.removed} removed{found}, {self.gone} were gone already{left}"
        return "\n  ".join([told, *self.failed])


@dataclass(frozen=True)
class Found:
    """A thing that a list showed to an actor, and what takes it away."""

    remover: Remover
    actor: str
    thing: str

    @property
    def path(self) -> str:
        """The path of what takes it away."""
        return OperationId(self.remover.operation).fill({self.remover.parameter: self.thing})


class Sweeper:
    """The callers of one sweep by the lines of a record, and what came of it."""

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
        # Actors sign in as in a run; of the run's session they take no more than this.
        known = SimpleNamespace(
            rules=rules,
            settings=SimpleNamespace(target=client.target),
            contract=client.contract,
            credentials=credentials_of(rules, client.target, os.environ),
            run=client.run,
            token_rules=rules.login.token,
        )
        self._actors = Actors(client, seeding, cast("SmokeSession", known))

    async def find(self, known: Iterable[Remover]) -> list[Found]:
        """
        What the lists show of the run to each actor; what is its own is shown to itself only.

        Raises:
            UnverifiedError: the service does not answer.
        """
        if self._trace is None:
            return []
        names = [name for name in self._rules.actors if await self._enters(name)]
        found: list[Found] = []
        for remover in known:
            for name in sorted(names, key=lambda name: name != remover.actor):
                caller = self._caller(name)
                things = [thing async for thing in remains(caller, remover, self._trace)]
                found += [Found(remover, name, thing) for thing in things]
        return found

    async def undo(self) -> None:
        """
        Take away what the record says the run made, the last thing first.

        Raises:
            UnverifiedError: the service does not answer.
        """
        for row in reversed(self._rows):
            if row.get("kind") == "undo":
                await self._undo(row)

    async def take_away(self, found: Iterable[Found]) -> None:
        """
        Take away what was found and is not gone by now.

        Raises:
            UnverifiedError: the service does not answer.
        """
        for one in found:
            deletes = one.remover.operation.startswith("DELETE ")
            over = (
                one.path in self._removed and not deletes
            )  # switched off, and listed all the same
            if over or self._key(one.actor, one.path) in self._done:
                continue
            path = {one.remover.parameter: one.thing}
            status = await self._send(one.remover.operation, one.actor, path, one.remover.body)
            if status is not None and status < 300:
                self.swept.removed += 1
                self.swept.found += 1

    async def leave(self) -> None:
        """End the sessions of the sweep itself."""
        await self._actors.leave()

    def _caller(self, name: str) -> Caller:
        return self._actors.caller(name)

    async def _enters(self, name: str) -> bool:
        """Sign an actor in; its account and its tenant are no things of the run from now on."""
        try:
            caller = self._caller(name)
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
        # A number and its text are one id, and one thing is taken away once.
        row = {**row, "path": {name: str(whole(value)) for name, value in row["path"].items()}}
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
        """What is wrong with an undo line; empty where it takes something away."""
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
        """Whether it is an actor's; what needs a token and is nobody's is of a guest of the run."""
        known = self._client.contract.operations.get(operation)
        secured = known is not None and known.secured
        return name in self._rules.actors or (name == "anonymous" and not secured)

    async def _send(
        self, operation: str, actor: str, path: dict[str, Any], body: Any
    ) -> int | None:
        """
        Send what takes a thing away; give the status, or None where it was not sent.

        Raises:
            UnverifiedError: no answer came.
        """
        self._client.run.undoes(operation, actor, path)
        self._done.add(self._key(actor, OperationId(operation).fill(path)))
        try:
            exchange = await self._caller(actor).call(operation, json=body, **path)
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
        """A thing: the same path means another one to an actor of another tenant."""
        row = self._rules.actors.get(actor)
        return (row.tenant if row else "", path)


def _trace(rows: list[dict[str, Any]]) -> Trace | None:
    """How the things of a record's run are known; None where it has no beginning."""
    head = next((row for row in rows if row.get("kind") == "run"), None)
    if head is None:
        return None
    made = [row for row in rows if row.get("kind") in ("undo", "created")]
    ids = _ids_in([row.get("id", row["path"]) for row in made])
    return Trace(str(head["id"]), datetime.fromisoformat(head["started"]), ids)


def _ids_in(value: Any) -> set[str]:
    """Every id that stands in an answer."""
    return set(UUID.findall(json.dumps(value)))
