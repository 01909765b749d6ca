"""The first line of a record: the target, the contract and the settings."""

import platform
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from smoke.config.again import run_again
from smoke.config.settings import Settings
from smoke.config.targets import SECRET, Target
from smoke.contract import Contract
from smoke.errors import SmokeError
from smoke.results.record import UNFINISHED, Line, Record
from smoke.results.run import FORMAT
from smoke.results.verdict import word_of

# Seconds for which `--keep` leaves what a run makes.
KEPT_S = 3600


def heading(settings: "Settings", contract: Contract, actors: Iterable[str] = ()) -> dict[str, Any]:
    """
    Return the header's fields.

    `again` is the command that repeats the run, `tokens` the command that signs in each actor.
    """
    target = settings.target
    return {
        "url": target.base_url,
        "serve": target.serve,
        "smoke": _own_version(),
        "python": platform.python_version(),
        "contract": {
            "name": settings.contract.name,
            "digest": contract.digest,
            "operations": len(contract.operations),
        },
        "gates": [
            {
                "name": gate.name,
                "state": str(gate.state),
                "source": gate.source,
                "shut": gate.shut,
                "flag": gate.flag,
            }
            for gate in settings.gates
        ],
        "depth": target.depth,
        "set": _set(target),
        "trace_url": target.trace_url,
        "again": again(settings),
        "tokens": tokens(settings, actors),
    }


def again(settings: "Settings") -> str:
    """Return the command that repeats this run for anyone who pastes it; passwords are left out."""
    variables: list[str] = []
    flags: list[str] = []
    for source, value in _overrides(settings):
        if source.startswith("--"):
            flags += [source, shlex.quote(value)]
        else:
            variables.append(f"{source}={shlex.quote(value)}")
    command = run_again(settings.root, settings.session, settings.target.name)
    return " ".join([*variables, command, *flags])


def tokens(settings: "Settings", actors: Iterable[str]) -> dict[str, str]:
    """
    Return for each actor the command that prints its header.

    A service that the run starts ends with the run, so no command can sign in there.
    """
    target = settings.target
    if target.serve:
        return {}
    options = f"--target {shlex.quote(target.name)}"
    if target.sources.get("base_url", "file") != "file":
        options += f" --base-url {shlex.quote(target.base_url)}"
    return {name: f"{own_command()} token {shlex.quote(name)} {options}" for name in actors}


def kept_until(started: datetime) -> dict[str, str]:
    """Return the header's field of a run that leaves what it makes for `KEPT_S` seconds."""
    return {"kept_until": (started + timedelta(seconds=KEPT_S)).isoformat()}


def own_command() -> str:
    """The command `smoke` as this shell finds it: nox does not put its environment on the PATH."""
    if shutil.which("smoke"):
        return "smoke"
    beside = Path(sys.executable).with_name("smoke")
    here = Path.cwd()
    if beside.is_file():
        near = beside.relative_to(here) if beside.is_relative_to(here) else beside
        return shlex.quote(str(near))
    return f"{shlex.quote(sys.executable)} -m smoke"


def _overrides(settings: "Settings") -> Iterator[tuple[str, str]]:
    """The settings from flags and variables: each source with its value."""
    target = settings.target
    for key, source in target.sources.items():
        value = getattr(target, key)
        # A password must not stand in a line that people paste into a ticket.
        if source != "file" and key not in SECRET:
            many = value if isinstance(value, tuple) else (value,)
            yield from ((source, str(one)) for one in many)
    for gate in settings.gates:
        if gate.source == "--gate":
            yield gate.source, f"{gate.name}={gate.state}"
        elif gate.source not in ("file", "default"):
            yield gate.source, str(gate.state)


def _own_version() -> str:
    try:
        return version("smoke-http")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return ""


def _set(target: Target) -> list[dict[str, str]]:
    """The values that come from neither the default nor the file, with their source."""
    return [
        {"key": key, "value": "***" if key in SECRET else str(getattr(target, key)), "source": src}
        for key, src in target.sources.items()
        if src != "file"
    ]


def header_without_settings(target: str) -> Line:
    """Return a record's first line for a target whose settings cannot be read."""
    texts = dict.fromkeys(("url", "serve", "smoke", "python", "trace_url"), "")
    return {
        "kind": "run",
        "format": FORMAT,
        "id": "0" * 8,
        "trace_id": "0" * 32,
        "target": target,
        "started": datetime.now(UTC).isoformat(),
        "contract": {"name": "", "digest": "", "operations": 0},
        "gates": [],
        "set": [],
        "again": run_again(Path.cwd(), f"smoke-{target}", target),
        **texts,
    }


# Reports read a record: without one, the misuse would be on the terminal only.
def unstarted(target: str, error: SmokeError) -> Record:
    """Return the record of a run that an error kept from beginning."""
    verdict: Line = {
        **UNFINISHED,
        "kind": "verdict",
        "word": str(word_of(error.exit_code)),
        "reason": str(error),
        "cause": str(error.cause),
        "exit": int(error.exit_code),
        "seconds": 0.0,
    }
    return Record(header_without_settings(target), last=verdict)
