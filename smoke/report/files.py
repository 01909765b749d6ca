"""The files next to a record, each a pure function of one or several records."""

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from smoke.report.annotations import annotations
from smoke.report.ctrf import ctrf
from smoke.report.har import encoded, har
from smoke.report.html import html
from smoke.report.junit import junit
from smoke.report.markdown import markdown
from smoke.report.since import since_green
from smoke.report.verdict_json import combined, verdict_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from smoke.results.record import Record


def rendered(
    records: "Sequence[Record]", news: "Mapping[str, Sequence[str]] | None" = None
) -> dict[str, str]:
    """Return the files by name; `records` has at least one.

    `news` has by target what is new since its last green run, where there was one.
    """
    return {name: "".join(pieces) for name, pieces in _pieces(records, news).items()}


def _pieces(
    records: "Sequence[Record]", news: "Mapping[str, Sequence[str]] | None"
) -> "dict[str, Iterable[str]]":
    """The files by name, in pieces: whole ones of megabytes cost more than what is in them."""
    fresh = {name: lines for name, lines in (news or {}).items() if lines}
    one = len(records) == 1
    hars = [list(har(record)) for record in records]
    names = ["run.har"] if one else [f"{record.target}.har" for record in records]
    verdict = verdict_json(records[0]) if one else combined(records)
    return {
        "verdict.json": [json.dumps(verdict, ensure_ascii=False, indent=2), "\n"],
        "junit.xml": [junit(records)],
        "summary.md": [markdown(records, fresh)],
        "ctrf.json": [encoded(ctrf(records)), "\n"],
        "report.html": html(records, hars, fresh),
        **dict(zip(names, hars, strict=True)),
    }


def write_reports(
    records: "Sequence[Record]",
    folder: "Path",
    environ: "Mapping[str, str]",
    news: "Mapping[str, Sequence[str]] | None" = None,
) -> "Path":
    """Write every file into the folder and return the path of the HTML report.

    `GITHUB_STEP_SUMMARY` names a file that gets the Markdown, too. Without `news`, what is new
    since the last green runs is told from what they left in the folders of their targets.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = _pieces(records, _news(records, folder) if news is None else news)
    for name, pieces in files.items():
        with (folder / name).open("w", encoding="utf-8") as file:
            file.writelines(pieces)
    summary = environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with suppress(OSError), open(summary, "a", encoding="utf-8") as page:  # noqa: PTH123
            page.writelines(files["summary.md"])
    return folder / "report.html"


def _news(records: "Sequence[Record]", folder: "Path") -> dict[str, list[str]]:
    """What is new in each target; those of several have their folders beside the one of all."""
    own = len(records) == 1
    return {
        record.target: since_green(record, folder if own else folder.parent / record.target)
        for record in records
    }


def commands(records: "Sequence[Record]", environ: "Mapping[str, str]") -> "Iterable[str]":
    """The annotations to print, where GitHub Actions reads them."""
    return annotations(records) if environ.get("GITHUB_ACTIONS") == "true" else ()
