"""The files of a merge: each written as it is made, none of them whole in memory."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from smoke.errors import Cause
from smoke.fleet.merge.merger import Answer, Merged
from smoke.fleet.merge.page import page
from smoke.report.columns import many
from smoke.report.junit import clean
from smoke.report.markdown import SIGNS
from smoke.results.verdict import Word

# The version of `verdict.json`; a member is added without changing it, never taken away.
SCHEMA = 1

# Targets that the Markdown lists; a comment on GitHub has room for 65,536 characters.
MOST_ROWS = 100

CELL_MOST = 300


def write_files(merged: Merged, folder: Path, pages: Mapping[str, str]) -> Path:
    """
    Write the four files of a fleet's run, and return the path of the page.

    `pages` has the path of a target's own page, relative to the folder, by the target's name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "verdict.json": _verdict(merged, pages),
        "junit.xml": _junit(merged),
        "summary.md": markdown(merged),
        "index.html": page(merged, pages),
    }
    for name, parts in files.items():
        # Renamed when it is complete: a rollout may read verdict.json at any moment.
        place = folder / f".{name}"
        with place.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(parts)
        place.replace(folder / name)
    return folder / "index.html"


def _verdict(merged: Merged, pages: Mapping[str, str]) -> Iterator[str]:
    """`verdict.json`: the one verdict, then a target in a line, the worst first."""
    worst = merged.worst
    head = {
        "schema": SCHEMA, "verdict": str(worst.word), "exit": int(worst.exit),
        "cause": worst.cause, "reason": merged.reason, "run": merged.run,
        "counts": merged.counts, "missing": merged.missing, "duplicates": merged.duplicates,
        "not_counted": merged.stray_count, "not_counted_records": list(merged.strays),
    }  # fmt: skip
    yield json.dumps(head, ensure_ascii=False, indent=1)[:-2]
    yield ',\n "targets": ['
    for number, answer in enumerate(merged.answers):
        yield ",\n  " if number else "\n  "
        yield json.dumps(_target(answer, pages), ensure_ascii=False)
    yield "\n ]\n}\n"


def _target(answer: Answer, pages: Mapping[str, str]) -> dict[str, Any]:
    name, last = answer.expected.name, answer.last
    return {
        "target": name, "verdict": str(answer.word), "exit": int(answer.exit),
        "cause": answer.cause, "reason": answer.reason, "came_back": last is not None,
        "url": last.url if last else "", "version": last.version if last else "",
        "seconds": last.seconds if last else 0.0, "requests": last.requests if last else 0,
        "attempts": [{"attempt": d.attempt, "verdict": d.word} for d in answer.attempts],
        "units": answer.units, "tags": list(answer.expected.tags), "page": pages.get(name, ""),
    }  # fmt: skip


def _junit(merged: Merged) -> Iterator[str]:
    """One suite with a case for each target; an unverified target is an error."""
    answers = merged.answers
    failures = sum(answer.word is Word.RED for answer in answers)
    errors = sum(answer.word not in (Word.RED, Word.GREEN) for answer in answers)
    counts = f'tests="{len(answers)}" failures="{failures}" errors="{errors}" skipped="0"'
    yield f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="smoke fleet" {counts}>\n'
    yield f"<testsuite name={_attribute(f'smoke fleet {merged.run}')} {counts}>\n"
    for answer in answers:
        yield from _case(answer)
    yield "</testsuite>\n</testsuites>\n"


def _case(answer: Answer) -> Iterator[str]:
    seconds = answer.last.seconds if answer.last else 0.0
    name = _attribute(answer.expected.name)
    yield f'<testcase classname="smoke.fleet" name={name} time="{seconds:.3f}"'
    if answer.word is Word.GREEN:
        yield f"><system-out>{escape(clean(answer.remark))}</system-out></testcase>\n"
        return
    kind = "failure" if answer.word is Word.RED else "error"
    message = _attribute(f"{answer.word}: {answer.reason}")
    why = _attribute(answer.cause or str(Cause.HARNESS))
    yield f"><{kind} type={why} message={message}/></testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(clean(text))


def markdown(merged: Merged) -> Iterator[str]:
    """The summary of a CI step: the verdict, the counts, and the targets that are not green."""
    worst, counts = merged.worst, merged.counts
    cause = f" ({worst.cause})" if worst.cause and worst.word is not Word.GREEN else ""
    yield f"## {SIGNS[worst.word]} {str(worst.word).upper()}{cause} · fleet\n\n"
    if merged.reason:
        yield f"{_cell(merged.reason)}\n\n"
    summary = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    yield f"{len(merged.answers)} targets: {summary}\n"
    # A green target with a remark, such as a second attempt, is worth a look, too.
    bad = [answer for answer in merged.answers if answer.word is not Word.GREEN or answer.remark]
    if bad:
        yield "\n| target | verdict | cause | why | version |\n|---|---|---|---|---|\n"
    for answer in bad[:MOST_ROWS]:
        version = answer.last.version if answer.last else ""
        cells = (answer.expected.name, f"{SIGNS[answer.word]} {answer.word}", answer.cause)
        yield f"| {' | '.join(map(_cell, (*cells, answer.reason, version)))} |\n"
    if len(bad) > MOST_ROWS:
        yield f"\n… and {len(bad) - MOST_ROWS} more targets in `index.html`\n"
    if merged.stray_count:
        yield f"\nNot counted: {many(merged.stray_count, 'record')}\n\n"
        yield from (f"- {_cell(line)}\n" for line in merged.strays)


def _cell(text: str) -> str:
    """A text in a cell of a table; nothing in it is markup."""
    text = " ".join(text[:CELL_MOST].split())
    return re.sub(r"([\\`*_\[\]<>|~#!&@])", r"\\\1", text)
