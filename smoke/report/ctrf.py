"""CTRF: the Common Test Report Format (https://ctrf.io), version 0.0.0 of its specification."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from smoke.results.outcome import Outcome
from smoke.results.record import Line, Record

# Our outcomes -> those of CTRF.
STATUSES = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.SKIPPED: "skipped",
    Outcome.KNOWN: "other",
    Outcome.BLOCKED: "pending",
}


def ctrf(records: Sequence[Record]) -> dict[str, Any]:
    """Return the report of all targets, one suite for each."""
    tests = [_test(record, check) for record in records for check in record.tests]
    counts = dict.fromkeys(("passed", "failed", "skipped", "pending", "other"), 0)
    for test in tests:
        counts[test["status"]] += 1
    # Targets run at the same time: the whole lasts from the first start to the last end.
    starts = [_ms(datetime.fromisoformat(record.header["started"])) for record in records]
    stops = [
        start + round(record.verdict["seconds"] * 1000)
        for start, record in zip(starts, records, strict=True)
    ]
    return {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "generatedBy": "smoke",
        "results": {
            "tool": {"name": "smoke", "version": records[0].header["smoke"] or "0"},
            "summary": {
                "tests": len(tests),
                **counts,
                "suites": len(records),
                "start": min(starts),
                "stop": max(stops),
            },
            "tests": tests,
            "environment": {
                "testEnvironment": ", ".join(record.target for record in records),
                "extra": {"urls": [record.url for record in records]},
            },
            "extra": {"verdicts": {record.target: record.verdict["word"] for record in records}},
        },
    }


def _test(record: Record, check: Line) -> dict[str, Any]:
    ended = datetime.fromisoformat(record.header["started"]) + timedelta(seconds=check["ended_s"])
    duration = round(check["seconds"] * 1000)
    test: dict[str, Any] = {
        "name": check["check"],
        "status": STATUSES[check["outcome"]],
        "duration": duration,
        "start": _ms(ended) - duration,
        "stop": _ms(ended),
        "suite": [record.target, check["check"].partition(".")[0]],
        "rawStatus": check["outcome"],
        "extra": {"title": check["title"], "operations": check["operations"]},
    }
    if check["reason"]:
        test["message"] = check["reason"]
    if check["text"]:
        test["trace"] = check["text"]
    if check["cause"]:
        test["extra"]["cause"] = check["cause"]
    return test


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
