"""What a process costs: CPU seconds of its own and the most memory it held."""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.smoking import clean_environ


@dataclass(frozen=True)
class Cost:
    """CPU seconds (user and system), the most memory in MB, how it ended and what it said."""

    cpu_s: float
    memory_mb: float
    code: int
    out: str


def cost_of(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> Cost:
    """Run a command to its end and return what it cost."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        child = subprocess.Popen(  # noqa: S603  (our own commands)
            command, cwd=cwd, env=clean_environ(**environ), stdout=said, stderr=subprocess.STDOUT
        )
        _, state, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(state)
        said.seek(0)
        return Cost(
            used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, child.returncode, said.read()
        )
