"""The checks there are, by the short names that runs and entries call them."""

import re
import subprocess
import sys

from tests.faults.deployment import environment
from tests.faults.smoke_run import ROOT, TARGET

NODE = re.compile(r"^smoke/checks/(?:\w+/)*test_(\w+)\.py::test_(.+)$", re.MULTILINE)
# How the names begin of checks that are derived from the contract.
DERIVED = (
    "refusals.", "paging.", "isolation.", "negatives.", "remains.", "document.", "live.", "input.",
    "views.",
)  # fmt: skip


def hand_written_checks() -> list[str]:
    """Return the name of every hand-written check, such as `sessions.refresh_token_rotates`."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider",
               "--target", TARGET, "--base-url", "http://127.0.0.1:9"]  # fmt: skip
    done = subprocess.run(  # noqa: S603  # our own command
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True, timeout=60
    )
    return [f"{module}.{name}" for module, name in NODE.findall(done.stdout)]
