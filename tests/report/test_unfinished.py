"""No file of an earlier run is taken for the result of a later one, whatever ended that."""

import json
import os
import resource
import stat
from pathlib import Path

import pytest
from junitparser import JUnitXml

from smoke.errors import ConfigError, UnverifiedError
from smoke.report.files import begin_reports, write_reports
from smoke.results.heading import unstarted
from smoke.results.lines import Lines
from smoke.results.record import Record
from smoke.results.record_reader import read
from smoke.results.secrets import Secrets
from tests.report.outputs import FILES, all_read
from tests.results.records import begun, green


@pytest.fixture
def yesterday(tmp_path: Path) -> Path:
    """The folder of a run that was green."""
    write_reports([green(tmp_path)], tmp_path / "local", {})
    return tmp_path / "local"


def test_run_that_begins_says_unfinished_in_every_file(yesterday: Path) -> None:
    (yesterday / "eu.har").write_text("of a run against several targets")
    run = begun(yesterday / "run.jsonl")
    begin_reports([Record.of_lines(run.lines.kept)], yesterday)
    texts = all_read(yesterday)
    assert not (yesterday / "eu.har").exists()
    shown = json.loads(texts["verdict.json"])
    assert (shown["verdict"], shown["exit"]) == ("unverified", 2)
    for name in ("verdict.json", "junit.xml", "summary.md", "report.html"):
        assert "unfinished" in texts[name], name
    (suite,) = JUnitXml.fromstring(texts["junit.xml"].encode())
    assert suite.errors == 1
    (test,) = json.loads(texts["ctrf.json"])["results"]["tests"]
    assert (test["status"], "unfinished" in test["message"]) == ("failed", True)
    run.close()


def test_green_run_before_stays_what_later_ones_are_compared_with(yesterday: Path) -> None:
    begun(yesterday / "run.jsonl").close()
    assert read(yesterday / "green.jsonl").word == "green"


def test_run_that_never_began_says_why_in_every_file(yesterday: Path) -> None:
    record = unstarted("local", ConfigError(["gate 'x' does not exist"]))
    write_reports([record], yesterday, {}, {})
    shown = json.loads((yesterday / "verdict.json").read_text())
    assert (shown["verdict"], shown["exit"]) == ("misused", 4)
    assert shown["reason"] == "gate 'x' does not exist"


def test_disk_that_is_full_leaves_the_run_unfinished(yesterday: Path) -> None:
    run = begun(yesterday / "run.jsonl")
    begin_reports([Record.of_lines(run.lines.kept)], yesterday)
    run.close()
    record = green(yesterday.parent, "other")
    child = os.fork()
    if not child:  # a process with files that may not grow, as on a disk without room
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            write_reports([record], yesterday, {}, {})
        except UnverifiedError as error:
            os._exit("cannot be written: File too large" in str(error))
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert json.loads(all_read(yesterday)["verdict.json"])["verdict"] == "unverified"
    assert not list(yesterday.glob(".*.new"))


def test_record_that_cannot_be_written_ends_the_run() -> None:
    lines = Lines(Secrets(), Path("/dev/full"))
    with pytest.raises(UnverifiedError, match="The record cannot be written: No space left"):
        lines.write("note", text="x")
    lines.close()


def test_every_file_is_its_owner_s_alone(yesterday: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in yesterday.iterdir()}
    assert set(modes) >= set(FILES)
    assert set(modes.values()) == {0o600}
