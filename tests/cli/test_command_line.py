"""The command itself: its imports, its output, and its call of pytest."""

import asyncio
import subprocess
import sys
from pathlib import Path

import click
import pytest

from smoke.cli.main import COMMANDS
from smoke.cli.main import smoke as command_line
from smoke.cli.running import split
from tests.cli.test_commands import output_of
from tests.desk import Desk, has, project
from tests.smoking import clean_environ
from tests.unlike.serve import serving

SMOKE = Path(sys.executable).with_name("smoke")
LIGHT = "import sys, smoke.cli.main as m; m.main(['--version']); print(*sorted(sys.modules))"
VERSION = "import sys; sys.argv = ['smoke', '--version']; from smoke.cli.start import run; run()"
HEAVY = ("httpx", "jsonschema_rs", "pytest", "rich", "schemathesis", "yaml")


def test_start_imports_no_library_of_a_run() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)  # noqa: S603
    version, modules = done.stdout.split("\n", 1)
    assert version.startswith("smoke ")
    assert [name for name in HEAVY if name in modules.split()] == []


def test_version_is_printed_without_the_command_line_library() -> None:
    shown = f"{VERSION}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)  # noqa: S603
    version, modules = done.stdout.split("\n", 1)
    assert version.startswith("smoke ")
    assert {"click", "smoke.documents"} & set(modules.split()) == set()


@pytest.mark.parametrize(
    ("word", "heavy"),
    [
        ("--version", ["click", "importlib.metadata"]),
        ("--help", ["smoke.config", "smoke.documents"]),
    ],
)
def test_version_and_help_import_little(word: str, heavy: list[str]) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "smoke", word]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "smoke.cli.start" in loaded
    assert loaded.isdisjoint(heavy)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_the_first_sentence_of_each_command(name: str) -> None:
    command = command_line.get_command(click.Context(command_line), name)
    assert command is not None
    first = " ".join((command.help or "").split()).partition(". ")[0].rstrip(".")
    assert COMMANDS[name][1] == f"{first}."


@pytest.mark.parametrize(
    ("words", "targets", "options"),
    [
        ((), [], []),
        (("eu", "us", "-k", "login"), ["eu", "us"], ["-k", "login"]),
        (("-x",), [], ["-x"]),
        (("eu", "--", "-k", "login"), ["eu"], ["-k", "login"]),
    ],
)
def test_words_after_the_targets_are_pytest_options(
    words: tuple[str, ...], targets: list[str], options: list[str]
) -> None:
    assert split(words) == (targets, options)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, output = output_of(capsys, "completion", shell)
    assert code == 0
    assert "_SMOKE_COMPLETE" in output


@pytest.mark.parametrize("file", ["pyproject.toml", "smoke.toml", "rules.toml"])
def test_schema_is_printed_for_editors(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, output = output_of(capsys, "schema", file)
    assert code == 0
    assert '"$schema": "http://json-schema.org/draft-07/schema#"' in output


def run(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run `smoke run` in a project with the console script."""
    return subprocess.run(  # noqa: S603  (our own command)
        [SMOKE, "run", *words], cwd=root, env=clean_environ(), capture_output=True, text=True,
        check=False,
    )  # fmt: skip


async def test_run_finds_checks_of_the_current_project(tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    with serving(Desk().app()) as url:
        has(root, {"desk": f'base_url = "{url}"'})
        done = await asyncio.to_thread(run, root, "desk", "-k", "note_is_thrown_away")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
