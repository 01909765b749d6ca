"""The command line writes reports again, and compares runs."""

import io
import json
from pathlib import Path

import pytest

from smoke.cli.main import main
from smoke.cli.records import compared, report
from smoke.errors import DataError
from smoke.report.files import write_reports
from smoke.results.record_reader import read
from tests.results.records import green, red


def test_reports_are_written_again_from_the_record(tmp_path: Path) -> None:
    green(tmp_path)
    red(tmp_path)
    first = write_reports([read(tmp_path / "local/run.jsonl")], tmp_path / "local", {})
    out = io.StringIO()
    report([tmp_path / "local/run.jsonl"], tmp_path / "again", out)
    assert out.getvalue().startswith("target    local  http://127.0.0.1:8000  run ")
    assert "\nnew       since the last green run" in out.getvalue()
    assert "\nRED (service)  books.read" in out.getvalue()
    for path in first.parent.iterdir():
        if path.suffix != ".jsonl":
            assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_several_records_share_one_report(tmp_path: Path) -> None:
    green(tmp_path, "us")
    red(tmp_path, "eu")
    out = io.StringIO()
    report([tmp_path / "us/run.jsonl", tmp_path / "eu/run.jsonl"], tmp_path / "all", out)
    assert "\nRED (service)  eu (1 of 2 targets)\n" in out.getvalue()
    verdict = json.loads((tmp_path / "all/verdict.json").read_text())
    assert [row["target"] for row in verdict["targets"]] == ["us", "eu"]


def test_report_command_exits_with_0_after_a_red_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    red(tmp_path)
    record, report_dir = str(tmp_path / "local/run.jsonl"), str(tmp_path / "out")
    assert main(["report", record, "--out", report_dir]) == 0
    assert "RED (service)  books.read" in capsys.readouterr().out


def test_two_records_are_compared(tmp_path: Path) -> None:
    green(tmp_path, "a")
    red(tmp_path, "b")
    was, now, out = tmp_path / "a/run.jsonl", tmp_path / "b/run.jsonl", io.StringIO()
    assert compared(was, now, out) == 1
    assert out.getvalue().startswith("verdict: green -> red\nnewly failing:\n")
    assert compared(now, was, io.StringIO()) == 0


def test_other_file_is_not_a_record(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "none")
