"""What is new since an earlier run: since the last green one, or since the one that is given."""

from pathlib import Path

import pytest

from smoke.errors import DataError
from smoke.report.compare import given, since_green
from smoke.results.record_reader import read
from tests.desk import Desk, has, project
from tests.results.records import green, red
from tests.smoking import ROOT, smoke_run
from tests.unlike.serve import serving


def test_last_green_run_is_remembered(tmp_path: Path) -> None:
    green(tmp_path)
    record = red(tmp_path)
    (shown,) = since_green(record, tmp_path / "local")
    assert shown.startswith("since the last green run")
    assert "newly failing: books." in shown
    assert since_green(record, tmp_path / "elsewhere") == []
    record.verdict["part"] = "-k books"
    assert since_green(record, tmp_path / "local") == []


def test_record_is_given_by_its_path_or_by_the_folder_of_all(tmp_path: Path) -> None:
    green(tmp_path, "eu")
    text = (tmp_path / "eu/run.jsonl").read_bytes()
    assert given(tmp_path, "eu") == given(tmp_path / "eu/run.jsonl", "us") == text
    with pytest.raises(DataError, match="cannot be read"):
        given(tmp_path, "us")


def test_given_record_is_what_the_next_run_is_compared_with(tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    desk = Desk("")
    with serving(desk.app()) as url:
        has(root, {"a": f'base_url = "{url}"'})
        first = smoke_run(tmp_path / "first", "--target=a", root=root, PYTHONPATH=str(ROOT))
    assert first.code == 0, first.out
    record = tmp_path / "first/a/run.jsonl"
    with serving(Desk("list_breaks").app()) as url:
        has(root, {"a": f'base_url = "{url}"'})
        run = smoke_run(
            tmp_path / "second", "--target=a", f"--since={record}", root=root,
            PYTHONPATH=str(ROOT),
        )  # fmt: skip
        wrong = smoke_run(
            tmp_path / "third", "--target=a", "--since=none.jsonl", root=root,
            PYTHONPATH=str(ROOT),
        )  # fmt: skip
    assert run.code == 1, run.out
    assert f"new       since the last green run ({read(record).header['id']}" in run.out
    assert "newly failing" in (tmp_path / "second/a/summary.md").read_text(encoding="utf-8")
    assert wrong.code == 4, wrong.out
    assert "none.jsonl: cannot be read" in wrong.out
