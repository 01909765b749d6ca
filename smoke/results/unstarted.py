"""The record of a run that never began: nothing was sent, because the suite is misused."""

from datetime import UTC, datetime
from pathlib import Path

from smoke.config.again import run_again
from smoke.errors import SmokeError
from smoke.results.record import UNFINISHED, Line, Record
from smoke.results.run import FORMAT
from smoke.results.verdict import word_of


def header_without_settings(target: str) -> Line:
    """Return a record's first line for a target whose settings cannot be read."""
    texts = dict.fromkeys(("url", "serve", "smoke", "python", "trace_url"), "")
    return {
        "kind": "run",
        "format": FORMAT,
        "id": "0" * 8,
        "trace_id": "0" * 32,
        "target": target,
        "started": datetime.now(UTC).isoformat(),
        "contract": {"name": "", "digest": "", "operations": 0},
        "gates": [],
        "set": [],
        "again": run_again(Path.cwd(), f"smoke-{target}", target),
        **texts,
    }


def unstarted(target: str, error: SmokeError) -> Record:
    """Return the record of a run that an error kept from beginning."""
    verdict: Line = {
        **UNFINISHED,
        "kind": "verdict",
        "word": str(word_of(error.exit_code)),
        "reason": str(error),
        "cause": str(error.cause),
        "exit": int(error.exit_code),
        "seconds": 0.0,
    }
    return Record(header_without_settings(target), last=verdict)
