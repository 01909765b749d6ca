"""What an attempt leaves: `run.jsonl.gz` that says which attempt it is of, and `verdict.json`."""

from __future__ import annotations

import gzip
import json
import platform
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from smoke.errors import Cause, DataError, Exit
from smoke.report.verdict_json import verdict_json
from smoke.results.record import UNFINISHED, Record, read
from smoke.results.run import FORMAT
from smoke.results.severity import WORST_FIRST
from smoke.results.verdict import Word, word_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smoke.fleet.unit.attempt import Ended
    from smoke.results.record import Line

# The two files of an attempt, and the one that stands for it while it goes on.
RECORD, VERDICT, UNIT = "run.jsonl.gz", "verdict.json", "unit.json"

# Characters of a misuse that a verdict repeats.
REASON_MOST = 2000


@dataclass(frozen=True)
class Identity:
    """Which attempt this is: of which fleet's run, by which unit, and where."""

    run: str
    unit: str
    attempt: int
    host: str
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    def mark(self, work: Path, target: str) -> None:
        """Leave a file that shows that this attempt is running, for `smoke fleet status`."""
        text = json.dumps({"target": target, **asdict(self)})
        (work / UNIT).write_text(text, encoding="utf-8")


def conclude(work: Path, target: str, identity: Identity, ended: Ended) -> Exit:
    """Write both files of an attempt into `done`, and return the exit code it stands for."""
    path = next(work.glob("*/run.jsonl"), None)
    record = _read(path)
    if record is None:
        path, record = None, Record(_heading(target, identity))
    verdict = _verdict(record, ended)
    record = replace(record, last=verdict)
    done = work / "done"
    lines = [_dumps(record.header | {"unit": asdict(identity)}), *_middle(path), _dumps(verdict)]
    with gzip.open(done / RECORD, "wt", encoding="utf-8", compresslevel=6) as file:
        file.writelines(f"{line}\n" for line in lines)
    document = verdict_json(record) | {"unit": asdict(identity)}
    text = json.dumps(document, ensure_ascii=False, indent=2)
    (done / VERDICT).write_text(f"{text}\n", encoding="utf-8")
    return Exit(verdict["exit"])


def _read(path: Path | None) -> Record | None:
    if path is not None:
        with suppress(DataError):
            return read(path)
    return None


def _heading(target: str, identity: Identity) -> Line:
    """The first line of a record that the run itself did not come to write."""
    texts = dict.fromkeys(("url", "serve", "smoke", "trace_url"), "")
    return {
        "kind": "run", "format": FORMAT, "id": identity.unit, "trace_id": identity.unit * 4,
        "target": target, "started": identity.started, **texts,
        "python": platform.python_version(),
        "contract": {"name": "", "digest": "", "operations": 0},
        "gates": [], "set": [], "again": f"smoke run {target}",
    }  # fmt: skip


def _middle(path: Path | None) -> Iterator[str]:
    """The lines between the first and the verdict; one that a kill cut short is left out."""
    if path is None:
        return
    *lines, _cut = path.read_text(encoding="utf-8", errors="replace").split("\n")
    for line in lines[1:]:
        if not line.startswith('{"kind": "verdict"'):
            yield line


def _verdict(record: Record, ended: Ended) -> Line:
    """
    The last line of the record: its own where the process ended as that line says.

    Green must be earned by both. Red that was seen stays red, whatever ended the run.
    """
    seen = record.verdict
    if record.last is not None and ended.code == seen["exit"] and not ended.why:
        return seen
    code, cause, reason = _why(record, ended)
    worst = min(code, Exit(seen["exit"]), key=WORST_FIRST.index)
    if record.word is Word.RED or (record.last is not None and worst is not code):
        return {"kind": "verdict"} | seen
    document = {"word": str(word_of(worst)), "exit": int(worst), "cause": cause, "reason": reason}
    return {"kind": "verdict", "seconds": 0.0} | (UNFINISHED | seen | document)


def _why(record: Record, ended: Ended) -> tuple[Exit, str, str]:
    """How a process that did not end as its record says is taken: exit code, cause, reason."""
    if ended.why:
        return Exit.UNVERIFIED, str(Cause.ENVIRONMENT), ended.why
    if ended.code < 0:
        return _signalled(-ended.code)
    if ended.code not in set(Exit) - {Exit.GREEN}:
        says = "has no verdict" if record.last is None else f"says {record.word}"
        reason = f"the process ended with code {ended.code}, but its record {says}"
        return Exit.INTERNAL, str(Cause.HARNESS), reason
    # pytest writes a misuse behind this word; warnings of Python may stand before it
    reason = ended.errors.rpartition("ERROR:")[2].strip()[-REASON_MOST:]
    reason = reason or f"the process ended with code {ended.code}"
    return Exit(ended.code), str(Cause.HARNESS), reason


def _signalled(number: int) -> tuple[Exit, str, str]:
    """A signal from outside is the environment's doing; a crash is ours."""
    from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM, Signals

    name = Signals(number).name if number in set(Signals) else f"signal {number}"
    if number in (SIGKILL, SIGTERM, SIGINT, SIGHUP):
        return Exit.UNVERIFIED, str(Cause.ENVIRONMENT), f"the run was killed ({name})"
    return Exit.INTERNAL, str(Cause.HARNESS), f"the run crashed ({name})"


def _dumps(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False)
