"""However a run ends, files of an earlier run never look like its result."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from smoke.results.run_dir import NAMES
from tests.desk import Desk, has, project
from tests.forked import run_module
from tests.smoking import ROOT, clean_environ
from tests.unlike.serve import serving

MARK = "YESTERDAY"
KILLS_ITSELF = """\
import os, signal

def pytest_runtest_setup(item):
    os.kill(os.getpid(), signal.{name})
"""
CRASHES = """\
def pytest_runtest_logfinish(nodeid):
    raise RuntimeError("out of order")
"""


EXITS = """\
import sys
import pytest

def {hook}():
    {ends}
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(Desk().app()) as url:
        yield url


@pytest.fixture
def root(url: str, tmp_path: Path) -> Path:
    root = project(tmp_path / "project")
    has(root, {"a": f'base_url = "{url}"'})
    return root


def yesterday(folder: Path) -> None:
    """Write the files of an earlier green run."""
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_text(f'{{"verdict": "green", "mark": "{MARK}"}}', encoding="utf-8")


def ended(root: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a project in which an earlier run left its files."""
    return ended_by(("pytest",), root, arguments, environ)


def ended_by(
    module: "Sequence[str]", root: Path, arguments: "Sequence[str]", environ: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a module in a project in which an earlier run left its files."""
    yesterday(root / ".smoke/a")
    environ = clean_environ(PYTHONPATH=str(ROOT), **environ)
    return run_module([*module, *arguments], root, environ, timeout=55)


def stale(folder: Path) -> list[str]:
    """The files that still are an earlier run's."""
    return [path.name for path in folder.iterdir() if MARK in path.read_text(encoding="utf-8")]


def verdict(root: Path) -> str:
    reported = json.loads((root / ".smoke/a/verdict.json").read_text(encoding="utf-8"))
    return str(reported["verdict"])


@pytest.mark.parametrize(
    ("arguments", "environ", "code", "word"),
    [
        (["--target=a", "--no-such-option"], {}, 4, "misused"),
        (["--at-once=x", "--target=a"], {}, 4, "misused"),
        (["--at-once=x", "-m", "smoke"], {}, 4, "misused"),
        (["--target", "a", "--repeat=x", "--records", ".smoke"], {}, 4, "misused"),
        (["--target=a", "--gate=drawer"], {}, 4, "misused"),
        (["--target=a"], {"SMOKE_ENABLE_DRAWER": "1"}, 4, "misused"),
        (["--target=a", "-k", "nothing"], {}, 2, "unverified"),
        (["-m", "smoke"], {}, 0, "green"),
    ],
)
def test_no_result_of_an_earlier_run_is_left(
    arguments: list[str], environ: dict[str, str], code: int, word: str, root: Path
) -> None:
    done = ended(root, *arguments, **environ)
    assert done.returncode == code, done.stdout + done.stderr
    assert verdict(root) == word
    assert stale(root / ".smoke/a") == []


@pytest.mark.parametrize(
    "words", [["pytest", "--target=a"], ["smoke", "run", "a"], ["smoke", "run"]], ids=" ".join
)
def test_broken_configuration_leaves_no_result_of_an_earlier_run(
    words: list[str], root: Path
) -> None:
    (root / "smoke.toml").write_text("target = [", encoding="utf-8")
    done = ended_by(words[:1], root, words[1:], {})
    assert done.returncode == 4, done.stdout + done.stderr
    assert "smoke.toml" in done.stdout + done.stderr
    assert verdict(root) == "misused"
    assert stale(root / ".smoke/a") == []


@pytest.mark.parametrize(
    "words",
    [["--maxfail=x"], ["a", "--maxfail=x"], ["--durations=x", "--target=a"], ["-k"], ["--color=x"]],
)
def test_mistake_in_an_option_of_pytest_is_misuse(words: list[str], root: Path) -> None:
    """pytest reads its own options before it loads plugins, so the command must watch it."""
    done = ended_by(("smoke", "run"), root, words, {})
    assert done.returncode == 4, done.stdout + done.stderr
    assert verdict(root) == "misused"
    assert stale(root / ".smoke/a") == []


@pytest.mark.parametrize(
    ("conftest", "code", "reason"),
    [
        (KILLS_ITSELF.format(name="SIGTERM"), 2, "the run was cut short: interrupted"),
        (KILLS_ITSELF.format(name="SIGINT"), 2, "the run was cut short: interrupted"),
        (KILLS_ITSELF.format(name="SIGKILL"), -9, "unfinished: the run is still going"),
        (CRASHES, 3, "the run crashed: RuntimeError: out of order"),
        ("import there_is_no_such_module\n", 4, "the run was ended before it asked anything"),
    ],
    ids=["TERM", "INT", "KILL", "crash", "conftest"],
)
def test_interrupted_run_writes_its_own_result(
    conftest: str, code: int, reason: str, root: Path
) -> None:
    (root / "conftest.py").write_text(conftest, encoding="utf-8")
    done = ended(root, "--target=a")
    assert done.returncode == code, done.stdout + done.stderr
    reported = json.loads((root / ".smoke/a/verdict.json").read_text(encoding="utf-8"))
    assert reported["verdict"] == "unverified"
    assert reported["reason"].startswith(reason)
    assert stale(root / ".smoke/a") == []


@pytest.mark.parametrize(
    ("hook", "ends", "code"),
    [
        ("pytest_sessionfinish", 'raise RuntimeError("out of order")', 3),
        ("pytest_sessionfinish", "sys.exit(0)", 3),
        ("pytest_sessionfinish", 'pytest.exit("enough", returncode=0)', 3),
        ("pytest_sessionfinish", "raise KeyboardInterrupt", 2),
        ("pytest_unconfigure", 'raise RuntimeError("out of order")', 3),
        ("pytest_unconfigure", "sys.exit(0)", 3),
        ("pytest_runtest_protocol", 'raise RuntimeError("out of order")', 3),
        ("pytest_configure", 'pytest.exit("not today", returncode=0)', 2),
        ("pytest_sessionstart", 'pytest.exit("not today", returncode=0)', 2),
        ("pytest_collection", 'pytest.exit("not today", returncode=0)', 2),
        ("pytest_sessionstart", "sys.exit(0)", 3),
    ],
)
@pytest.mark.parametrize("targets", ["a", "ab"])
def test_other_plugin_that_ends_a_run_does_not_make_it_green(
    hook: str, ends: str, code: int, targets: str, root: Path, url: str
) -> None:
    """pytest catches no error of its last hooks, and believes the exit code of `pytest.exit`."""
    has(root, dict.fromkeys(targets, f'base_url = "{url}"'))
    (root / "conftest.py").write_text(EXITS.format(hook=hook, ends=ends), encoding="utf-8")
    done = ended(root, *(f"--target={name}" for name in targets))
    assert done.returncode == code, done.stdout + done.stderr
    for path in (root / ".smoke").glob("*/verdict.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["verdict"] == "unverified", path
        assert stale(path.parent) == []


CHANGES_CODE = """\
def pytest_unconfigure(config):
    config.pluginmanager.get_plugin("session").exitstatus = 0
"""


def test_plugin_that_changes_the_exit_code_does_not_hide_a_red_run(root: Path) -> None:
    check = (
        "async def test_wrong(owner, expect):\n    expect(await owner.call('GET /notes'), 204)\n"
    )
    (root / "desk_checks/test_wrong.py").write_text(check, encoding="utf-8")
    (root / "conftest.py").write_text(CHANGES_CODE, encoding="utf-8")
    done = ended(root, "--target=a")
    assert (done.returncode, verdict(root)) == (1, "red"), done.stdout + done.stderr


LATE = """\
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session):
    yield
    raise RuntimeError("out of order")
"""


def test_plugin_that_crashes_after_the_verdict_does_not_leave_it_green(root: Path) -> None:
    (root / "conftest.py").write_text(LATE, encoding="utf-8")
    done = ended(root, "--target=a")
    assert done.returncode == 3, done.stdout + done.stderr
    assert verdict(root) == "unverified"


@pytest.mark.parametrize(
    "option",
    ["--collect-only", "--fixtures", "--fixtures-per-test", "--setup-plan", "--setup-only"],
)
def test_listing_is_reported_as_not_a_run(option: str, root: Path) -> None:
    done = ended(root, "--target=a", option)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"not a run: with {option} nothing was sent" in done.stdout
    assert len(stale(root / ".smoke/a")) == len(NAMES)


@pytest.mark.parametrize("option", ["--help", "--version", "--markers"])
def test_question_about_pytest_starts_nothing(option: str, root: Path) -> None:
    has(root, {"a": 'serve = "there_is_no_such_module"'})
    done = ended(root, "--target=a", option)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(stale(root / ".smoke/a")) == len(NAMES)


def test_record_of_a_killed_run_is_kept_for_the_sweep(root: Path) -> None:
    folder = root / ".smoke/a"
    folder.mkdir(parents=True)
    lines = '{"kind": "run", "target": "a", "id": "abc"}\n{"kind": "undo", "path": {}}\n'
    (folder / "run.jsonl").write_text(lines, encoding="utf-8")
    environ = clean_environ(PYTHONPATH=str(ROOT))
    done = run_module(["pytest", "--target=a", "-q"], root, environ, timeout=55)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (root / ".smoke/a/unswept-abc.jsonl").read_text(encoding="utf-8") == lines


def test_mark_named_smoke_of_a_foreign_project_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.pytest]\nmarkers = ["smoke: ours"]\n')
    text = "import pytest\n\n@pytest.mark.smoke\ndef test_it():\n    pass\n"
    (tmp_path / "test_it.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "smoke", "-q"],
        cwd=tmp_path, env=clean_environ(PYTHONPATH=str(ROOT)), capture_output=True, text=True,
        check=False, timeout=55,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert not (tmp_path / ".smoke").exists()
