"""Asking one target as one unit of work: at most two attempts, each of them kept."""

import secrets as entropy
import shutil
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from smoke.config.settings import Flags, read_settings
from smoke.documents import UnreadableError, read_text
from smoke.errors import ConfigError, Exit, SmokeError
from smoke.fleet.expectation import folder_name
from smoke.fleet.unit.attempt import ATTEMPTS, PAUSE_S, Ended, attempt
from smoke.fleet.unit.conclude import Identity, conclude
from smoke.pytest_plugin import PLUGINS

STOPPING = (signal.SIGTERM, signal.SIGINT)

# Secrets from mounted files: SMOKE_USER_PASSWORD_FILE=/run/secrets/{target} and its like.
OURS, SUFFIX = "SMOKE_", "_FILE"


@dataclass(frozen=True)
class Order:
    """
    The order for one unit.

    `table` is `[tool.smoke]` with the row of the target, `records` the directory that gets a
    directory for each attempt, `run` the id of the fleet's run (empty: the unit is its own run).
    """

    target: str
    table: Mapping[str, Any]
    root: Path
    records: Path
    environ: Mapping[str, str]
    run: str = ""
    pause_s: float = PAUSE_S
    extra: tuple[str, ...] = ()


def run_unit(order: Order) -> Exit:
    """Run against the target, a second time if the first was unverified; return the exit code."""
    unit, code = entropy.token_hex(4), Exit.UNVERIFIED
    run = order.run or unit
    with _cancellation() as cancelled:
        for number in range(1, ATTEMPTS + 1):
            code = _attempt(order, Identity(run, unit, number, socket.gethostname()), cancelled)
            # The only place that decides on a retry: engines start a unit once.
            if code is not Exit.UNVERIFIED or number == ATTEMPTS or cancelled.wait(order.pause_s):
                break
    return code


@contextmanager
def _cancellation() -> Iterator[Event]:
    """An event that SIGTERM and SIGINT set; inside the block they do not end this process."""
    cancelled = Event()
    before = {s: signal.signal(s, lambda *_: cancelled.set()) for s in STOPPING}
    try:
        yield cancelled
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _attempt(order: Order, identity: Identity, cancelled: Event) -> Exit:
    """Make one attempt, and publish its directory when both of its files are complete."""
    name = folder_name(order.target, identity.run, identity.attempt)
    work = order.records / f".{name}.{identity.unit}"
    shutil.rmtree(work, ignore_errors=True)
    (work / "done").mkdir(parents=True)
    try:
        identity.mark(work, order.target)
        ended = _ask(order, work, cancelled)
        code = conclude(work, order.target, identity, ended)
        _publish(work / "done", order.records / name, identity.unit)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return code


def _ask(order: Order, work: Path, cancelled: Event) -> Ended:
    """Run pytest; a configuration mistake ends the attempt before that."""
    try:
        environ = with_files(order.environ, order.target)
        flags = Flags(target=order.target)
        settings = read_settings(order.table, order.root, environ, flags)
    except SmokeError as error:
        return Ended(int(error.exit_code), "", str(error))
    words = [f"--target={order.target}", f"--records={work}", f"--rootdir={order.root}"]
    words += [*PLUGINS, "-p", "no:cacheprovider", "--no-color", *order.extra]
    return attempt(words, order.root, environ, settings.target.deadline_s, cancelled)


def _publish(done: Path, place: Path, unit: str) -> None:
    """Move the directory to its place; if another unit has used it, keep both for the report."""
    if place.exists():
        place = place.with_name(f"{place.name}.{unit}")
    done.rename(place)


def with_files(environ: Mapping[str, str], target: str) -> dict[str, str]:
    """
    The environment with each `SMOKE_<NAME>_FILE` replaced by `SMOKE_<NAME>`, the file's content.

    `{target}` in the path is the name of the target. White space at the end of the file is removed:
    editors and secret stores add a line break.

    Raises:
        ConfigError: a file cannot be read, or a variable is set both ways.
    """
    found, mistakes = dict(environ), []
    for variable in [name for name in environ if name.startswith(OURS) and name.endswith(SUFFIX)]:
        name = variable.removesuffix(SUFFIX)
        path = Path(found.pop(variable).replace("{target}", target))
        if environ.get(name):
            mistakes.append(f"Both {name} and {variable} are set. Keep one of them.")
            continue
        try:
            found[name] = read_text(path).rstrip()
        except UnreadableError as error:
            mistakes.append(f"{variable} names {path}, which cannot be read: {error.reason}.")
    if mistakes:
        raise ConfigError(mistakes)
    return found
