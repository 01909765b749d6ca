"""The output of units: directories with a record that names its attempt."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from smoke.errors import Cause, Exit
from smoke.fleet.expectation import Expected, Fleet
from smoke.fleet.unit.attempt import Ended
from smoke.fleet.unit.conclude import Identity, conclude
from smoke.results.ledger import Account, Row
from tests.results.records import READ, begun, ended, failed, green, passed, red

RUN = "r1"


def fleet(*names: str, **more: object) -> Fleet:
    """The list of some targets, planned a minute ago."""
    created = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    targets = tuple(Expected(name, n, unit_s=60.0) for n, name in enumerate(names))
    return Fleet(RUN, created, targets, at_once=2, **more)  # type: ignore[arg-type]


def came(
    records: Path, target: str, word: str, attempt: int = 1, unit: str = "11111111", run: str = RUN
) -> Path:
    """The directory of a finished unit, with the record of a real run."""
    work = records / ".work"
    code = WORDS[word](work, target)
    (work / "done").mkdir()
    assert (
        conclude(work, target, Identity(run, unit, attempt, "here"), Ended(code, "", "a typo"))
        == code
    )
    place = records / f"{target}.{run}.{attempt}.{unit}"
    (work / "done").rename(place)
    shutil.rmtree(work)
    return place


def _green(work: Path, target: str) -> Exit:
    green(work, target)
    return Exit.GREEN


def _red(work: Path, target: str) -> Exit:
    red(work, target)
    return Exit.RED


def _silent(work: Path, target: str) -> Exit:
    run = begun(work / target / "run.jsonl", target)
    passed(run, "books.made")
    failed(run, "books.read", status=None, cause=Cause.ENVIRONMENT, error="ConnectTimeout: no byte")
    ended(run, Row(READ, "books", Account.FAILED, "books.read"))
    return Exit.UNVERIFIED


def _misused(work: Path, target: str) -> Exit:
    (work / target).mkdir(parents=True)
    return Exit.MISUSED


WORDS = {"green": _green, "red": _red, "unverified": _silent, "misused": _misused}
