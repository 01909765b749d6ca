"""One smoke run in a folder of its own, and its result."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.faults.deployment import environment
from tests.faults.entries import Setting

ROOT = Path(__file__).parents[2]
# The target with every gate open; its service is replaced by the deployment's URL.
TARGET = "local"

SIGN_IN = "POST /api/v1/auth/token"

# Seconds after which a run that does not end is killed; no run may take that long.
PATIENCE_S = 180

# The exit code of a run that was killed.
HUNG = -1


@dataclass(frozen=True)
class RunResult:
    """
    The result of a run: `check` and `text` are of the first red line, `red` names all of them;
    `sent` counts its requests.

    Times are seconds. `red_s` counts from the run's first request to its first red line, `seconds`
    to its verdict, what it made being taken down by then; None where the run states no such times.
    `whole_s` counts from the start in its record to the end of its process, `wall_s` from
    the start of its process.
    """

    exit: int
    word: str = ""
    check: str = ""
    text: str = ""
    red: tuple[str, ...] = ()
    sent: int = 0
    red_s: float | None = None
    seconds: float | None = None
    whole_s: float | None = None
    wall_s: float = 0.0
    ended: datetime | None = None
    output: str = ""
    # Sign-ins that succeeded, operations that succeeded, and expectations met by each check.
    sign_ins: int = 0
    succeeded: frozenset[str] = frozenset()
    met: Counter[str] = field(default_factory=Counter)


def run(url: str, setting: Setting, *arguments: str) -> RunResult:
    """Run the smoke checks of this project against a URL, in a copy of the project's data."""
    with tempfile.TemporaryDirectory(prefix="smoke-run-") as name:
        folder = Path(name)
        prepare(folder)
        if setting.edit is not None:
            setting.edit(folder)
        address = ("--base-url", setting.base_url.format(url=url)) if setting.base_url else ()
        command = command_of(folder, *address, *setting.arguments, *arguments)
        result = executed(command, environment_of(folder, **setting.variables), folder)
        return read(result, folder / ".smoke" / TARGET / "run.jsonl")


def started(folder: Path, url: str) -> "subprocess.Popen[bytes]":
    """Start the smoke checks against a URL in an empty folder, for whoever wants to end them."""
    prepare(folder)
    # One check at a time: what is under way at its end is then the same in each run.
    words = ("--base-url", url, "--concurrency", "1")
    return subprocess.Popen(  # noqa: S603  # our own command
        command_of(folder, *words), env=environment_of(folder), cwd=folder,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def swept(folder: Path) -> tuple[int, str]:
    """Sweep after the runs of a folder; return the exit code and what was printed."""
    command = [sys.executable, "-m", "smoke", "sweep", "--target", TARGET, "--root", str(folder)]
    done = subprocess.run(  # noqa: S603  # our own command
        command, env=environment_of(folder), cwd=folder, capture_output=True, text=True,
        check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).replace(f"{folder}/", "").strip()


def prepare(folder: Path) -> None:
    """A copy of the project's data."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "openapi", folder / "openapi")
    (folder / "tests").mkdir()  # pytest warns of a testpath that is not there


def command_of(folder: Path, *arguments: str) -> list[str]:
    """The command of a run of the checks in a folder."""
    return [
        sys.executable, "-m", "pytest", f"--rootdir={folder}", "-c",
        str(folder / "pyproject.toml"), "-p", "no:cacheprovider", "--target", TARGET, *arguments,
    ]  # fmt: skip


def environment_of(folder: Path, **variables: str) -> dict[str, str]:
    """The environment of such a run."""
    environ = environment(**variables)
    return environ | {"PYTHONPATH": os.pathsep.join((str(folder), environ["PYTHONPATH"]))}


def run_command(command: str, url: str) -> RunResult:
    """Run somebody else's smoke command; `{url}` in it, and SMOKE_BASE_URL, name the URL."""
    words = [word.replace("{url}", url) for word in shlex.split(command)]
    return executed(words, {**os.environ, "SMOKE_BASE_URL": url}, Path.cwd())


def executed(command: list[str], environ: dict[str, str], folder: Path) -> RunResult:
    """Run a command in a folder, for three minutes at most."""
    began = perf_counter()
    with subprocess.Popen(  # noqa: S603  # what the user asked for, no shell
        command, env=environ, cwd=folder, text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as child:  # fmt: skip
        try:
            output, _ = child.communicate(timeout=PATIENCE_S)
            code = child.returncode
        except subprocess.TimeoutExpired:
            child.kill()
            output, code = child.communicate()[0], HUNG
    wall_s = perf_counter() - began
    return RunResult(code, output=output, wall_s=wall_s, ended=datetime.now(UTC))


def read(result: RunResult, record: Path) -> RunResult:
    """Add what stands in the run's record; a run that ended before it had one says nothing."""
    lines = _lines(record)
    failed = [row for row in lines if row["kind"] == "check" and _stopped_at(row)]
    ending = (row for row in reversed(lines) if row["kind"] == "verdict")
    verdict: dict[str, Any] = next(ending, {})
    first = failed[0] if failed else {"check": "", "text": verdict.get("reason", "")}
    began = next((row["started_s"] for row in lines if row["kind"] == "exchange"), None)
    return replace(
        result,
        word=verdict.get("word", ""),
        check=first["check"],
        text=first["text"],
        sent=sum(row["kind"] == "exchange" for row in lines),
        red=tuple(row["check"] for row in failed),
        red_s=_since(began, first.get("ended_s", verdict.get("seconds"))),
        seconds=_since(began, verdict.get("seconds")),
        whole_s=_whole(result, lines),
        sign_ins=sum(_is_sign_in(row) for row in lines),
        succeeded=frozenset(
            row["operation"] for row in verdict.get("ledger", ()) if row["account"] == "succeeded"
        ),
        met=_met(lines),
    )


def _is_sign_in(row: dict[str, Any]) -> bool:
    return row["kind"] == "exchange" and (row["operation"], row["status"]) == (SIGN_IN, 200)


def _met(lines: list[dict[str, Any]]) -> Counter[str]:
    """How many expectations each check met."""
    checks = {row["number"]: row["check"] for row in lines if row["kind"] == "exchange"}
    met = (row for row in lines if row["kind"] == "expectation" and row["met"])
    return Counter(checks.get(row["exchange"], "") for row in met)


def _stopped_at(check: dict[str, Any]) -> bool:
    """Whether a check failed, or was the one that a service which is not ready stopped."""
    return check["outcome"] == "failed" or (check["outcome"] == "blocked" and bool(check["text"]))


def _lines(record: Path) -> list[dict[str, Any]]:
    """The lines of a record; the last one may have been cut, and there may be none."""
    try:
        text = record.read_text(encoding="utf-8")
    except OSError:
        return []
    return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


def _since(began: float | None, then: float | None) -> float | None:
    return None if began is None or then is None else then - began


def _whole(result: RunResult, lines: list[dict[str, Any]]) -> float | None:
    header = next((row for row in lines if row["kind"] == "run"), None)
    if header is None or result.ended is None:
        return None
    return (result.ended - datetime.fromisoformat(header["started"])).total_seconds()
