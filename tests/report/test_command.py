"""What the command line does with records."""

import io
import json
from pathlib import Path

import pytest

from smoke.errors import DataError
from smoke.report.command import compared, report
from smoke.report.record import read
from tests.report.records import begun, green, red


def test_reports_are_made_again_from_the_record(tmp_path: Path) -> None:
    red(tmp_path)
    out = io.StringIO()
    code = report([tmp_path / "local/run.jsonl"], tmp_path / "again", {}, out)
    assert code == 1
    assert out.getvalue().startswith("target    local  http://127.0.0.1:8000  run ")
    assert "RED (service)  books.read" in out.getvalue()
    assert json.loads((tmp_path / "again/verdict.json").read_text())["verdict"] == "red"


def test_several_records_have_one_code(tmp_path: Path) -> None:
    green(tmp_path, "us")
    begun(tmp_path / "eu/run.jsonl", "eu").close()
    paths = [tmp_path / "us/run.jsonl", tmp_path / "eu/run.jsonl"]
    assert report(paths, tmp_path / "all", {}, io.StringIO()) == 2


def test_two_records_are_compared(tmp_path: Path) -> None:
    green(tmp_path, "a")
    red(tmp_path, "b")
    paths, out = [tmp_path / "a/run.jsonl", tmp_path / "b/run.jsonl"], io.StringIO()
    assert compared(paths, out) == 1
    assert out.getvalue().startswith("verdict: green -> red\nnewly failing:\n")
    assert compared(paths[::-1], io.StringIO()) == 0


def test_many_records_tell_what_varied(tmp_path: Path) -> None:
    for name in "abc":
        green(tmp_path, name)
    paths, out = [tmp_path / name / "run.jsonl" for name in "abc"], io.StringIO()
    assert compared(paths, out) == 0
    assert out.getvalue() == "nothing varied in 3 runs\n"


def test_what_is_not_a_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "none")
