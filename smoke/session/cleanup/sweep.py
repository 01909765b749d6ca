"""Sweeping: removing the remains of a killed run, with the help of its record."""

import asyncio
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from smoke.config import rules as rules_of
from smoke.config.production import must_be_meant
from smoke.config.rules import Rules
from smoke.config.rules.values import render
from smoke.config.settings import Settings
from smoke.config.targets import Target
from smoke.contract import Contract
from smoke.documents import object_of
from smoke.errors import DataError
from smoke.http.client import Client
from smoke.plan import Plan
from smoke.plan import model as plans
from smoke.results.record_reader import read_lines
from smoke.results.run import Run
from smoke.results.run_dir import RECORD, lock_of, unswept
from smoke.results.secrets import Secrets
from smoke.session.cleanup.remains import removers
from smoke.session.cleanup.sweeper import Sweeper, Swept
from smoke.session.credentials import credentials_of
from smoke.session.session import policy_of


def _readable(record: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """
    The readable lines of a record, and the problems of the others.

    One bad line must not prevent the sweep of the rest.
    """
    try:
        return read_lines(record), []
    except DataError as error:
        texts = record.read_text(encoding="utf-8", errors="replace").splitlines()
        found = [row for row in map(object_of, texts) if isinstance(row.get("kind"), str)]
        whole = bool(found) and found[0]["kind"] == "run" and "id" in found[0]
        return found if whole else [], [str(error)]


async def sweep(
    rows: list[dict[str, Any]], target: Target, contract: Contract, rules: Rules, plan: Plan
) -> Swept:
    """
    Remove the things of a record, each as the actor that may remove it; send nothing else.

    The sweep also searches the lists of the service for things that the record lacks: those of
    requests that were under way when the run was killed.

    Raises:
        UnverifiedError: the service does not answer.
    """
    policy = policy_of(plan, rules, contract)
    values = credentials_of(rules, target, os.environ).environ
    known = {f"env:{name}": value for name, value in values.items()}
    target = replace(target, headers=render(dict(target.headers), known, frozenset()))
    client = Client(target, contract, Run(target.name, Secrets()), policy)
    sweeper = Sweeper(client, rules, rows)
    try:
        found = await sweeper.find(removers(contract, plan, policy, target.name))
        await sweeper.undo()
        await sweeper.take_away(found)
        await sweeper.actors.leave()
    finally:
        await client.close()
    return sweeper.swept


def sweep_records(
    settings: "Settings", folder: Path, *, now: bool = False
) -> Iterator[tuple[str, int]]:
    """
    Sweep every record of the target; yield a line for each, and its number of failed removals.

    The sweep skips the record of a run that is still going on, and that of a run with `--keep` for
    an hour, unless `now` is set. It deletes a record that was kept
    for it once everything in that record is gone.

    Raises:
        SmokeError: the target looks like production and was named once, or is no longer configured.
    """
    name = settings.target.name
    must_be_meant(settings.target, settings.production)
    for place in sorted(folder.glob(f"{name}*")):
        if not re.fullmatch(rf"{re.escape(name)}(-\d+)?", place.name) or not place.is_dir():
            continue
        records = [*unswept(place), *filter(Path.is_file, [place / RECORD])]
        try:
            with FileLock(lock_of(place)).acquire(timeout=0):
                for record in records:
                    yield from _by(record, settings, now=now)
        except Timeout:
            yield f"{place / RECORD}: left alone: its run is going on", 0


def _by(record: Path, settings: "Settings", *, now: bool) -> Iterator[tuple[str, int]]:
    """Sweep one record, if it belongs to this target at this address."""
    rows, mistakes = _readable(record)
    yield from ((mistake, 1) for mistake in mistakes)
    if not rows or rows[0].get("target") != settings.target.name:
        return
    elsewhere = _elsewhere(rows, settings.target)
    if elsewhere:
        yield f"{record}: left alone: {elsewhere}", int(_is_open(rows))
        return
    until = str(rows[0].get("kept_until") or "")
    if until and not now and datetime.fromisoformat(until) > datetime.now(UTC):
        yield f"{record}: left alone: --keep leaves it until {until[:16]} UTC (--now removes it)", 0
        return
    summary, failed = _swept(rows, settings)
    if not failed and not mistakes and record.name != RECORD:
        record.unlink()
    yield f"{record}: {summary}", failed


def _is_open(rows: list[dict[str, Any]]) -> bool:
    """Whether a run ended before its cleanup, or in the middle of it."""
    kinds = {row["kind"] for row in rows}
    ended = "verdict" in kinds and not any(row.get("behind") for row in rows)
    return "undo" in kinds and (not ended or "kept_until" in rows[0])


def _elsewhere(rows: list[dict[str, Any]], target: Target) -> str:
    """The reason why a record belongs to another service; empty if it belongs to this one."""
    was = _address(rows)
    if not target.base_url or not was or _origin(was) == _origin(target.base_url):
        return ""
    return f"it belongs to a run against {was}, and target {target.name!r} is at {target.base_url}"


def _address(rows: list[dict[str, Any]]) -> str:
    """The address of the service that a record is of; empty if the run never learned it."""
    known = [str(row.get("url") or "") for row in rows if row.get("kind") in ("run", "service")]
    return next(filter(None, known), "")


def _origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: a record names the service by these alone."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").rstrip("."), port


def _swept(rows: list[dict[str, Any]], settings: "Settings") -> tuple[str, int]:
    """Sweep by the lines of one record."""
    undo = [row for row in rows if row.get("kind") == "undo"]
    target = settings.target
    if target.serve and rows[0].get("serve"):
        # By now another process may listen at that address.
        return f"its service has ended, and with it what it kept ({len(undo)} things)", 0
    if target.serve:  # the run asked another service, by --base-url
        target = replace(target, base_url=_address(rows), serve="")
    contract, rules = Contract.load(settings.contract), rules_of.load(settings.rules)
    plan = plans.load(settings.plan)
    swept = asyncio.run(sweep(rows, target, contract, rules, plan))
    return str(swept), len(swept.failed)
