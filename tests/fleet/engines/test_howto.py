"""The how-to's way from nothing to a scheduled fleet works: every command as it is written."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.engines.temporal_server import until
from tests.fleet.units import environ_of
from tests.smoking import ROOT, free_port

PAGE = (ROOT / "docs/how-to/fleet.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Temporal:")[2].partition("\n## ")[0]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)

# A reader sees when something listens; the script has to wait for it.
LISTENS = "until (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.2; done"

# Two files: of the run that a person started, and of the first one that the schedule did.
VERDICTS = "until [ $(ls records/*/merged/verdict.json | wc -l) -ge 2 ]; do sleep 0.5; done"


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A directory with the wheel of this checkout: pip finds it there instead of in an index."""
    folder = tmp_path / "wheels"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    return folder


def lines(ports: dict[str, int]) -> Iterator[str]:
    """The section's commands in their order, at free ports, each program waited for."""
    for block in BLOCK.findall(SECTION):
        text = block
        for written, free in ports.items():
            text = text.replace(written, str(free))
        server, ui = ports["7233"], ports["8233"]
        text = text.replace("start-dev", f"start-dev --port {server} --ui-port {ui}")
        for line in text.splitlines():
            yield (
                "echo before the end"
                if line.startswith("smoke fleet temporal schedule --d")
                else ""
            )
            yield line
            yield from (LISTENS.format(port=found) for found in re.findall(r"--port (\d+)", line))
            yield f"echo code $? of {shlex.quote(line)}" if _counts(line) else ""
            yield VERDICTS if line.startswith("temporal schedule trigger") else ""


def _counts(line: str) -> bool:
    """Whether a line is a command that must succeed before the next one begins."""
    return line.startswith(("smoke ", "temporal ", "pip ")) and not line.endswith("&")


def test_section_leads_from_nothing_to_a_scheduled_fleet(tmp_path: Path, wheels: Path) -> None:
    ports = {port: free_port() for port in ("8001", "8002", "8003", "7233", "8233")}
    script = "\n".join(["set -m", *lines(ports), "wait"])
    place = tmp_path / "empty"
    place.mkdir()
    found = " ".join(filter(None, [str(wheels), os.environ.get("PIP_FIND_LINKS", "")]))
    environ = environ_of(
        PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", PIP_FIND_LINKS=found,
        TEMPORAL_ADDRESS=f"127.0.0.1:{ports['7233']}", HOME=str(tmp_path),
    )  # fmt: skip
    for name in ("SMOKE_USER_PASSWORD", "SMOKE_ENVIRONMENT", "PYTHONPATH"):
        environ.pop(name)
    done = subprocess.run(  # noqa: S603  (the page's own commands)
        [shutil.which("bash") or "bash", "-c", script], cwd=place, env=environ,
        capture_output=True, text=True, check=False, timeout=550,
    )  # fmt: skip
    said = done.stdout[-4000:] + done.stderr[-4000:]
    codes = re.findall(r"^code (\d+) of (.*)$", done.stdout, re.MULTILINE)
    assert [line for code, line in codes if code != "0"] == [], said
    assert len(codes) == 8, said
    assert "GREEN  3 green" in done.stdout, said
    assert "schedule  smoke-fleet: every 300 s, one run at a time" in done.stdout
    until(lambda: not _left(place), 30)


def _left(place: Path) -> list[str]:
    """Processes that still run in a directory."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.resolve() == place:
                found.append(link.parent.name)
        except OSError:
            continue
    return found
