"""The public face: a check of any project imports from `smoke`, and from its own package only."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import smoke
from tests.smoking import ROOT, clean_environ, smoke_run
from tests.unlike import lockers
from tests.unlike.projects import KEYS, ended, project_of
from tests.unlike.serve import serving

CHECKS = sorted((ROOT / "smoke" / "checks").glob("*.py"))

FOREIGN_CHECK = '''\
"""Lockers: a check of another team, written with the public face alone."""

from smoke import Actor, Answer, Cleanup, Expect, Run, exercises, together

CREATE, READ = "POST /lockers", "GET /lockers/{locker_id}"


async def created(owner: Actor, expect: Expect, run: Run, cleanup: Cleanup) -> Answer:
    """Create a locker that the run removes."""
    answer = expect(await owner.call(CREATE, json={"label": f"smoke-{run.id}"}))
    cleanup(owner, "DELETE /lockers/{locker_id}", locker_id=answer.value("/id"))
    return answer


@exercises(CREATE, READ)
async def test_created_locker_is_read_back(
    owner: Actor, expect: Expect, run: Run, cleanup: Cleanup
) -> None:
    """A created locker is read back by its id, as often as it is asked for."""
    made = await created(owner, expect, run, cleanup)
    locker_id: int = made.value("/id")
    calls = [owner.call(READ, locker_id=locker_id) for _ in range(2)]
    for exchange in await together(calls):
        expect(exchange).holds("/id", locker_id)
'''


def test_every_public_name_is_found_and_typed() -> None:
    tree = ast.parse(Path(smoke.__file__).read_text(encoding="utf-8"))
    typed = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("smoke.")
        for alias in node.names
    }
    assert typed == set(smoke.__all__)
    assert all(getattr(smoke, name) is not None for name in smoke.__all__)
    assert [name for name in smoke.__all__ if f"`{name}`" not in (smoke.__doc__ or "")] == []


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Actress'"):
        _ = smoke.Actress  # type: ignore[attr-defined]


def test_importing_the_package_imports_no_room() -> None:
    code = "import sys, smoke; print([name for name in sys.modules if name.startswith('smoke.')])"
    done = subprocess.run(  # noqa: S603  (our own code)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.stem)
def test_checks_import_only_the_face_and_their_own_package(path: Path) -> None:
    imported = [
        node.module or ""
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    rooms = [name for name in imported if name.startswith("smoke.")]
    assert [name for name in rooms if not name.startswith("smoke.checks")] == []


def test_foreign_check_passes_a_run(tmp_path: Path) -> None:
    with serving(lockers.make("")) as url:
        row, more = f'base_url = "{url}"', 'checks = "their_checks"'
        root = project_of("lockers", tmp_path / "project", row, more)
        write_foreign_package(root)
        run = smoke_run(tmp_path, root=root, PYTHONPATH=str(root), **KEYS)
    assert run.code == 0, run.out
    assert ended(run)["lockers.created_locker_is_read_back"] == "passed"


@pytest.mark.timeout(300)  # mypy reads the whole engine, without a cache
def test_foreign_check_passes_strict_types(tmp_path: Path) -> None:
    package = write_foreign_package(tmp_path)
    words = ("--strict", "--cache-dir", str(tmp_path / "cache"), str(package))
    done = subprocess.run(  # noqa: S603  (our own code)
        [sys.executable, "-m", "mypy", *words], check=False, capture_output=True, text=True,
        env=clean_environ(MYPYPATH=str(ROOT)), cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def write_foreign_package(folder: Path) -> Path:
    """Write a package with one check of another team, and return its folder."""
    package = folder / "their_checks"
    package.mkdir()
    (package / "__init__.py").write_text('"""Their checks."""\n', encoding="utf-8")
    (package / "test_lockers.py").write_text(FOREIGN_CHECK, encoding="utf-8")
    return package
