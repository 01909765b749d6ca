"""Sweeping: taking away what a run that was killed left behind, by its own record."""

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from smoke.config import rules as rules_of
from smoke.contract import Contract
from smoke.contract.operation_id import OperationId
from smoke.documents import visible
from smoke.errors import DataError, UnverifiedError
from smoke.http.client import Client
from smoke.plan import model as plans
from smoke.results.record import read_lines
from smoke.results.run import Run
from smoke.results.run_dir import lock_of
from smoke.results.secrets import Secrets
from smoke.session.cleanup.remains import removers
from smoke.session.cleanup.sweeper import Sweeper, Swept
from smoke.session.session import policy_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smoke.config.rules import Rules
    from smoke.config.settings import Settings
    from smoke.config.targets import Target
    from smoke.plan import Plan


def lines_of(record: "Path") -> list[dict[str, Any]]:
    """Return the lines of a record; one that was cut when the run was killed is passed over.

    Raises:
        DataError: the record cannot be read, or says what no run says.
    """
    rows = read_lines(record)
    for number, row in enumerate(rows, start=1):
        if row["kind"] != "undo":
            continue
        if set(row["path"]) != set(OperationId(row["operation"]).parameters):
            named = ", ".join(row["path"]) or "nothing"
            raise DataError(
                f"{record}:{number}#/path: names {visible(named)}, which is not what "
                f"{visible(row['operation'])} takes."
            )
    return rows


async def sweep(
    rows: list[dict[str, Any]],
    target: "Target",
    contract: "Contract",
    rules: "Rules",
    plan: "Plan",
) -> Swept:
    """Send what takes the things of a record away, each as the actor that may; nothing else.

    The lists of the service are looked through for what the record does not know of: what was made
    while the run was killed.

    Raises:
        UnverifiedError: the service does not answer.
    """
    policy = policy_of(plan, rules, contract)
    client = Client(target, contract, Run(target.name, Secrets()), policy)
    sweeper = Sweeper(client, rules, rows)
    try:
        found = await sweeper.find(removers(contract, plan, policy, target.name))
        await sweeper.undo()
        await sweeper.take_away(found)
        await sweeper.leave()
    finally:
        await client.close()
    return sweeper.swept


def sweep_records(settings: "Settings", folder: "Path") -> "Iterator[tuple[str, int]]":
    """Sweep by every record of the target; give a line for each, and how much refused to go.

    The record of a run that is going on is left alone; one that cannot be read is told.
    """
    name = settings.target.name
    for record in sorted(folder.glob(f"{name}*/run.jsonl")):
        if not re.fullmatch(rf"{re.escape(name)}(-\d+)?", record.parent.name):
            continue
        try:
            with FileLock(lock_of(record.parent)).acquire(timeout=0):
                rows = lines_of(record)
                if any(row.get("target") == name for row in rows[:1]):
                    told, failed = _swept(rows, settings)
                    yield f"{record}: {told}", failed
        except Timeout:
            yield f"{record}: left alone: its run is going on", 0
        except DataError as error:
            yield str(error), 1


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
