"""What CI runs: the browser is installed where it is missing, and nothing else needs one."""

import shutil
import subprocess
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
BASH = shutil.which("bash") or "bash"


def install(path: Path, *programs: str) -> subprocess.CompletedProcess[str]:
    """Run `.ci/browser` where nothing but some programs can be found."""
    for program in programs:
        (path / program).symlink_to(shutil.which(program) or "/bin/true")
    return subprocess.run(  # noqa: S603  (our own script)
        [BASH, str(ROOT / ".ci/browser")], env={"PATH": str(path)}, capture_output=True, text=True,
        check=False, timeout=20,
    )  # fmt: skip


def test_nothing_is_installed_where_there_is_a_browser(tmp_path: Path) -> None:
    assert install(tmp_path, "chromium", "chromedriver").returncode == 0


def test_what_to_do_is_told_where_there_is_no_apt(tmp_path: Path) -> None:
    done = install(tmp_path, "chromium", "id")
    assert done.returncode == 1
    assert "there is no apt-get" in done.stderr


def test_command_is_told_where_there_is_no_sudo(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    done = install(tmp_path, "apt-get")
    assert done.returncode == 1
    assert "apt-get install -y --no-install-recommends chromium" in done.stderr


def test_both_pipelines_install_the_browser_before_its_session() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert script.endswith("\n.ci/browser\nnox -s browser\n")
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    steps = [step.get("run") for step in workflow["jobs"]["browser"]["steps"]]
    assert steps[-2:] == [".ci/browser", "nox -s browser"]


def test_other_tests_need_no_browser() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "browser" in settings["tool"]["pytest"]["norecursedirs"]
