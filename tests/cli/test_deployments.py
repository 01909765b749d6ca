"""`smoke doctor` and `smoke token` sign in and read, and change nothing on the deployment."""

import asyncio
from pathlib import Path

import pytest

from smoke.cli.gate_table import write_gates
from tests.cli.test_commands import output_of
from tests.desk import Desk, has, project
from tests.unlike.serve import serving

GATES = """
[tool.smoke.gates.notes]
covers = ["GET /notes"]

[tool.smoke.gates.single]
covers = ["GET /notes/{note_id}"]
"""
EMAILS = ("smoke-owner@example.com", "smoke-reader@example.com")
PASSWORD = "of-all-accounts-1"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project around the desk."""
    return project(tmp_path / "project")


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password of the accounts, in the environment."""
    monkeypatch.setenv("SMOKE_USER_PASSWORD", PASSWORD)


async def asked(
    capsys: pytest.CaptureFixture[str], desk: Desk, root: Path, *words: str
) -> tuple[int, str]:
    """A function that runs a command against a desk."""
    with serving(desk.app()) as url:
        has(root, {"desk": f'base_url = "{url}"\n{GATES}'})
        arguments = (*words, "--target", "desk", "--root", str(root))
        return await asyncio.to_thread(output_of, capsys, *arguments)


def desk_with_accounts(fault: str = "") -> Desk:
    """A desk with existing accounts, and a note of another user."""
    desk = Desk(fault)
    desk.passwords = dict.fromkeys(EMAILS, PASSWORD)
    desk.notes = {"theirs": {"id": "theirs", "title": "not ours"}}
    return desk


async def test_token_prints_authorization_header(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = desk_with_accounts()
    code, output = await asked(capsys, desk, root, "token", "owner")
    assert code == 0, output
    (token,) = desk.tokens
    assert output == f"Authorization: Bearer {token}"
    assert (desk.seedings, list(desk.notes)) == (0, ["theirs"])


async def test_token_of_unknown_actor_lists_known_actors(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = await asked(capsys, desk_with_accounts(), root, "token", "ownr")
    assert code == 4
    assert "The rules declare no actor 'ownr'. Actors: ['owner', 'reader']." in output


async def test_doctor_shows_and_writes_detected_gate_states(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = desk_with_accounts()
    code, output = await asked(capsys, desk, root, "doctor", "--write")
    assert code == 0, output
    assert "ready GET /ready" in output
    assert "signs in owner" in output
    assert "notes off on GET /notes answers 200" in output
    assert "single off ? the plan has no independent read request for it" in output
    assert 'gates = { notes = "on" }' in (root / "pyproject.toml").read_text(encoding="utf-8")
    assert (desk.seedings, list(desk.notes)) == (0, ["theirs"])


async def test_doctor_reports_refused_sign_in(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = desk_with_accounts()
    desk.passwords = {}
    code, output = await asked(capsys, desk, root, "doctor")
    assert code == 1
    assert "signs in NO: owner (smoke-owner@example.com) could not sign in: 401" in output


ROW = '[targets.eu]  # Europe\nbase_url = "https://x"\n\n[targets.us]\ngates = { a = "on" }\n'


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        ("eu", '[targets.eu]  # Europe\ngates = { a = "absent" }\nbase_url'),
        ("us", '[targets.us]\ngates = { a = "absent" }\n'),
    ],
)
def test_writing_gates_keeps_the_rest_of_the_file(target: str, lines: str, tmp_path: Path) -> None:
    (tmp_path / "smoke.toml").write_text(ROW)
    write_gates(tmp_path, target, {"a": "absent"})
    text = (tmp_path / "smoke.toml").read_text()
    assert lines in text
    assert text.count("\n") == ROW.count("\n") + (target == "eu")


def test_row_without_safe_edit_stays_unchanged(tmp_path: Path) -> None:
    text = '[targets]\neu = { base_url = "https://x" }\n'
    (tmp_path / "smoke.toml").write_text(text)
    output = write_gates(tmp_path, "eu", {"a": "on"})
    assert output == 'Paste into [targets.eu] of smoke.toml:\ngates = { a = "on" }'
    assert (tmp_path / "smoke.toml").read_text() == text
