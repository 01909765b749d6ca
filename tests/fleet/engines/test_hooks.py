"""The hooks of pre-commit, installed by pre-commit itself, and run on commits of a project."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import project
from tests.fleet.engines.pipelines import commit, git
from tests.fleet.units import environ_of
from tests.smoking import ROOT

CONFIG = """\
repos:
  - repo: {hooks}
    rev: v1
    hooks:
      - id: smoke-plan
      - id: smoke-rules
"""


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project as a repository with a tag, as pre-commit takes its hooks from one."""
    folder = tmp_path_factory.mktemp("hooks") / "smoke"
    folder.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "smoke", folder / "smoke")
    git(folder, "init", "-q", "-b", "main")
    commit(folder)
    git(folder, "tag", "v1")
    return folder


@pytest.fixture(scope="module")
def pre_commit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, in an environment of its own."""
    folder = tmp_path_factory.mktemp("tool")
    python = f"{sys.base_prefix}/bin/python3"
    subprocess.run([python, "-m", "venv", str(folder)], check=True)  # noqa: S603
    words = [str(folder / "bin/pip"), "install", "-q", "pre-commit>=4"]
    subprocess.run(words, check=True, capture_output=True)  # noqa: S603
    return folder / "bin/pre-commit"


def test_hooks_stop_a_commit_with_a_stale_plan_or_wrong_rules(
    hooks: Path, pre_commit: Path, tmp_path: Path
) -> None:
    root = project(tmp_path / "project")
    config = CONFIG.format(hooks=hooks.as_uri())
    (root / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")

    def run(*words: str) -> tuple[int, dict[str, str]]:
        """The exit code, and for each hook whether it passed, failed or was skipped."""
        done = subprocess.run(  # noqa: S603  (a program of a wheel)
            [str(pre_commit), "run", "--color=never", *words], cwd=root, capture_output=True,
            text=True, check=False, env=environ_of(PRE_COMMIT_HOME=str(tmp_path / "home")),
        )  # fmt: skip
        heads = [line for line in done.stdout.splitlines() if line.startswith("smoke ")]
        ends = {line.partition(".")[0]: line.rpartition(".")[2] for line in heads}
        assert len(ends) == 2, done.stdout + done.stderr
        return done.returncode, {name: end.rpartition(")")[2] for name, end in ends.items()}

    plan, rules = "smoke plan --check", "smoke rules"
    assert run() == (0, {plan: "Passed", rules: "Passed"})
    other = root / "notes.txt"
    other.write_text("no file of smoke", encoding="utf-8")
    assert run("--files", str(other)) == (0, {plan: "Skipped", rules: "Skipped"})

    contract = root / "openapi/desk.json"
    document = json.loads(contract.read_text(encoding="utf-8"))
    document["paths"]["/other"] = {"get": {"responses": {"200": {"description": "fine"}}}}
    contract.write_text(json.dumps(document), encoding="utf-8")
    git(root, "add", "-A")
    assert run() == (1, {plan: "Failed", rules: "Passed"})

    with (root / "openapi/rules.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[rule]]\noperation = "GET /missing"\nactor = "reader"\n')
    git(root, "add", "-A")
    assert run()[1][rules] == "Failed"
