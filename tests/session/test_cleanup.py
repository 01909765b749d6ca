"""What a check made is taken away after it, and only where the check has not done so itself."""

from pathlib import Path

import pytest

from tests.desk import Desk, has, project
from tests.smoking import smoke_run
from tests.unlike.serve import serving

CHECK = '''
async def test_note(owner, actor, expect, cleanup):
    """A check that registers what it makes."""
    made = expect(await owner.call("POST /notes", json={{"title": "x"}}), 201)
    note = made.exchange.json["id"]
    cleanup(owner, "DELETE /notes/{{note_id}}", note_id=note)
    {last}
'''
THROWS_AWAY = 'expect(await owner.call("DELETE /notes/{note_id}", note_id=note), 204)'
OTHERS_TRY = THROWS_AWAY.replace("owner.", 'actor("reader").')


@pytest.mark.parametrize(
    ("last", "fault", "asked"),
    [
        pytest.param(THROWS_AWAY, "", [204], id="the check takes it away"),
        pytest.param("pass", "", [204], id="the check leaves it"),
        pytest.param(THROWS_AWAY, "throws_away_late", [500, 204], id="the check is refused to"),
        pytest.param(OTHERS_TRY, "spares_notes_of_others", [204, 204], id="others only seem to"),
    ],
)
def test_thing_is_taken_away_once(tmp_path: Path, last: str, fault: str, asked: list[int]) -> None:
    root = project(tmp_path / "project")
    text = CHECK.format(last=last)
    (root / "desk_checks/test_notes.py").write_text(text, encoding="utf-8")
    desk = Desk(fault)
    with serving(desk.app()) as url:
        has(root, {"a": f'base_url = "{url}"'})
        run = smoke_run(tmp_path, "--target=a", "-k", "test_note", root=root)
    deleted = [row for row in run.record("exchange", "a") if row["method"] == "DELETE"]
    assert [row["status"] for row in deleted] == asked, run.out
    assert desk.notes == {}


TWO_FIXTURES = '''
import pytest

from smoke.errors import UnverifiedError


@pytest.fixture
def first():
    yield
    raise UnverifiedError("the first fixture was too late")


@pytest.fixture
def second():
    yield
    raise UnverifiedError("the second fixture was too late")


async def test_note(owner, expect, first, second):
    """A check with two fixtures that both fail at their end."""
    expect(await owner.call("GET /notes"))
'''


def test_failed_teardowns_share_the_cause_of_the_first(tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    (root / "desk_checks/test_notes.py").write_text(TWO_FIXTURES, encoding="utf-8")
    with serving(Desk().app()) as url:
        has(root, {"a": f'base_url = "{url}"'})
        run = smoke_run(tmp_path, "--target=a", "-k", "test_note", root=root)
    assert run.code == 2, run.out
    assert "UNVERIFIED (environment)  the first fixture was too late" in run.out
    assert "Traceback" not in run.out
