"""The files next to a record, each a pure function of one or several records."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from smoke.errors import Cause, UnverifiedError
from smoke.report.compare import since_green
from smoke.report.ctrf import ctrf
from smoke.report.har import encoded, har
from smoke.report.html import html
from smoke.report.junit import junit
from smoke.report.markdown import markdown
from smoke.report.verdict_json import combined, verdict_json
from smoke.results.record import Record
from smoke.results.run_dir import REPORTS, replace_together
from smoke.results.verdict import Word

PAGE = "report.html"


def _pieces(
    records: Sequence[Record], news: Mapping[str, Sequence[str]] | None
) -> dict[str, Iterable[str]]:
    """The files by name, in pieces: to join megabytes would cost more than to make them."""
    fresh = {name: lines for name, lines in (news or {}).items() if lines}
    one = len(records) == 1
    # Each archive is needed twice: as a file, and inside the page.
    hars = [list(har(record)) for record in records]
    names = ["run.har"] if one else [f"{record.target}.har" for record in records]
    verdict = verdict_json(records[0]) if one else combined(records)
    return {
        "verdict.json": [json.dumps(verdict, ensure_ascii=False, indent=2), "\n"],
        "junit.xml": [junit(records)],
        "summary.md": [markdown(records, fresh)],
        "ctrf.json": [encoded(ctrf(records)), "\n"],
        PAGE: html(records, hars, fresh),
        **dict(zip(names, hars, strict=True)),
    }


def write_reports(
    records: Sequence[Record],
    folder: Path,
    environ: Mapping[str, str],
    news: Mapping[str, Sequence[str]] | None = None,
) -> Path:
    """
    Write every file into the directory, all of them or none; return the path of the HTML report.

    `GITHUB_STEP_SUMMARY` names a file that gets the Markdown, too. Without `news`, the changes
    since the last green runs are read from the directories of the targets.

    Raises:
        UnverifiedError: they cannot be written; those marked *unfinished* stay.
    """
    files = _pieces(records, _news(records, folder) if news is None else news)
    _write(folder, files)
    # GitHub shows what a step appends to that file on the page of the job.
    summary = environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with suppress(OSError), open(summary, "a", encoding="utf-8") as page:  # noqa: PTH123
            page.writelines(files["summary.md"])
    return folder / PAGE


def begin_reports(records: Sequence[Record], folder: Path) -> None:
    """
    Replace every output of an earlier run by one that marks this run as unfinished.

    Call it when a run begins, with its record so far: its header is enough. The earlier files go
    first, so that not even a disk that is full keeps one of them.

    Raises:
        UnverifiedError: they cannot be written.
    """
    for path in (*(folder / name for name in REPORTS), *folder.glob("*.har")):
        path.unlink(missing_ok=True)
    _write(folder, _pieces(records, {}))


def _write(folder: Path, files: Mapping[str, Iterable[str]]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_together(folder, files)
    except OSError as error:
        raise UnverifiedError(
            f"{folder}: the reports cannot be written: {error.strerror}."
        ) from error


def _news(records: Sequence[Record], folder: Path) -> dict[str, list[str]]:
    """The changes of each target; with several, their directories lie beside the common one."""
    own = len(records) == 1
    return {
        record.target: since_green(record, folder if own else folder.parent / record.target)
        for record in records
    }


def commands(records: Sequence[Record], environ: Mapping[str, str]) -> Iterable[str]:
    """The annotations to print, where GitHub Actions reads them."""
    return annotations(records) if environ.get("GITHUB_ACTIONS") == "true" else ()


# GitHub shows ten annotations of a kind for a step and drops the rest.
MOST = 10


def annotations(records: Sequence[Record]) -> Iterator[str]:
    """Return one command for each failure, else one for a verdict that is not green."""
    for record in records:
        for check in record.failures[:MOST]:
            wrong = check["cause"] in (Cause.SERVICE, Cause.CONTRACT)
            message = f"{check['reason']}\nagain: {record.again(check)}"
            title = f"smoke {record.target}: {check['check']}"
            yield command("error" if wrong else "warning", title, message)
        if not record.failures and record.word is not Word.GREEN:
            level = "error" if record.word is Word.RED else "warning"
            last = record.verdict
            yield command(level, f"smoke {record.target}: {last['word']}", last["reason"])


def command(level: str, title: str, message: str) -> str:
    """Return a workflow command, escaped so that nothing in it begins another."""
    data = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    name = title.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    name = name.replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={name}::{data}"
