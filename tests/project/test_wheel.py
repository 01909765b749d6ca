"""The wheel: what is in it, and that it works in an environment of its own."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a fresh environment that has the wheel, and the libraries of this one."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=True)
    # A path file adds the libraries; it is not followed further, so our editable install is not.
    libraries = next(folder.glob("lib/python3*/site-packages"))
    (libraries / "libraries.pth").write_text(sysconfig.get_paths()["purelib"], encoding="utf-8")
    python = folder / "bin/python"
    pip = [str(python), "-m", "pip", "install", "--no-index", "--no-deps", str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)  # noqa: S603
    return folder / "bin"


def test_wheel_is_the_engine_and_its_data_only(wheel: Path) -> None:
    assert wheel.name.startswith("smoke_http-")
    names = set(ZipFile(wheel).namelist())
    assert [n for n in names if n.startswith(("smoke/checks", "smoke/reference", "tests"))] == []
    for needed in (
        "smoke/py.typed",
        "smoke/config/tool.schema.json",
        "smoke/config/rules.schema.json",
        "smoke/results/run.schema.json",
        "smoke/report/html/page.css",
        "smoke/report/html/page.js",
    ):
        assert needed in names


def test_fresh_environment_has_the_command(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603  (our own command)
        [installed / "smoke", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("smoke 0.")


def test_run_in_an_empty_directory_says_what_helps(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603
        [installed / "smoke", "run"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert done.stderr.strip().endswith("Run: smoke init")
