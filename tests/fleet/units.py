"""Units as engines start them: processes of their own, against desks on loopback."""

import gzip
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.smoking import ROOT, clean_environ


@dataclass(frozen=True)
class Left:
    """What a unit left in its folder."""

    code: int
    out: str
    records: Path

    @property
    def folders(self) -> list[str]:
        """The names of all that lies there, hidden or not."""
        return sorted(path.name for path in self.records.iterdir())

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """Each attempt's verdict, in the order of their names."""
        found = [self.records / name / "verdict.json" for name in self.folders]
        return [json.loads(path.read_text(encoding="utf-8")) for path in found]

    def lines(self, folder: str) -> list[dict[str, Any]]:
        """The lines of an attempt's record."""
        with gzip.open(self.records / folder / "run.jsonl.gz", "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def command(target: str, records: Path, *arguments: str) -> list[str]:
    """The command that an engine starts for a target."""
    options = ("--unit", str(records), "--run-id", "r1", "--retry-pause", "0")
    return smoke("run", target, *options, *arguments)


def smoke(*words: str) -> list[str]:
    """A command of smoke."""
    return [sys.executable, "-m", "smoke", *words]


def environ_of(**more: str) -> dict[str, str]:
    """The environment of a unit: this checkout, and nothing that configures another run."""
    return clean_environ(PYTHONPATH=str(ROOT), **more)


def unit(root: Path, records: Path, target: str, *arguments: str, **environ: str) -> Left:
    """Run a unit to its end."""
    done = subprocess.run(  # noqa: S603  (our own module, no shell)
        command(target, records, *arguments), cwd=root, env=environ_of(**environ),
        capture_output=True, text=True, check=False, timeout=50,
    )  # fmt: skip
    return Left(done.returncode, done.stdout + done.stderr, records)
