"""Runs the whole suite several times, and reports results that differ between the runs."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from smoke.errors import Exit
from smoke.results.record import Record

OURS = re.compile(r"--(repeat|records)(=.*)?")


def repeat(times: int, arguments: Sequence[str], records: Path) -> int:
    """Run pytest several times with the same arguments and return the worst exit code.

    Each run writes its record to `records/repeat-<n>`; the differences are printed last.
    """
    from smoke.report.compare import varied_lines
    from smoke.results.record_reader import read

    words = _without(arguments)
    worst = 0
    folders = [records / f"repeat-{number}" for number in range(1, times + 1)]
    for number, folder in enumerate(folders, 1):
        print(f"run {number} of {times}", flush=True)
        command = [sys.executable, "-m", "pytest", *words, f"--records={folder}"]
        worst = max(worst, subprocess.call(command), key=_badness)  # noqa: S603  (this suite)
    found: dict[str, list[Record]] = {}
    for record in (read(p) for folder in folders for p in sorted(folder.glob("*/run.jsonl"))):
        found.setdefault(record.target, []).append(record)
    lines = [
        f"{name}: {line}" if len(found) > 1 else line
        for name, records in found.items()
        for line in varied_lines(records)
    ]
    print("\n".join(["varied", *lines] if lines else [f"nothing varied in {times} runs"]))
    # Results that vary are a finding, even if each run was green by itself.
    return worst or (int(Exit.RED) if lines else int(Exit.GREEN))


def _badness(code: int) -> int:
    """Red outweighs all others: the service was seen to be wrong."""
    return {0: 0, 1: 9}.get(code, code)


def _without(arguments: Sequence[str]) -> list[str]:
    """The arguments without the options of this module, written in one word or in two."""
    kept, skip = [], False
    for word in arguments:
        ours = OURS.fullmatch(word)
        if not skip and not ours:
            kept.append(word)
        skip = bool(ours) and not ours.group(2) if ours else False
    return kept
