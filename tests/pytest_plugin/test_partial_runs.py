"""Whatever leaves checks out of a run is named, and the run is not plainly green."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, has, project
from tests.forked import run_module
from tests.smoking import ROOT, clean_environ
from tests.unlike.serve import serving

SECOND = '''
"""Notes are listed."""

import pytest


@pytest.mark.exercises("GET /notes")
async def test_notes_are_listed(reader, expect):
    """The list of notes is answered."""
    expect(await reader.call("GET /notes"), 200).that("a list", True)


@pytest.mark.exercises("GET /ready")
async def test_desk_is_ready(anonymous, expect):
    """The desk is ready."""
    expect(await anonymous.call("GET /ready"), 200)
'''
FIXTURE = """
import pytest

@pytest.fixture(scope="session")
def reader(actor):
    return actor("reader")
"""
REMOVES = "\ndef pytest_collection_modifyitems(items):\n    del items[0]\n"
DESELECTS = """
def pytest_collection_modifyitems(config, items):
    config.hook.pytest_deselected(items=items[:1])
    del items[0]
"""
SKIPS = """
def pytest_runtest_setup(item):
    if "desk_is_ready" in item.name:
        pytest.skip("not today")
"""
MARKS = """
def pytest_collection_modifyitems(items):
    for item in items:
        if "desk_is_ready" in item.name:
            item.add_marker(pytest.mark.skip(reason="not today"))
"""
EMPTIES_LATE = """
def pytest_collection_finish(session):
    session.items[:] = [item for item in session.items if "desk_is_ready" not in item.name]
"""
DROPS_FUNCTIONS = """
@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(name):
    return [] if name == "test_desk_is_ready" else None
"""
DROPS_FILES = """
@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path):
    found = yield
    return [] if file_path.name == "test_second.py" else found
"""
DROPS_MODULES = """
class Nothing(pytest.Module):
    def collect(self):
        return []

def pytest_pycollect_makemodule(module_path, parent):
    if module_path.name == "test_second.py":
        return Nothing.from_parent(parent, path=module_path)
"""
MODULE = "test_second.py"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = project(tmp_path_factory.mktemp("partial") / "project")
    (root / "desk_checks" / MODULE).write_text(SECOND, encoding="utf-8")
    with serving(Desk().app()) as url:
        has(root, {"a": f'base_url = "{url}"'})
        yield root


def run(root: Path, *arguments: str, conftest: str = "", **environ: str) -> tuple[int, str, str]:
    """Run the suite; give its exit code, what left checks out, and the line of its verdict."""
    (root / "desk_checks/conftest.py").write_text(FIXTURE + conftest, encoding="utf-8")
    environ = clean_environ(PYTHONPATH=str(ROOT), PYTHONDONTWRITEBYTECODE="1", **environ)
    done = run_module(["pytest", "--target=a", *arguments], root, environ, timeout=55)
    reported = json.loads((root / ".smoke/a/verdict.json").read_text(encoding="utf-8"))
    assert reported["partial"] is bool(reported["part"])
    out = done.stdout + done.stderr
    return (
        done.returncode,
        reported["part"],
        next((line for line in out.splitlines() if line.startswith("GREEN")), out),
    )


def test_whole_run_is_plainly_green(root: Path) -> None:
    code, part, last = run(root)
    assert (code, part) == (0, "")
    assert last.startswith("GREEN  ")


NODE = f"desk_checks/{MODULE}::test_desk_is_ready"
CACHE = "addopts=-p no:schemathesis"
IGNORED = f"{MODULE} ignored by a conftest or the settings"
SKIPPED = "skipped without a gate: second.desk_is_ready"
UNSEEN = "not collected by a conftest or a plugin: "
UNRUN = "not run by a conftest or a plugin: second.desk_is_ready"


@pytest.mark.parametrize(
    ("arguments", "conftest", "environ", "part"),
    [
        (["-k", "ready"], "", {}, "-k 'ready'"),
        (["-m", "smoke and not generated"], "", {}, "-m 'smoke and not generated'"),
        (["--deselect", NODE], "", {}, f"--deselect {NODE}"),
        ([f"--ignore=desk_checks/{MODULE}"], "", {}, f"--ignore desk_checks/{MODULE}"),
        (["--ignore-glob=*second*"], "", {}, "--ignore-glob *second*"),
        ([NODE], "", {}, NODE),
        (["desk_checks"], "", {}, "desk_checks"),
        (["-o", "python_functions=test_note*"], "", {}, "-o python_functions=test_note*"),
        ([], "", {"PYTEST_ADDOPTS": "-k ready"}, "-k 'ready' (PYTEST_ADDOPTS)"),
        ([], REMOVES, {}, "1 check removed by a conftest or a plugin"),
        ([], DESELECTS, {}, "1 check deselected by a conftest or a plugin"),
        ([], SKIPS, {}, SKIPPED),
        ([], MARKS, {}, SKIPPED),
        ([], EMPTIES_LATE, {}, UNRUN),
        ([], f"collect_ignore = ['{MODULE}']\n", {}, IGNORED),
        ([], DROPS_FUNCTIONS, {}, f"{UNSEEN}second.desk_is_ready"),
        ([], DROPS_FILES, {}, f"{UNSEEN}second.desk_is_ready, second.notes_are_listed"),
        ([], DROPS_MODULES, {}, f"{UNSEEN}second.desk_is_ready, second.notes_are_listed"),
        (["-o", CACHE, "--lf"], "", {}, "--last-failed"),
        (["-o", CACHE, "--sw"], "", {}, "--stepwise"),
    ],
)  # fmt: skip
def test_what_leaves_checks_out_is_named(
    arguments: list[str], conftest: str, environ: dict[str, str], part: str, root: Path
) -> None:
    code, reported, last = run(root, *arguments, conftest=conftest, **environ)
    assert (code, reported) == (0, part), last
    assert last.startswith("GREEN (partial)  "), last
