"""The files of an attempt: `run.jsonl.gz` with the attempt's identity, and `verdict.json`."""

import gzip
import json
import platform
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from smoke.errors import Cause, DataError, Exit
from smoke.fleet.unit.attempt import Ended
from smoke.report.verdict_json import verdict_json
from smoke.results.heading import header_without_settings
from smoke.results.outcome import WORST_FIRST
from smoke.results.record import UNFINISHED, Line, Record
from smoke.results.record_reader import read
from smoke.results.verdict import Word, word_of

# The two files of an attempt, and the file that marks it as running.
RECORD, VERDICT, UNIT = "run.jsonl.gz", "verdict.json", "unit.json"

# Characters of a misuse that a verdict repeats.
REASON_MOST = 2000


@dataclass(frozen=True)
class Identity:
    """The identity of an attempt: the fleet's run, the unit, the number, and the host."""

    run: str
    unit: str
    attempt: int
    host: str
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    def mark(self, work: Path, target: str) -> None:
        """Write the file that marks this attempt as running, for `smoke fleet status`."""
        text = json.dumps({"target": target, **asdict(self)})
        (work / UNIT).write_text(text, encoding="utf-8")


def conclude(work: Path, target: str, identity: Identity, ended: "Ended") -> Exit:
    """Write both files of an attempt into `done`, and return its exit code."""
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
    """The first line of a record, for a run that ended before writing it."""
    return header_without_settings(target) | {
        "id": identity.unit,
        "trace_id": identity.unit * 4,
        "started": identity.started,
        "python": platform.python_version(),
        "again": f"smoke run {target}",
    }


def _middle(path: Path | None) -> Iterator[str]:
    """The lines between the first and the verdict, without a line that a kill cut off."""
    if path is None:
        return
    *lines, _cut = path.read_text(encoding="utf-8", errors="replace").split("\n")
    for line in lines[1:]:
        if not line.startswith('{"kind": "verdict"'):
            yield line


def _verdict(record: Record, ended: "Ended") -> Line:
    """
    The last line of the record: its own, if the exit code of the process agrees with it.

    Green needs both. A red result stays red, whatever ended the run.
    """
    seen = record.verdict
    if record.last is not None and ended.code == seen["exit"] and not ended.why:
        return seen
    code, cause, reason = _why(record, ended)
    # The process and its record disagree: believe the worse of the two.
    worst = min(code, Exit(seen["exit"]), key=WORST_FIRST.index)
    if record.word is Word.RED or (record.last is not None and worst is not code):
        return {"kind": "verdict"} | seen
    document = {"word": str(word_of(worst)), "exit": int(worst), "cause": cause, "reason": reason}
    return {"kind": "verdict", "seconds": 0.0} | (UNFINISHED | seen | document)


def _why(record: Record, ended: "Ended") -> tuple[Exit, str, str]:
    """Exit code, cause and reason for a process that ended differently from its record."""
    if ended.why:
        return Exit.UNVERIFIED, str(Cause.ENVIRONMENT), ended.why
    if ended.code < 0:
        return _signalled(-ended.code)
    if ended.code not in set(Exit) - {Exit.GREEN}:
        word = "no verdict" if record.last is None else f"the verdict {record.word}"
        reason = f"the process ended with code {ended.code}, but its record has {word}"
        return Exit.INTERNAL, str(Cause.HARNESS), reason
    # pytest writes a misuse after this word; warnings of Python may come before it.
    reason = ended.errors.rpartition("ERROR:")[2].strip()[-REASON_MOST:]
    reason = reason or f"the process ended with code {ended.code}"
    return Exit(ended.code), str(Cause.HARNESS), reason


def _signalled(number: int) -> tuple[Exit, str, str]:
    """The result of a signal: one from outside counts as environment, a crash as our defect."""
    from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM, Signals

    name = Signals(number).name if number in set(Signals) else f"signal {number}"
    if number in (SIGKILL, SIGTERM, SIGINT, SIGHUP):
        return Exit.UNVERIFIED, str(Cause.ENVIRONMENT), f"the run was killed ({name})"
    return Exit.INTERNAL, str(Cause.HARNESS), f"the run crashed ({name})"


def _dumps(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False)
