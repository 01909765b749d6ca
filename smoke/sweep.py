"""Sweeping: taking away what a run that was killed left behind, by its own record."""

import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from smoke import rules as rules_of
from smoke.auth import Actor, Caller
from smoke.client import Client
from smoke.contract import Contract
from smoke.errors import DataError, SmokeError, UnverifiedError
from smoke.folder import lock_of
from smoke.paths import fill, split
from smoke.plan import model as plans
from smoke.redact import Secrets
from smoke.remains import UUID, Remover, Trace, remains, removers
from smoke.run import Run
from smoke.seed import Seeding
from smoke.session import policy_of
from smoke.verifier import Verifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smoke.plan import Plan
    from smoke.rules import Rules
    from smoke.settings import Settings
    from smoke.targets import Target

GONE = (404, 409, 410)
"""Answers of a service that has no such thing, or no longer in a state to be taken away."""


@dataclass
class Swept:
    """What came of a sweep: things taken away, things that were gone, and what refused to go.

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


def lines_of(record: "Path") -> list[dict[str, Any]]:
    """Return the lines of a record; one that was cut when the run was killed is passed over.

    Raises:
        DataError: the record cannot be read.
    """
    try:
        lines = record.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{record}: cannot be read ({error.strerror}).") from error
    rows = []
    for line in lines:
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return [row for row in rows if isinstance(row, dict)]


async def sweep(
    rows: list[dict[str, Any]],
    target: "Target",
    contract: "Contract",
    rules: "Rules",
    plan: "Plan",
) -> Swept:
    """Send what takes the things of a record away, each as the actor that may; nothing else.

    After what the record says, the lists of the service are looked through for what it does not
    know of: what was made while the run was killed.

    Raises:
        UnverifiedError: the service does not answer.
    """
    policy = policy_of(plan, rules, contract)
    client = Client(target, contract, Run(target.name, Secrets()), policy)
    sweeper = _Sweeper(client, rules, rows)
    try:
        for row in reversed(rows):
            if row.get("kind") == "undo":
                await sweeper.undo(row)
        await sweeper.look(removers(contract, plan, policy, target.name))
        await sweeper.leave()
    finally:
        await client.close()
    return sweeper.swept


class _Sweeper:
    """The callers of one sweep, and what came of it."""

    def __init__(self, client: Client, rules: "Rules", rows: list[dict[str, Any]]) -> None:
        self.swept = Swept()
        self._client = client
        self._rules = rules
        self._trace = _trace(rows)
        self._done = {row["path"] for row in rows if row.get("kind") == "removed"}
        self._seeding = Seeding(client, rules, replace(client.target, seeded=True), frozenset())
        self._verifier = Verifier(client, rules.login.token)
        self._callers: dict[str, Caller] = {"anonymous": Caller(client)}

    def _caller(self, name: str) -> Caller:
        if name not in self._callers:
            account, login = self._seeding.account(name), self._rules.login
            self._callers[name] = Actor(self._client, account, login, self._verifier)
        return self._callers[name]

    async def undo(self, row: dict[str, Any]) -> None:
        """Take away what the record says the run made."""
        name = row["actor"]
        if name != "anonymous" and name not in self._rules.actors:
            self.swept.left += 1
            return
        told = f"{row['operation']} {row['path']}"
        try:
            status = await self._send(row["operation"], self._caller(name), row["path"],
                                      row.get("body"))  # fmt: skip
        except UnverifiedError:
            raise
        except SmokeError as error:
            self.swept.failed.append(f"{told}: {error}")
            return
        if status < 300:
            self.swept.removed += 1
        elif status in GONE:
            self.swept.gone += 1
        else:
            self.swept.failed.append(f"{told}: {status}")

    async def look(self, found: list[Remover]) -> None:
        """Take away what the lists show of the run, each asked for by every actor that signs in."""
        if self._trace is None:
            return
        names = [name for name in self._rules.actors if await self._enters(name)]
        for remover in found:
            for name in sorted(names, key=lambda name: name != remover.actor):
                await self._look(remover, self._caller(name), self._trace)

    async def _enters(self, name: str) -> bool:
        """Sign an actor in; its account and its tenant are kept from now on."""
        caller = self._caller(name)
        try:
            session = await caller.session() if isinstance(caller, Actor) else None
        except UnverifiedError:
            raise
        except SmokeError:
            return False
        if session is not None and self._trace is not None:
            self._trace.kept |= _ids_in([session.answer, dict(session.claims)])
        return True

    async def _look(self, remover: Remover, caller: Caller, trace: Trace) -> None:
        try:
            for thing in [thing async for thing in remains(caller, remover, trace)]:
                await self._found(remover, caller, thing)
        except UnverifiedError:
            raise
        except SmokeError as refused:  # this target does not take it
            self.swept.failed.append(f"{remover.operation}: {refused}")

    async def _found(self, remover: Remover, caller: Caller, thing: str) -> None:
        path = {remover.parameter: thing}
        if fill(split(remover.operation)[1], path) in self._done:
            return
        if await self._send(remover.operation, caller, path, remover.body) < 300:
            self.swept.removed += 1
            self.swept.found += 1

    async def _send(self, operation: str, caller: Caller, path: dict[str, Any], body: Any) -> int:
        """Send what takes a thing away, and give the status of the answer.

        Raises:
            UnverifiedError: no answer came.
        """
        self._client.run.undoes(operation, caller.name, path)
        exchange = await caller.call(operation, json=body, **path)
        if exchange.status is None:
            raise UnverifiedError(
                f"Nothing answers: {exchange.method} {exchange.url}: {exchange.error}"
            )
        self._done.add(fill(split(operation)[1], path))
        return exchange.status

    async def leave(self) -> None:
        """End the sessions of the sweep itself."""
        for caller in self._callers.values():
            if isinstance(caller, Actor):
                await caller.leave()


def _trace(rows: list[dict[str, Any]]) -> Trace | None:
    """How the things of a record's run are known; None where it has no beginning."""
    head = next((row for row in rows if row.get("kind") == "run"), None)
    return Trace(str(head["id"]), datetime.fromisoformat(head["started"])) if head else None


def _ids_in(value: Any) -> set[str]:
    """Every id that stands in an answer."""
    return set(UUID.findall(json.dumps(value)))


def sweep_records(settings: "Settings", folder: "Path") -> "Iterator[tuple[str, int]]":
    """Sweep by every record of the target; give a line for each, and how much refused to go.

    The record of a run that is going on is left alone.
    """
    for record in sorted(folder.glob(f"{settings.target.name}*/run.jsonl")):
        rows = lines_of(record)
        if not any(row.get("target") == settings.target.name for row in rows[:1]):
            continue
        lock = FileLock(lock_of(record.parent))
        try:
            with lock.acquire(timeout=0):
                told, failed = _swept(rows, settings)
        except Timeout:
            told, failed = "left alone: its run is going on", 0
        yield f"{record}: {told}", failed


def _swept(rows: list[dict[str, Any]], settings: "Settings") -> tuple[str, int]:
    """Sweep by the lines of one record; what a service that ended with its run kept is gone."""
    contract, rules = Contract.load(settings.contract), rules_of.load(settings.rules)
    plan = plans.load(settings.plan)
    known = (str(row["url"]) for row in rows if row.get("kind") in ("run", "service"))
    url = settings.target.base_url or next(filter(None, known), "")
    undo = [row for row in rows if row.get("kind") == "undo"]
    target = replace(settings.target, base_url=url)
    try:
        swept = asyncio.run(sweep(rows, target, contract, rules, plan)) if url else Swept()
    except UnverifiedError:
        if not settings.target.serve:
            raise
        return f"its service has ended, and with it what it kept ({len(undo)} things)", 0
    return str(swept), len(swept.failed)
