"""A misused command line gives one message and exit code 4, without a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import DEAD, output_of
from tests.unlike.projects import project_of


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project around the shop."""
    return project_of("shop", tmp_path / "shop", DEAD)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "smoke: name a command."),
        (("serv",), "smoke: no such command 'serv'. Did you mean 'serve'?"),
        (("nothing",), "smoke: no such command 'nothing'."),
        (("plan", "--opnapi", "x"),
         "smoke plan: no such option '--opnapi'. Did you mean '--openapi'?"),
        (("compare", "a", "b", "c"), "smoke compare: Got unexpected extra argument (c)"),
        (("serve", "--port", "http"), "'--port': 'http' is not a valid integer range."),
        (("serve", "--port", "65536"), "'--port': 65536 is not in the range 0<=x<=65535."),
        (("report", "run.jsonl"), "Missing option '--out'."),
    ],
)  # fmt: skip
def test_unknown_command_or_option_is_misuse(
    arguments: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = output_of(capsys, *arguments)
    assert code == 4
    assert text.startswith("Usage: smoke")
    assert expected in text


def test_option_without_value_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    assert output_of(capsys, "gates", "--target") == (4, "Option '--target' requires an argument.")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("report", "none", "--out", "x"), "none: cannot be read: No such file or directory. Name"),
        (("compare", "none", "none"), "none: cannot be read: No such file or directory. Name a"),
        (("plan", "--openapi", "."), ".: unreadable: it is a directory, not a regular file."),
        (("plan", "--openapi", "/dev/zero"), "/dev/zero: unreadable: it is a device, not a"),
        (("plan", "--rules", "none"), "none: unreadable: No such file or directory. Name the"),
        (("plan", "--out", "none/plan.json"), "none/plan.json: No such file or directory."),
        (("ledger", "--plan", "none"), "none: there is no plan: No such file or directory."),
        (("ledger", "--out", "none/x.md"), "none/x.md: No such file or directory."),
        (("gates", "--target", "no\x1b[2Jne"), "There is no target 'no\\x1b[2Jne'. Targets"),
    ],
)  # fmt: skip
def test_missing_file_or_unknown_name_is_reported(
    arguments: tuple[str, ...], expected: str, shop: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(shop)
    code, text = output_of(capsys, *arguments)
    assert (code, text[: len(expected)]) == (4, expected)


def test_internal_error_has_its_own_exit_code(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smoke.plan.build.builder.build", lambda *_: 1 / 0)
    code, text = output_of(capsys, "plan", "--root", str(shop))
    assert code == 3
    assert text.endswith("This is an error in smoke itself. Nothing was verified.")


def test_output_in_another_encoding_does_not_crash(shop: Path) -> None:
    rules = shop / "openapi/rules.toml"
    rules.write_text(rules.read_text("utf-8").replace('"R-1"', '"R-2"'), encoding="utf-8")
    command = [sys.executable, "-m", "smoke", "plan", "--root", str(shop)]
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=environ, capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert b'"R-1" ? "R-2"' in done.stdout
