"""The files next to a record, read by parsers that are not ours."""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from haralyzer import HarParser  # type: ignore[import-untyped]
from junitparser import Error, Failure, JUnitXml, Skipped

from smoke.report.ctrf import ctrf
from smoke.report.files import annotations, commands, write_reports
from smoke.report.har import har
from smoke.report.junit import junit
from smoke.report.markdown import markdown
from smoke.report.verdict_json import verdict_json
from smoke.results.record import Record
from smoke.results.record_reader import gather, read
from tests.report.rendering import rendered
from tests.results.records import HOSTILE, green, red

BACKTICKS = "``` ````` `x` | <b> @everyone [x](http://evil.example) ::error::gotcha"


@pytest.fixture
def good(tmp_path: Path) -> Record:
    return green(tmp_path)


@pytest.fixture
def bad(tmp_path: Path) -> Record:
    return red(tmp_path)


def test_every_file_is_a_function_of_the_record_alone(tmp_path: Path) -> None:
    red(tmp_path)
    place = tmp_path / "local" / "run.jsonl"
    assert rendered([read(place)]) == rendered([gather("elsewhere", place.read_text())])


def test_files_stand_next_to_the_record(good: Record, tmp_path: Path) -> None:
    page = write_reports([good], tmp_path / "out", {})
    assert page == tmp_path / "out" / "report.html"
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"verdict.json", "junit.xml", "summary.md", "ctrf.json", "run.har",
                     "report.html"}  # fmt: skip


def test_several_targets_share_their_files(tmp_path: Path) -> None:
    files = rendered([red(tmp_path, "eu"), green(tmp_path, "us")])
    assert {"eu.har", "us.har"} < set(files)
    shown = json.loads(files["verdict.json"])
    assert (shown["verdict"], shown["exit"]) == ("red", 1)
    assert [row["verdict"] for row in shown["targets"]] == ["red", "green"]
    assert [suite.name for suite in JUnitXml.fromstring(files["junit.xml"].encode())] == [
        "smoke eu",
        "smoke us",
    ]


def test_verdict_is_for_programs(bad: Record) -> None:
    shown = verdict_json(bad)
    assert (shown["verdict"], shown["exit"], shown["cause"]) == ("red", 1, "service")
    assert shown["checks"] == {"passed": 1, "failed": 4, "skipped": 1, "known": 1, "blocked": 1}
    assert shown["operations"] == {"failed": 1, "succeeded": 1, "missing": 1, "gated off": 1}
    first = shown["failures"][0]
    assert first["check"] == "books.read"
    assert (first["expected"], first["got"], first["status"]) == ("200", "500", 500)
    assert first["curl"] == (
        "curl -sS -i -m 10 http://127.0.0.1:8000/books/7 "
        '-H "authorization: Bearer $SMOKE_TOKEN_OWNER"'
    )
    assert first["again"] == "nox -s smoke-local -- -k read"
    span = first["traceparent"].split("-")
    assert first["trace_url"] == f"https://traces.example.com/t/{span[1]}?span={span[2]}"


def test_failures_of_the_service_come_first(bad: Record) -> None:
    causes = [row["cause"] for row in verdict_json(bad)["failures"]]
    assert causes == ["service", "contract", "environment", "harness"]


def test_junit_is_read_by_another_parser(bad: Record) -> None:
    suites = JUnitXml.fromstring(junit([bad]).encode())
    (suite,) = list(suites)
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (8, 2, 2, 3)
    results = {case.name: [type(result) for result in case.result] for case in suite}
    assert results["read"] == [Failure]
    assert results["shape[<b>]"] == [Failure]
    assert results["silent"] == [Error]
    assert results["all"] == [Skipped]
    assert results["made"] == []


def test_junit_gives_the_whole_failure(bad: Record) -> None:
    root = ElementTree.fromstring(junit([bad]))  # noqa: S314  (our own text)
    failure = root.find(".//testcase[@name='read']/failure")
    assert failure is not None
    assert failure.get("type") == "service"
    for part in ("expected  200", "curl -sS", "again     nox -s smoke-local -- -k read"):
        assert part in str(failure.text)


def test_junit_survives_what_xml_cannot_say(tmp_path: Path) -> None:
    record = red(tmp_path, body="\x00\x0b\ud7ff\ufffe]]>&<x>")
    record.checks[0]["title"] = record.checks[1]["text"] = "\x00\x0b\ufffe]]>&<x>"
    assert len(list(JUnitXml.fromstring(junit([record]).encode()))) == 1


def test_har_is_read_by_another_reader(bad: Record) -> None:
    parser = HarParser(json.loads("".join(har(bad))))
    assert [page.page_id for page in parser.pages] == list(bad.sent_by)
    entries = [entry for page in parser.pages for entry in page.entries]
    assert [entry.response.status for entry in entries] == [201, 200, 0, 500, 201]
    assert entries[3].request.url == "http://127.0.0.1:8000/books/7"
    assert entries[3].response.text == HOSTILE
    assert entries[0].request.headers[0]["value"] == "Bearer $SMOKE_TOKEN_OWNER"


def closed(required: str, **optional: Any) -> dict[str, Any]:
    """An object with members of these names and no others."""
    names = required.split()
    properties = dict.fromkeys(names, True) | optional
    return {"type": "object", "required": names, "properties": properties,
            "additionalProperties": False}  # fmt: skip


WHOLE, TEXT = {"type": "integer"}, {"type": "string"}
NAME, EXTRA = {"type": "string", "minLength": 1}, {"type": "object"}
CTRF_TEST = closed(
    "name status duration", name=NAME, duration=WHOLE, start=WHOLE, stop=WHOLE, message=TEXT,
    trace=TEXT, rawStatus=TEXT, extra=EXTRA,
    status={"enum": ["passed", "failed", "skipped", "pending", "other"]},
    suite={"type": "array", "minItems": 1, "items": TEXT},
)  # fmt: skip
COUNTS = "tests passed failed skipped pending other start stop"
CTRF = closed(
    "reportFormat specVersion results",
    reportFormat={"const": "CTRF"},
    specVersion={"pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
    generatedBy=TEXT,
    results=closed(
        "tool summary tests",
        tool=closed("name", name=NAME, version=TEXT),
        summary=closed(COUNTS, suites=WHOLE, **dict.fromkeys(COUNTS.split(), WHOLE)),
        tests={"type": "array", "items": CTRF_TEST},
        environment=closed("", testEnvironment=TEXT, extra=EXTRA),
        extra=EXTRA,
    ),
)
"""What https://ctrf.io requires of a report and what of it we use, in our own words."""


def test_ctrf_has_what_the_format_requires(bad: Record, good: Record) -> None:
    shown = ctrf([bad, good])
    jsonschema_rs.validate(CTRF, shown)
    summary = shown["results"]["summary"]
    assert summary["tests"] == len(shown["results"]["tests"]) == 11
    ways = ("passed", "failed", "skipped", "pending", "other")
    assert [summary[way] for way in ways] == [4, 4, 1, 1, 1]
    assert summary["stop"] >= summary["start"]


def test_markdown_tells_the_verdict_and_the_first_failure(bad: Record) -> None:
    text = markdown([bad])
    assert text.startswith("## 🔴 RED: local\n")
    assert "\n### books.read\n" in text
    assert "- expected: 200\n- got: 500 (5 ms)" in text
    assert "| books | 1/2 ✖ |" in text
    assert "Again: `nox -s smoke-local -- -k read`" in text
    assert "```sh\ncurl -sS" in text


def test_markdown_of_several_targets_has_one_verdict_and_a_section_for_each(
    tmp_path: Path,
) -> None:
    text = markdown([green(tmp_path, "us"), red(tmp_path, "eu")])
    assert text.startswith(
        "## 🔴 RED: eu \\(1 of 2 targets\\)\n\n**Why (service):** eu: books.read"
    )
    headings = [line for line in text.splitlines() if line.startswith(("## ", "### "))]
    assert headings[1:] == ["### 🔴 RED: eu", "### 🟢 GREEN: us"]
    assert "| surface | us | eu |" in text
    assert "| books | 2/2 | 1/2 ✖ |" in text
    assert "| films |  | 0/1 |" in text


def test_markdown_of_all_green_targets_is_green(tmp_path: Path) -> None:
    text = markdown([green(tmp_path, "us"), green(tmp_path, "eu")])
    assert text.startswith("## 🟢 GREEN: us, eu \\(2 of 2 targets\\)\n\n| target |")


def test_markdown_fits_into_a_comment(tmp_path: Path) -> None:
    record = red(tmp_path)
    record.checks += [record.checks[3] | {"check": f"books.long{n}"} for n in range(9)]
    record.by_number[4]["request_body"] = "x" * 30_000
    text = markdown([record] * 9)
    assert len(text) < 65_536
    assert text.endswith("… The rest is in `report.html`.\n")
    assert text.count("```") % 2 == 0


def test_what_is_new_is_told_in_every_file_for_people(tmp_path: Path) -> None:
    green(tmp_path)
    page = write_reports([red(tmp_path)], tmp_path / "local", {})
    for path in (page, page.with_name("summary.md")):
        assert "newly failing: books" in path.read_text(encoding="utf-8")
    page = write_reports([red(tmp_path)], tmp_path / "elsewhere", {})
    assert "newly failing" not in page.read_text(encoding="utf-8")


def test_what_is_new_is_told_of_each_of_several_targets(tmp_path: Path) -> None:
    green(tmp_path, "eu")
    page = write_reports([red(tmp_path, "eu"), green(tmp_path, "us")], tmp_path / "combined", {})
    assert page.read_text(encoding="utf-8").count("newly failing") == 1


def test_markdown_lets_nothing_out_of_its_place(tmp_path: Path) -> None:
    record = red(tmp_path, body=f"{HOSTILE} {BACKTICKS}")
    record.checks[1]["text"] = f"```\n# heading\n{BACKTICKS}"
    record.checks[1]["exchange"] = 0
    text = markdown([record])
    fences = re.findall(r"^`{3,}", text, re.MULTILINE)
    assert len(fences) % 2 == 0
    outside = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    outside = re.sub(r"(`+) ?.*? ?\1", "", outside)
    for raw in ("<script", "<img", "@everyone", "](http"):
        assert raw not in outside


def test_annotations_name_check_and_values(bad: Record) -> None:
    lines = list(annotations([bad]))
    assert lines[0].startswith(
        "::error title=smoke local%3A books.read::GET /books/{book_id} as owner: expected 200, got"
    )
    assert [line.partition(" ")[0] for line in lines] == [
        "::error",
        "::error",
        "::warning",
        "::warning",
    ]


def test_annotation_cannot_begin_another(tmp_path: Path) -> None:
    record = red(tmp_path)
    record.checks[3]["text"] = "first\n::error::second\r\n::set-output name=x::y%0A"
    for line in annotations([record]):
        assert "\n" not in line
        assert "\r" not in line


def test_verdict_without_failure_is_annotated_too(good: Record) -> None:
    assert list(annotations([good])) == []
    good.last = {**good.verdict, "word": "unverified", "reason": "no check ran"}
    del good.__dict__["verdict"]
    assert list(annotations([good])) == ["::warning title=smoke local%3A unverified::no check ran"]


def test_annotations_are_for_github_only(bad: Record) -> None:
    assert list(commands([bad], {})) == []
    assert list(commands([bad], {"GITHUB_ACTIONS": "true"})) == list(annotations([bad]))


def test_step_summary_is_appended(good: Record, tmp_path: Path) -> None:
    page = tmp_path / "summary"
    page.write_text("before\n")
    write_reports([good], tmp_path / "out", {"GITHUB_STEP_SUMMARY": str(page)})
    assert page.read_text() == "before\n" + (tmp_path / "out" / "summary.md").read_text()


def test_report_page_holds_no_markup_of_the_service(bad: Record) -> None:
    page = rendered([bad])["report.html"]
    assert "<img" not in page
    assert page.count("<script") == page.count("</script>") == 2
    assert not re.search(r"""(src|href)=["'](?!data:|https://traces|#)""", page)


def test_report_page_runs_only_its_own_script(good: Record) -> None:
    page = rendered([good])["report.html"]
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert policy[1].startswith("default-src 'none'; img-src data:; ")
    assert "unsafe" not in policy[1]


def test_killed_run_has_all_its_reports(tmp_path: Path) -> None:
    red(tmp_path)
    text = (tmp_path / "local" / "run.jsonl").read_text()
    killed = gather("x", text[: text.index('{"kind": "verdict"')])
    files = rendered([killed])
    assert json.loads(files["verdict.json"])["verdict"] == "red"
    assert "✖ RED" in files["report.html"]
    header_only = gather("x", text.split("\n")[0])
    assert json.loads(rendered([header_only])["verdict.json"])["verdict"] == "unverified"
