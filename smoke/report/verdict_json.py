"""`verdict.json`: the verdict for programs, such as the controller of a rollout."""

from collections.abc import Sequence
from typing import Any

from smoke.errors import Exit
from smoke.report.summary import surface_of
from smoke.results.curl import curl_of
from smoke.results.outcome import WORST_FIRST
from smoke.results.record import Line, Record

# The version of this file's shape; a member is added without changing it, never taken away.
SCHEMA = 1


def verdict_json(record: Record) -> dict[str, Any]:
    """Return the verdict of one run, its counts and its failures."""
    last = record.verdict
    return {
        "schema": SCHEMA,
        "verdict": last["word"],
        "exit": last["exit"],
        "cause": last["cause"],
        "reason": last["reason"],
        "partial": bool(record.part),
        "part": record.part,
        "depth": record.depth,
        "surface": surface_of(record),
        "run": record.header["id"],
        "trace_id": record.header["trace_id"],
        "target": record.target,
        "url": record.url,
        "version": record.version,
        "contract": record.header["contract"],
        "started": record.header["started"],
        "seconds": last["seconds"],
        "requests": len(record.exchanges),
        "checks": dict(record.ended),
        "operations": dict(record.accounts),
        "failures": [_failure(record, check) for check in record.failures],
        "slowest": [{"operation": name, "ms": elapsed} for name, elapsed in record.slowest()],
    }


def combined(records: Sequence[Record]) -> dict[str, Any]:
    """Return the one verdict of several targets, and the verdict of each."""
    worst = worst_of(records).verdict
    fields = {name: worst[name] for name in ("exit", "cause", "reason")}
    targets = [verdict_json(record) for record in records]
    partial = any(target["partial"] for target in targets)
    return {
        "schema": SCHEMA, "verdict": worst["word"], "partial": partial, **fields,
        "targets": targets,
    }  # fmt: skip


def verdict_words(records: Sequence[Record]) -> dict[str, str]:
    """Return the one verdict of all targets: its word, title, cause, reason and targets."""
    worst = worst_of(records)
    same = [record.target for record in records if record.word is worst.word]
    last, names = worst.verdict, worst.target
    reason = last["reason"]
    if len(records) > 1:
        names = f"{', '.join(same)} ({len(same)} of {len(records)} targets)"
        reason = f"{worst.target}: {reason}" if reason else ""
    titles = (record.title for record in records if record.word is worst.word)
    title = max(titles, key=len)  # one partial target makes the whole partial
    fields = {
        "verdict": last["word"],
        "title": title,
        "cause": last["cause"],
        "reason": reason,
        "targets": names,
    }
    return {name: str(value) for name, value in fields.items()}


def worst_first(records: Sequence[Record]) -> list[Record]:
    """Return the records in the order in which a person should look at them."""
    return sorted(records, key=lambda record: WORST_FIRST.index(Exit(record.verdict["exit"])))


def worst_of(records: Sequence[Record]) -> Record:
    """Return the record whose verdict stands for all: the first of the worst."""
    return worst_first(records)[0]


def _failure(record: Record, check: Line) -> dict[str, Any]:
    fields = {
        "check": check["check"],
        "title": check["title"],
        "cause": check["cause"],
        "operations": check["operations"],
        "reason": check["reason"],
        "text": check["text"],
        "hint": check.get("hint", ""),
        "again": record.again(check),
    }
    exchange = record.failing_exchange(check)
    if exchange is None:
        return fields
    parent, link = record.trace(exchange)
    return fields | {
        "operation": exchange["operation"],
        "actor": exchange["actor"],
        "expected": check["expected"],
        "got": check["got"],
        "status": exchange["status"],
        "request_id": exchange["request_id"],
        "traceparent": parent,
        "trace_url": link,
        "curl": curl_of(record, exchange),
    }
