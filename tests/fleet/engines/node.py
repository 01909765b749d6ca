"""Programs of the npm registry that the tests run, installed beside the session's environment."""

import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

PLACE = Path(sys.prefix) / "npm"
NODE = PLACE / "node_modules/node/bin/node"
PACKAGES = (
    "node@22", "gitlab-ci-local@4.75.1", "@kubernetes-models/argo-rollouts@2.0.0",
    "ajv@8", "ajv-formats@3",
)  # fmt: skip


def node_path(package: str) -> Path:
    """Where a package is; it is installed where it is missing."""
    PLACE.mkdir(exist_ok=True)
    with FileLock(PLACE / ".lock"):
        if not (PLACE / "node_modules" / package).exists():
            npm = shutil.which("npm")
            assert npm, "npm is not installed: apt-get install npm"
            words = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(PLACE), *PACKAGES]
            subprocess.run(words, check=True, capture_output=True)  # noqa: S603
    return PLACE / "node_modules" / package
