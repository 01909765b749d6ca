"""A sweep goes by the records of its target, one at a time, and tells of each."""

from pathlib import Path

import pytest
from filelock import FileLock

from smoke.cli.main import main
from smoke.results.run_dir import lock_of
from tests.smoking import project

ROW = 'base_url = "http://127.0.0.1:9"'


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Where the records of a project with the target `staging` are."""
    project(tmp_path, ROW)
    return tmp_path / "records"


def _record(records: Path, name: str, text: str = "rubbish\n") -> Path:
    record = records / name / "run.jsonl"
    record.parent.mkdir(parents=True)
    record.write_text(text, encoding="utf-8")
    return record


def _sweep(records: Path) -> int:
    words = ["--target", "staging", "--root", str(records.parent), "--records", str(records)]
    return main(["sweep", *words])


def test_record_that_cannot_be_read_is_told_and_the_others_are_swept(
    records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _record(records, "staging")
    held = _record(records, "staging-2")
    with FileLock(lock_of(held.parent)):
        assert _sweep(records) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{records}/staging/run.jsonl:1")
    assert second == f"{held}: left alone: its run is going on"


def test_records_of_other_targets_are_not_looked_at(
    records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _record(records, "staging-eu")
    _record(records, "local")
    assert _sweep(records) == 0
    assert capsys.readouterr().out == ""
