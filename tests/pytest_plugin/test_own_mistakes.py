"""A mistake in the suite itself has its own exit code, cause and message."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.desk import Desk, has, project
from tests.forked import run_module
from tests.smoking import ROOT, clean_environ
from tests.unlike.serve import serving

HEAD = '''
"""Checks with a mistake."""

import time

import pytest
'''


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(Desk().app()) as url:
        yield url


@pytest.fixture
def root(url: str, tmp_path: Path) -> Path:
    root = project(tmp_path / "project")
    has(root, {"a": f'base_url = "{url}"\ndeadline_s = 4'})
    return root


def run(root: Path, check: str, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Run the suite with one more check; give the exit code, the verdict and the output."""
    (root / "desk_checks/test_another.py").write_text(HEAD + check, encoding="utf-8")
    environ = clean_environ(PYTHONPATH=str(ROOT))
    done = run_module(["pytest", "--target=a", *arguments], root, environ, timeout=55)
    reported = json.loads((root / ".smoke/a/verdict.json").read_text(encoding="utf-8"))
    return done.returncode, reported, done.stdout + done.stderr


def test_deadline_is_never_shown_as_a_crash(root: Path) -> None:
    code, reported, out = run(root, "def test_it():\n    while True:\n        pass\n")
    assert (code, reported["cause"]) == (2, "environment"), out
    assert reported["reason"].startswith("The run's deadline of 4 s has passed while test_it was")
    assert "crashed" not in out


def test_check_has_a_limit_of_its_own(root: Path) -> None:
    check = "@pytest.mark.timeout(0.5)\ndef test_it():\n    time.sleep(60)\n"
    code, reported, out = run(root, check, "-k", "test_it")
    assert code != 0, out
    assert "Timeout: test_it took more than 0.5 s." in reported["reason"]


def test_python_without_assert_statements_is_refused(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-O", "-m", "pytest", "--target=a"],
        cwd=root, env=clean_environ(PYTHONPATH=str(ROOT)), capture_output=True, text=True,
        check=False, timeout=55,
    )  # fmt: skip
    assert done.returncode == 4, done.stdout + done.stderr
    assert "python -O removes assert statements" in done.stderr


SHARED = """
def pytest_addoption(parser):
    parser.addoption("--base-url", dest="base_url", default="http://127.0.0.1:9")
"""


@pytest.mark.parametrize("words", [["--base-url={url}"], []])
def test_base_url_is_shared_with_the_plugin_that_has_it(
    words: list[str], url: str, root: Path
) -> None:
    row = f'base_url = "{url}"' if not words else 'base_url = "http://127.0.0.1:9"'
    has(root, {"a": row})
    (root / "pytest_base_url.py").write_text(SHARED, encoding="utf-8")
    more = (word.format(url=url) for word in words)
    environ = clean_environ(PYTHONPATH=f"{root}:{ROOT}")
    done = run_module(
        ["pytest", "--target=a", "-p", "pytest_base_url", *more], root, environ, timeout=55
    )
    assert done.returncode == 0, done.stdout + done.stderr


CALLS_NOTHING = """
async def test_it(anonymous, expect):
    expect(await anonymous.call("GET /redy"), 200)
"""
DECLARES_NOTHING = """
@pytest.mark.exercises("GET /note")
async def test_it(anonymous, expect):
    expect(await anonymous.call("GET /ready"), 200)
"""
ASSERTS = """
async def test_it(anonymous, expect):
    answer = expect(await anonymous.call("GET /ready"), 200)
    assert answer.json == {}
"""
PROVES_NOTHING = """
async def test_vain():
    pass


async def test_good(anonymous, expect):
    expect(await anonymous.call("GET /ready"), 200)
"""


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (CALLS_NOTHING, "'GET /redy' is not an operation of"),
        (DECLARES_NOTHING, "another.it declares 'GET /note', which is not an operation of"),
    ],
)
def test_operation_of_no_contract_is_misuse_with_the_nearest_name(
    check: str, message: str, root: Path
) -> None:
    code, reported, out = run(root, check)
    assert (code, reported["verdict"]) == (4, "misused"), out
    assert message in reported["reason"]
    assert "Did you mean 'GET /" in reported["reason"]


def test_known_path_that_no_contract_has_is_the_services_when_it_is_missing(root: Path) -> None:
    check = """
async def test_it(anonymous, expect):
    expect(await anonymous.call("GET /.well-known/keys.json"), 200)
"""
    code, reported, out = run(root, check)
    assert (code, reported["verdict"]) == (1, "red"), out


def test_bare_assert_is_a_failure_with_a_hint(root: Path) -> None:
    code, reported, out = run(root, ASSERTS, "-k", "test_it")
    assert code == 1, out
    assert reported["failures"][0]["hint"].startswith("This is a bare assert. With `expect`")


def test_maxfail_0_goes_on_after_a_check_that_proves_nothing(root: Path) -> None:
    code, reported, out = run(root, PROVES_NOTHING, "-k", "vain or good", "--maxfail=0")
    assert code == 4, out
    assert reported["checks"] == {"failed": 1, "passed": 1}


MAKES = """
async def test_it(owner, expect, run, cleanup):
    '''A note is written.'''
    made = expect(await owner.call("POST /notes", json={"title": f"smoke-{run.id}"}), 201)
    note = made.value("/id")
"""


def test_check_that_forgets_to_clean_up_fails_as_a_mistake_of_the_suite(root: Path) -> None:
    code, reported, out = run(root, MAKES)
    assert (code, reported["cause"]) == (3, "harness"), out
    reason = reported["failures"][0]["reason"]
    assert reason.startswith("POST /notes created /notes/"), reason
    assert "add: cleanup(ACTOR, 'DELETE /notes/{note_id}', …)" in reason
    assert "PASSED" not in out.split("another.it")[-1]


def test_check_that_registers_its_cleanup_is_green(root: Path) -> None:
    check = f'{MAKES}    cleanup(owner, "DELETE /notes/{{note_id}}", note_id=note)\n'
    code, _, out = run(root, check)
    assert code == 0, out


AGAIN = """
@pytest.mark.exercises("POST /notes")
async def test_it(owner, expect, run):
    '''A note of an earlier run is used again.'''
    expect(await owner.call("GET /notes"))
    {}
"""
MADE_BEFORE = "run.uses_again('POST /notes', 'note', 'smoke-note-1')"


def test_check_need_not_create_again_what_an_earlier_run_created(root: Path) -> None:
    code, reported, out = run(root, AGAIN.format("pass"), "-k", "test_another")
    assert code == 4, out
    assert "declares POST /notes but did not see it succeed" in reported["reason"]
    code, _, out = run(root, AGAIN.format(MADE_BEFORE), "-k", "test_another")
    assert code == 0, out
    assert "stays on the service: note: 1 (smoke-note-1)" in out
