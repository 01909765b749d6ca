"""
The screens of runs as text, at 80 and 120 columns and as a CI service shows them.

`python -m tests.report.screens` writes them again; a test compares them with the files here.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from smoke.errors import ConfigError, UnverifiedError
from smoke.report.columns import StyledLine
from smoke.report.files import annotations
from smoke.report.several import end_of_one, end_of_several
from smoke.report.summary import check_line, header, service
from smoke.results.heading import unstarted
from smoke.results.ledger import NOT_REACHED, Account, Row
from smoke.results.record import Record
from smoke.results.record_reader import read
from tests.results.records import GONE, MAKE, READ, begun, ended, green, red, sent

HERE = Path(__file__).parent

# Columns of each view; a CI service has no width of its own.
VIEWS = {"80": 80, "120": 120, "ci": 80}

# What differs from run to run, and what stands for it.
VARIABLE = {
    r"run [0-9a-f]{8}": "run 0123abcd",
    r"\b00-[0-9a-f]{32}-": "00-0123456789abcdef0123456789abcdef-",
    r"/t/[0-9a-f]{32}": "/t/0123456789abcdef0123456789abcdef",
    r"\d+\.\d s\b": "0.1 s",
}


def screens() -> Iterator[tuple[str, str]]:
    """Every screen with the name of its file."""
    with TemporaryDirectory() as folder:
        shown = {
            "green": [green(Path(folder, "1"))],
            "red": [red(Path(folder, "2"))],
            "unverified": [unverified(Path(folder, "3"))],
            "misused": [unstarted("staging", ConfigError(["gate 'bokks' does not exist."]))],
            "three_targets": [
                green(Path(folder, "4"), "us"),
                red(Path(folder, "4"), "europe"),
                unverified(Path(folder, "4"), "asia"),
            ],
        }
    for name, records in shown.items():
        for view, width in VIEWS.items():
            lines = [text for text, _ in screen(records, width)]
            if view == "ci":
                lines = [*annotations(records), *lines]
            yield f"{name}.{view}.txt", _steady("\n".join(line.rstrip() for line in lines)) + "\n"


def screen(records: list[Record], width: int) -> Iterator[StyledLine]:
    """What a run prints, in the order in which it prints it."""
    for record in records:
        yield from header(record.header, width)
    for record in records:
        label = f"{record.target}  " if len(records) > 1 else ""
        if record.service:
            yield from service(f"{label}{record.url}", record.version)
        for check in record.checks:
            rows = record.sent_by.get(check["check"], [])
            name = f"{label}{check['check']}"
            yield check_line(name, check["outcome"], rows, check["seconds"], width)
    yield "", ""
    page = Path.cwd() / ".smoke/report.html"
    if len(records) == 1:
        yield from end_of_one(records[0], page, [], width)
    else:
        yield from end_of_several(records, {r.target: page for r in records}, page, {}, width)


def unverified(folder: Path, target: str = "staging") -> Record:
    """A run against a service that never became ready."""
    path = folder / target / "run.jsonl"
    run = begun(path, target, url="http://127.0.0.1:9")
    run.current = "readiness"
    error = "ConnectError: All connection attempts failed"
    sent(run, "GET /ready", None, error=error, environment=True, elapsed_ms=1.0, actor="anonymous",
         request_headers={}, url="http://127.0.0.1:9/ready")  # fmt: skip
    why = f"Nothing answers: GET http://127.0.0.1:9/ready: {error} (tried for 30 s). "
    why += "Is the service up, and is the URL right?"
    rows = (Row(name, "books", Account.LEFT_OUT, NOT_REACHED) for name in (READ, MAKE, GONE))
    ended(run, *rows, stopped=UnverifiedError(why))
    return read(path)


def _steady(text: str) -> str:
    """The text with the same ids and times in every run."""
    for pattern, instead in VARIABLE.items():
        text = re.sub(pattern, instead, text)
    return text
