"""The reports at the end of a run are those that are made of its record later."""

import json
from pathlib import Path

import pytest

from smoke.results.record import Record
from smoke.results.record_reader import read
from tests.report.rendering import rendered
from tests.results.records import begun, ended, failed, passed


@pytest.mark.parametrize("finished", [True, False])
def test_what_is_kept_is_what_is_read_back(finished: bool, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path)
    run.secrets.register("correct-horse-battery", "SMOKE_USER_PASSWORD")
    run.write("service", url="http://127.0.0.1:8000", version="1.0")
    run.write("created", operation="POST /books", path="/books", id="7")
    run.note("left behind: correct-horse-battery")
    passed(run, "books.made", "POST /books", 201, body=b'{"token": "opaque-0123456789"}')
    failed(run, "books.read", body=b"x" * 9000)
    if finished:
        ended(run)
    now, later = Record.of_lines(run.lines.kept), read(path)
    run.close()
    assert rendered([now]) == rendered([later])
    assert json.loads(json.dumps(vars(now), default=list)) == json.loads(json.dumps(vars(later)))
    assert "correct-horse" not in json.dumps(vars(now))
