"""Sweeping: taking away what a run that was killed left behind, by its own record."""

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from smoke import rules as rules_of
from smoke.auth import Actor, Caller
from smoke.client import Client
from smoke.contract import Contract
from smoke.errors import DataError, SmokeError, UnverifiedError
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
    """What came of a sweep: things taken away, things that were gone, and what refused to go."""

    removed: int = 0
    gone: int = 0
    failed: list[str] = field(default_factory=list)


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
    callers: dict[str, Caller] = {}
    try:
        for row in rows:
            name = row["actor"]
            if name not in callers and name in rules.actors:
                callers[name] = Actor(client, seeding.account(name), rules.login, verifier)
            await _take_away(row, callers.get(name, Caller(client)), swept)
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
    """Sweep by every record of the target; give a line for each, and how much refused to go."""
    contract = Contract.load(settings.contract)
    rules = rules_of.load(settings.rules)
    policy = policy_of(plans.load(settings.plan), rules)
    for record in sorted(folder.glob(f"{settings.target.name}*/run.jsonl")):
        lines = lines_of(record)
        known = (str(row["url"]) for row in lines if row.get("kind") in ("run", "service"))
        url = settings.target.base_url or next(filter(None, known), "")
        undo = [row for row in reversed(lines) if row.get("kind") == "undo"]
        target = replace(settings.target, base_url=url)
        swept = asyncio.run(sweep(undo, target, contract, rules, policy))
        told = f"{record}: {swept.removed} removed, {swept.gone} were gone already"
        yield "\n".join([told, *swept.failed]), len(swept.failed)
