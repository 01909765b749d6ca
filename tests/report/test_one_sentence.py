"""A failure is worded once: every output shows the same sentence."""

import html
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from smoke.report.files import annotations
from smoke.report.several import end_of_several
from tests.report.rendering import rendered
from tests.results.records import green, red

SENTENCE = "GET /books/{book_id} as owner: expected 200, got 500"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    return rendered([red(tmp_path)])


def test_files_for_programs_carry_the_sentence(files: dict[str, str]) -> None:
    (failure,) = ElementTree.fromstring(files["junit.xml"]).iterfind(  # noqa: S314  (our own text)
        ".//testcase[@name='read']/failure"
    )
    assert failure.get("message") == SENTENCE
    tests = json.loads(files["ctrf.json"])["results"]["tests"]
    assert SENTENCE in [test.get("message") for test in tests]
    shown = json.loads(files["verdict.json"])
    assert shown["failures"][0]["reason"] == SENTENCE
    assert shown["reason"] == f"books.read: {SENTENCE}"


def test_files_for_people_carry_the_sentence(files: dict[str, str], tmp_path: Path) -> None:
    assert SENTENCE in html.unescape(files["report.html"])
    plain = files["summary.md"].replace("\\", "")
    assert SENTENCE in plain
    records = [red(tmp_path, "eu"), green(tmp_path, "us")]
    assert SENTENCE in next(annotations(records))
    lines = end_of_several(records, dict.fromkeys(("eu", "us"), tmp_path / "x"), tmp_path / "x")
    assert SENTENCE in " ".join(" ".join(line for line, _ in lines).split())


def test_masked_address_in_the_har_keeps_scheme_and_host(tmp_path: Path) -> None:
    record = red(tmp_path)
    record.exchanges[0]["url"] = "$SMOKE_SECRET_OWNER_URL"
    entries = json.loads(rendered([record])["run.har"])["log"]["entries"]
    assert entries[0]["request"]["url"] == "http://127.0.0.1:8000/"
    assert entries[1]["request"]["url"].startswith("http://127.0.0.1:8000/")
    assert "$SMOKE_SECRET_OWNER_URL" in entries[0]["comment"]
