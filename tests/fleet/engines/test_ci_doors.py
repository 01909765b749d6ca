"""
Pipelines of GitHub and GitLab run for real, by local runners, on small fleets with faults.

The merged verdict must be that of one machine, and a unit that was killed must be unverified.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.desk import has, project
from tests.fleet.engines.node import NODE, node_path
from tests.fleet.engines.pipelines import act, commit, repository, run, verdict, words_of
from tests.fleet.simulation import drawn, simulated
from tests.fleet.units import environ_of, smoke

# Targets of each engine; `FLEET_TARGETS=300 nox -s fleet -- -k equals` has those of the docs.
MANY = int(os.environ.get("FLEET_TARGETS", "8"))

# Targets of a job: the local runners run two jobs at the same time.
SHARD = max(2, MANY // 10)

FLEET = f"""\
name: Caller
on: workflow_dispatch
jobs:
  fleet:
    uses: ./.github/workflows/fleet.yml
    with: {{ targets: list.json, setup: "true", shard: {SHARD} }}
    secrets: {{ user-password: "${{{{ secrets.SMOKE_USER_PASSWORD }}}}" }}
"""

SINGLE = """\
name: Caller
on: workflow_dispatch
jobs:
  smoke:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: ./.github/actions/smoke
        with: { target: known, setup: "true" }
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("desk") / "project")
    has(folder, {"known": 'base_url = "http://127.0.0.1:9"\nready_s = 0.2'})
    repository(folder)
    return folder


def one_machine(root: Path) -> int:
    """The exit code of the same list, asked and merged without any engine."""
    code = 0
    for words in (
        ("plan", "list.json", "--out", "one.json"),
        ("run", "one.json", "--unit", "one", "--retry-pause", "0", "--at-once", "2"),
        ("merge", "one.json", "one", "--out", "one-out"),
    ):
        code = subprocess.run(  # noqa: S603  (our own module)
            smoke("fleet", *words), cwd=root, env=environ_of(), capture_output=True, check=False
        ).returncode
    return code


def test_github_verdict_equals_that_of_one_machine(root: Path, tmp_path: Path) -> None:
    with simulated(drawn(MANY), root / "list.json") as expected:
        done = act(root, FLEET, tmp_path)
        code = one_machine(root)
    found = verdict(tmp_path / "artifacts/smoke-fleet/smoke-fleet/verdict.json")
    assert words_of(found) == expected, done.stdout[-3000:]
    assert words_of(found) == words_of(verdict(root / "one-out/verdict.json"))
    assert (found["exit"], code) == (1, 1)
    assert done.returncode == 1
    assert "Job 'merge' failed" in done.stdout + done.stderr or "Job failed" in done.stdout


def test_github_action_asks_one_target(root: Path, tmp_path: Path) -> None:
    done = act(root, SINGLE, tmp_path)
    assert done.returncode == 1, done.stdout[-3000:]
    records = tmp_path / "artifacts/smoke/smoke-records"
    assert verdict(records / "known/verdict.json")["exit"] == 2, done.stdout[-3000:]


def gitlab(root: Path, home: Path, pipeline: str) -> subprocess.CompletedProcess[str]:
    """Run a pipeline with `gitlab-ci-local`, its jobs as processes of this machine."""
    program = node_path("gitlab-ci-local") / "dist/index.js"
    assert shutil.which("rsync"), "gitlab-ci-local needs rsync: run .ci/fleet"
    (root / ".gitlab-ci.yml").write_text(pipeline, encoding="utf-8")
    commit(root)
    return run([str(NODE), str(program), "--force-shell-executor"], root, home)


def test_gitlab_verdict_equals_that_of_one_machine(root: Path, tmp_path: Path) -> None:
    with simulated(drawn(MANY), root / "list.json") as expected:
        planned = subprocess.run(  # noqa: S603  (our own module)
            smoke("fleet", "plan", "list.json", "--shard", str(2 * SHARD), "--format", "gitlab"),
            cwd=root, env=environ_of(), capture_output=True, text=True, check=True,
        )  # fmt: skip
        done = gitlab(root, tmp_path, planned.stdout)
        code = one_machine(root)
    found = verdict(root / "smoke-fleet/verdict.json")
    assert words_of(found) == expected, done.stdout[-3000:] + done.stderr[-1000:]
    assert words_of(found) == words_of(verdict(root / "one-out/verdict.json"))
    assert (found["exit"], code, done.returncode) == (1, 1, 1)


COMPONENT = """\
include:
  - local: templates/smoke.yml
    inputs: { target: known, setup: "true" }
"""


def test_gitlab_component_asks_one_target(root: Path, tmp_path: Path) -> None:
    done = gitlab(root, tmp_path, COMPONENT)
    assert done.returncode == 1, done.stdout
    assert "exit code 2" in done.stdout + done.stderr, done.stdout[-3000:]


FLEET_COMPONENT = """\
include:
  - local: templates/fleet.yml
    inputs: { targets: list.json, setup: "true", shard: "4" }
"""


def test_gitlab_component_asks_a_fleet_in_a_child_pipeline(root: Path, tmp_path: Path) -> None:
    shutil.rmtree(root / "smoke-fleet", ignore_errors=True)
    with simulated(drawn(8), root / "list.json") as expected:
        done = gitlab(root, tmp_path, FLEET_COMPONENT)
    said = done.stdout[-3000:] + done.stderr[-1000:]
    assert words_of(verdict(root / "smoke-fleet/verdict.json")) == expected, said
    # This runner reports the child's red merge, but ignores `strategy: depend`, by which GitLab
    # makes it the result of the parent.
    assert re.search(r"\[fleet\] -> merge .* FAIL 1", said), said
    template = (root / "templates/fleet.yml").read_text(encoding="utf-8")
    assert "strategy: depend" in template
