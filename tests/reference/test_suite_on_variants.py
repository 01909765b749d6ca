"""
The suite is green on deployments that do what the contract leaves open in another way.

These two differ most from the usual one; `nox -s prove` runs on every variant.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.smoking import clean_environ, project

ON = '{ "*" = "on" }'
STOCK = '{ "*" = "on", activity = "off", billing = "off", vector = "off", containers = "off" }'


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("variant", "gates"), [("stock", STOCK), ("lenient", ON)])
def test_suite_is_green(variant: str, gates: str, tmp_path: Path) -> None:
    serve = f'serve = "smoke.reference --variant {variant}"'
    row = f"{serve}\ngates = {gates}\ndeadline_s = 220"
    root = project(tmp_path, row)
    command = [sys.executable, "-m", "pytest", "--target=staging", "-q", f"--records={tmp_path}/r"]
    done = subprocess.run(  # noqa: S603  # this suite, no shell
        command, cwd=root, env=clean_environ(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "GREEN" in done.stdout
