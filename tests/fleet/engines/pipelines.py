"""Repositories with pipelines that run a fleet, for the runners of GitHub and GitLab."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.fleet.units import environ_of
from tests.smoking import ROOT

BIN = Path(sys.executable).parent
GIT = shutil.which("git") or "git"

# The runner has no network, so the three actions of GitHub's that we use are short scripts.
COPIES = """\
name: A stand-in for {name}
inputs:
  name: {{ default: "" }}
  pattern: {{ default: "" }}
  path: {{ default: "." }}
  merge-multiple: {{ default: "" }}
  if-no-files-found: {{ default: "" }}
  python-version: {{ default: "" }}
runs:
  using: composite
  steps:
    - shell: bash
      env:
        NAME: ${{{{ inputs.name }}}}
        PATTERN: ${{{{ inputs.pattern }}}}
        PLACE: ${{{{ inputs.path }}}}
      run: |
        {script}
"""

STAND_INS = {
    "actions/setup-python": ":",
    "actions/upload-artifact":
        'mkdir -p "{store}/$NAME" && if [ -e "$PLACE" ]; then cp -r "$PLACE" "{store}/$NAME"; fi',
    "actions/download-artifact":
        'mkdir -p "$PLACE"; for one in "{store}/"${{PATTERN:-$NAME}}; '
        'do cp -r "$one/." "$PLACE"; done',
}  # fmt: skip


def repository(root: Path) -> None:
    """Make a project a repository that has the project's action and workflow, as a fork has."""
    shutil.copytree(ROOT / ".github/actions", root / ".github/actions", dirs_exist_ok=True)
    workflows = root / ".github/workflows"
    workflows.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / ".github/workflows/fleet.yml", workflows)
    shutil.copytree(ROOT / ".ci/gitlab/templates", root / "templates", dirs_exist_ok=True)
    (root / ".gitignore").write_text(".gitlab-ci-local/\n", encoding="utf-8")
    git(root, "init", "-q", "-b", "main")
    git(root, "remote", "add", "origin", "https://gitlab.example.com/team/project.git")
    commit(root)


def commit(root: Path) -> None:
    """Commit everything: runners look at what is tracked."""
    git(root, "add", "-A")
    name = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
    git(root, *name, "commit", "-q", "--allow-empty", "-m", "A project")


def git(root: Path, *words: str) -> None:
    """Run git there."""
    subprocess.run([GIT, *words], cwd=root, check=True, capture_output=True)  # noqa: S603


def act(root: Path, workflow: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a workflow with `act`, its jobs as processes of this machine."""
    (root / ".github/workflows/caller.yml").write_text(workflow, encoding="utf-8")
    commit(root)
    words = [str(BIN / "act"), "workflow_dispatch", "-W", ".github/workflows/caller.yml"]
    words += ["-P", "ubuntu-latest=-self-hosted", "--concurrent-jobs", "2", "--no-cache-server"]
    words += ["--action-cache-path", str(home / "cache")]
    words += ["-s", "SMOKE_USER_PASSWORD=the password of every account"]
    for name, script in STAND_INS.items():
        action = pinned(name)
        folder = home / "actions" / action.replace("/", "-").replace("@", "-")
        folder.mkdir(parents=True)
        text = COPIES.format(name=action, script=script.format(store=home / "artifacts"))
        (folder / "action.yml").write_text(text, encoding="utf-8")
        words += ["--local-repository", f"{action}={folder}"]
    return run(words, root, home)


def pinned(action: str) -> str:
    """An action with the commit at which our workflow pins it."""
    text = (ROOT / ".github/workflows/fleet.yml").read_text(encoding="utf-8")
    found = re.search(rf"{action}@\w+", text)
    assert found, action
    return found[0]


def run(words: list[str], root: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a runner with this environment's programs, and a home of its own."""
    path = f"{BIN}:{os.environ['PATH']}"
    environ = environ_of(PATH=path, HOME=str(home), GITHUB_ACTIONS="true")
    return subprocess.run(  # noqa: S603  (a program of a wheel)
        words, cwd=root, env=environ, capture_output=True, text=True, check=False
    )


def verdict(path: Path) -> dict[str, Any]:
    """The verdict of a merge."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def words_of(found: dict[str, Any]) -> dict[str, str]:
    """The word of each target."""
    return {row["target"]: row["verdict"] for row in found["targets"]}
