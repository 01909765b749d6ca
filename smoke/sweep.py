"""Sweeping: taking away what a run that was killed left behind, by its own record."""

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from smoke import rules as rules_of
from smoke.auth import Actor, Caller
from smoke.client import Client
from smoke.contract import Contract
from smoke.errors import DataError, SmokeError, UnverifiedError
from smoke.folder import lock_of
from smoke.plan import model as plans
from smoke.redact import Secrets
from smoke.run import Run
from smoke.seed import Seeding
from smoke.session import policy_of
from smoke.verifier import Verifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smoke.guard import Policy
    from smoke.rules import Rules
    from smoke.settings import Settings
    from smoke.targets import Target

GONE = (404, 409, 410)
"""Answers of a service that has no such thing, or no longer in a state to be taken away."""


@dataclass
class Swept:
    """What came of a sweep: things taken away, things that were gone, and what refused to go.

    `left` counts what only an account of the killed run could take away: its password is lost.
    """

    removed: int = 0
    gone: int = 0
    left: int = 0
    failed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        left = f", {self.left} left to accounts of the killed run" if self.left else ""
        told = f"{self.removed} removed, {self.gone} were gone already{left}"
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
    policy: "Policy",
) -> Swept:
    """Send what takes the things away, each as the actor that may; nothing else is destroyed.

    Raises:
        UnverifiedError: the service does not answer.
    """
    run = Run(target.name, Secrets())
    client = Client(target, contract, run, policy)
    seeding = Seeding(client, rules, replace(target, seeded=True), frozenset())
    verifier = Verifier(client, rules.login.token)
    swept = Swept()
    callers: dict[str, Caller] = {"anonymous": Caller(client)}
    try:
        for row in rows:
            name = row["actor"]
            if name not in callers and name in rules.actors:
                callers[name] = Actor(client, seeding.account(name), rules.login, verifier)
            if name in callers:
                await _take_away(row, callers[name], swept)
            else:
                swept.left += 1
        for actor in callers.values():
            if isinstance(actor, Actor):
                await actor.leave()
    finally:
        await client.close()
    return swept


async def _take_away(row: dict[str, Any], caller: Caller, swept: Swept) -> None:
    told = f"{row['operation']} {row['path']}"
    caller.client.run.undoes(row["operation"], row["actor"], row["path"])
    try:
        exchange = await caller.call(row["operation"], json=row.get("body"), **row["path"])
    except UnverifiedError:
        raise
    except SmokeError as error:
        swept.failed.append(f"{told}: {error}")
        return
    if exchange.status is None:
        raise UnverifiedError(
            f"Nothing answers: {exchange.method} {exchange.url}: {exchange.error}"
        )
    if exchange.status < 300:
        swept.removed += 1
    elif exchange.status in GONE:
        swept.gone += 1
    else:
        swept.failed.append(f"{told}: {exchange.status}")


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
    policy = policy_of(plans.load(settings.plan), rules, contract)
    known = (str(row["url"]) for row in rows if row.get("kind") in ("run", "service"))
    url = settings.target.base_url or next(filter(None, known), "")
    undo = [row for row in reversed(rows) if row.get("kind") == "undo"]
    target = replace(settings.target, base_url=url)
    try:
        swept = asyncio.run(sweep(undo if url else [], target, contract, rules, policy))
    except UnverifiedError:
        if not settings.target.serve:
            raise
        return f"its service has ended, and with it what it kept ({len(undo)} things)", 0
    return str(swept), len(swept.failed)
