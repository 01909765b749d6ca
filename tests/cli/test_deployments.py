"""`smoke doctor` and `smoke token` ask a deployment, sign in, and change nothing there."""

import asyncio
from pathlib import Path

import pytest

from smoke.cli.gate_row import write_gates
from tests.cli.test_commands import told
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
    """A command that is run against a desk."""
    with serving(desk.app()) as url:
        has(root, {"desk": f'base_url = "{url}"\n{GATES}'})
        arguments = (*words, "--target", "desk", "--root", str(root))
        return await asyncio.to_thread(told, capsys, *arguments)


def desk_with_accounts(fault: str = "") -> Desk:
    """A desk whose accounts exist, with a note of somebody else."""
    desk = Desk(fault)
    desk.passwords = dict.fromkeys(EMAILS, PASSWORD)
    desk.notes = {"theirs": {"id": "theirs", "title": "not ours"}}
    return desk


async def test_token_is_a_header_to_paste(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = desk_with_accounts()
    code, said = await asked(capsys, desk, root, "token", "owner")
    assert code == 0, said
    (token,) = desk.tokens
    assert said == f"Authorization: Bearer {token}"
    assert (desk.seedings, list(desk.notes)) == (0, ["theirs"])


async def test_token_of_an_unknown_actor_names_the_known_ones(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = await asked(capsys, desk_with_accounts(), root, "token", "ownr")
    assert code == 4
    assert "The rules declare no actor 'ownr'. Actors: ['owner', 'reader']." in said


async def test_doctor_shows_the_gates_as_they_seem_to_be_and_writes_them(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = desk_with_accounts()
    code, said = await asked(capsys, desk, root, "doctor", "--write")
    assert code == 0, said
    assert "ready GET /ready" in said
    assert "signs in owner" in said
    assert "notes off on GET /notes answers 200" in said
    assert "single off ? the plan has no read of it that needs nothing" in said
    assert 'gates = { notes = "on" }' in (root / "pyproject.toml").read_text(encoding="utf-8")
    assert (desk.seedings, list(desk.notes)) == (0, ["theirs"])


async def test_doctor_of_a_service_that_refuses_the_sign_in_says_so(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = desk_with_accounts()
    desk.passwords = {}
    code, said = await asked(capsys, desk, root, "doctor")
    assert code == 1
    assert "signs in NO: owner (smoke-owner@example.com) could not sign in: 401" in said


ROW = '[targets.eu]  # Europe\nbase_url = "https://x"\n\n[targets.us]\ngates = { a = "on" }\n'


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        ("eu", '[targets.eu]  # Europe\ngates = { a = "absent" }\nbase_url'),
        ("us", '[targets.us]\ngates = { a = "absent" }\n'),
    ],
)
def test_gates_are_written_and_nothing_else_changes(
    target: str, lines: str, tmp_path: Path
) -> None:
    (tmp_path / "smoke.toml").write_text(ROW)
    write_gates(tmp_path, target, {"a": "absent"})
    text = (tmp_path / "smoke.toml").read_text()
    assert lines in text
    assert text.count("\n") == ROW.count("\n") + (target == "eu")


def test_row_that_cannot_be_edited_safely_is_left_alone(tmp_path: Path) -> None:
    text = '[targets]\neu = { base_url = "https://x" }\n'
    (tmp_path / "smoke.toml").write_text(text)
    said = write_gates(tmp_path, "eu", {"a": "on"})
    assert said == 'Paste into [targets.eu] of smoke.toml:\ngates = { a = "on" }'
    assert (tmp_path / "smoke.toml").read_text() == text
