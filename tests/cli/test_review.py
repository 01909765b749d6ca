"""`smoke review` asks about each undecided operation, and turns the answers into valid rules."""

import json
import os
import pty
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smoke.cli.review import reviewed
from smoke.config.rules import check, parse
from smoke.contract import Contract
from tests.cli.test_command_line import SMOKE
from tests.cli.test_commands import output_of
from tests.smoking import clean_environ
from tests.unlike.projects import made

if TYPE_CHECKING:
    from collections.abc import Iterator

DONE = {"responses": {"204": {"description": "d"}}}
PATHS = {"/purge": {"post": DONE}, "/me": {"put": DONE}, "/boxes/{box id}/void": {"post": DONE}}
CONTRACT = json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": PATHS})
UNDECIDED = [
    ("POST /purge", "what it takes away is not known.\n[[rule]]"),
    ("PUT /me", "it overwrites what this run did not make."),
    ("POST /boxes/{box id}/void", "nothing answers with its {box id}."),
]
TARGETS = ["local", "staging", "live"]


def rules_of(*answers: str) -> list[str]:
    """The rules from these answers; each of them fits the contract."""
    remaining: Iterator[str] = iter(answers)
    rules = list(reviewed(UNDECIDED, TARGETS, lambda _question: next(remaining)))
    assert list(remaining) == []
    check(Contract.parse(CONTRACT, "c.json"), parse("\n".join(rules)))
    return rules


def test_answers_become_rules() -> None:
    never, send, value = rules_of("never", 'it empties "all"', "send", "value", "box \\ 7")
    (rule,) = parse(never).rules
    assert rule.excepted is not None
    assert rule.excepted.reason == 'it empties "all"'
    assert parse(send).rules[0].send is True
    assert parse(value).rules[0].path == {"box id": "box \\ 7"}


def test_operation_may_be_sent_to_some_targets_only() -> None:
    (only,) = rules_of("only", "locl", "local, staging", "quit")
    (rule,) = parse(only).rules
    assert rule.excepted is not None
    assert (rule.send, rule.excepted.targets) == (True, ("live",))


def test_unambiguous_abbreviation_is_enough() -> None:
    assert rules_of("s", "sk", "bogus", "q") == []


def test_operation_that_waits_for_another_is_not_asked_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    undecided = [
        ("POST /jobs", 'it is not sent, as x. Decide: paste:\n# creates = "/id"  # new'),
        ("GET /jobs/{id}", "it needs POST /jobs, which a person must decide first."),
        ("GET /runs/{id}", "it needs POST /runs, which a person must decide first."),
    ]
    answers = iter(["new", "skip"])
    (rule,) = reviewed(undecided, TARGETS, lambda _question: next(answers))
    assert rule == '[[rule]]\noperation = "POST /jobs"\ncreates = "/id"\nsend = true'
    output = capsys.readouterr().out
    assert "1 of 2  POST /jobs\n  it is not sent, as x\n" in output
    assert "GET /jobs/{id}" not in output


def test_only_answers_that_fit_are_offered(capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter(["value", "new", "skip"])
    assert not list(reviewed(UNDECIDED[1:2], TARGETS, lambda _question: next(answers)))
    output = capsys.readouterr().out
    assert "  it overwrites what this run did not make\n" in output
    assert ("path values" in output, "always makes a new one" in output) == (False, False)


def test_operations_are_listed_without_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = tmp_path / "boxes.json"
    contract.write_text(CONTRACT, encoding="utf-8")
    root = made(tmp_path / "project", contract, "", 'base_url = "https://x"')
    before = (root / "openapi/rules.toml").read_bytes()
    code, output = output_of(capsys, "review", "--root", str(root))
    assert code == 0
    assert "PUT /me: it is not sent, as it overwrites" in output
    assert "operations to decide. At a terminal, smoke review asks for each." in output
    assert (root / "openapi/rules.toml").read_bytes() == before


@pytest.mark.parametrize(("rest", "code"), [(b"quit\n", 0), (b"\x04", 2)], ids=["quit", "end"])
def test_answer_at_a_terminal_is_added_to_the_rules(rest: bytes, code: int, tmp_path: Path) -> None:
    contract = tmp_path / "boxes.json"
    contract.write_text(CONTRACT, encoding="utf-8")
    root = made(tmp_path / "project", contract, "# ours\n", 'base_url = "https://x"')
    screen, terminal = pty.openpty()
    with subprocess.Popen(  # noqa: S603  (our own command)
        [SMOKE, "review"], cwd=root, env=clean_environ(), stdin=terminal, stdout=terminal,
        stderr=subprocess.STDOUT,
    ) as child:  # fmt: skip
        os.close(terminal)
        os.write(screen, b"never\nit empties all\n" + rest)
        assert child.wait(50) == code
    os.close(screen)
    text = (root / "openapi/rules.toml").read_text(encoding="utf-8")
    assert text.startswith("# ours\n")
    (rule,) = parse(text).rules
    assert rule.excepted is not None
    assert rule.excepted.reason == "it empties all"
