"""Workflows of the rules: their steps are sent in order, and a step that fails stops the rest."""

from pathlib import Path

import pytest

from tests.smoking import Finished, smoke_run
from tests.unlike import notes
from tests.unlike.projects import KEYS, ended, project_of, verdict
from tests.unlike.serve import serving

ARCHIVE = """
[[workflow]]
name = "archive a note"

[[workflow.steps]]
name = "write"
operation = "POST /notes"
holds = { "/archived" = false }
outputs = { note = { pointer = "/id", owned = true } }

[[workflow.steps]]
name = "archive"
operation = "POST /notes/{noteId}/archive"
path = { noteId = { from = "write", output = "note" } }

[[workflow.steps]]
name = "write another"
operation = "POST /notes"

[[workflow.steps]]
name = "read"
operation = "GET /notes/{noteId}"
path = { noteId = { from = "write", output = "note" } }
holds = { "/archived" = true }
"""
ANOTHER = "archive a note: write another"


def run(folder: Path, fault: str, *arguments: str) -> tuple[Finished, dict[str, notes.Row]]:
    """A run against the notes with the workflow, and the notes that are left."""
    app = notes.make(fault)
    with serving(app) as url:
        root = project_of("notes", folder / "project", f'base_url = "{url}"', rules=ARCHIVE)
        done = smoke_run(folder, *arguments, root=root, **KEYS)
    rows: dict[str, notes.Row] = app.state.rows
    return done, rows


def test_steps_are_sent_in_order_and_nothing_is_left(tmp_path: Path) -> None:
    done, rows = run(tmp_path, "")
    assert done.code == 0, done.out
    steps = ["POST /notes", "POST /notes/{noteId}/archive", ANOTHER, "GET /notes/{noteId}"]
    assert {name: ended(done).get(name) for name in steps} == dict.fromkeys(steps, "passed")
    operations = [row["operation"] for row in done.record("exchange") if row["status"] < 300]
    first = operations.index("POST /notes")
    after = [name for name in operations[first:] if name in steps or name == "POST /notes"]
    wanted = iter(after)
    assert all(step in wanted for step in ("POST /notes", steps[1], "POST /notes", steps[3]))
    assert rows == {}


def test_value_that_an_answer_lacks_is_red(tmp_path: Path) -> None:
    done, rows = run(tmp_path, "archive_is_forgotten")
    assert done.code == 1, done.out
    wrong = "GET /notes/{noteId} as owner: expected /archived is True, got False"
    assert wrong in verdict(done)
    assert rows == {}


def test_step_is_not_sent_after_one_that_failed(tmp_path: Path) -> None:
    done, _ = run(tmp_path, "note_is_not_made")
    assert done.code == 1, done.out
    assert ended(done).get(ANOTHER) != "passed"
    sent = [row for row in done.record("exchange") if row["actor"] == "owner"]
    assert [row["operation"] for row in sent if "archive" in row["operation"]] == []


@pytest.mark.parametrize("depth", ["quick", "full"])
def test_quick_run_leaves_further_steps_out(depth: str, tmp_path: Path) -> None:
    done, _ = run(tmp_path, "", "--depth", depth)
    assert done.code == 0, done.out
    assert (ANOTHER in ended(done)) == (depth == "full")
