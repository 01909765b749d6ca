"""GitHub annotations: workflow commands that put each failure on the page of the change."""

from collections.abc import Iterator, Sequence

from smoke.errors import Cause
from smoke.results.record import Record
from smoke.results.verdict import Word

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
