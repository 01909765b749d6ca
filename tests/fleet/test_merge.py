"""One verdict of all records: the worst decides, and missing targets are named."""

import gzip
import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import fromstring

import pytest
from junitparser import JUnitXml

from smoke.cli.main import main
from tests.fleet.returned import came, fleet
from tests.results.records import green

if TYPE_CHECKING:
    from smoke.fleet.expectation import Fleet


def merge(tmp_path: Path, expected: "Fleet", *words: object) -> tuple[int, dict[str, Any]]:
    """Merge with the command line; return the exit code and verdict.json."""
    file = tmp_path / "fleet.json"
    file.write_text(expected.text(), encoding="utf-8")
    out = tmp_path / "out"
    code = main(["fleet", "merge", str(file), *map(str, words), "--out", str(out)])
    verdict = json.loads((out / "verdict.json").read_text(encoding="utf-8"))
    assert verdict["exit"] == code
    return code, verdict


def by_name(verdict: dict[str, Any]) -> dict[str, str]:
    return {row["target"]: row["verdict"] for row in verdict["targets"]}


@pytest.mark.parametrize(
    ("words", "worst", "code"),
    [
        (["green", "green"], "green", 0),
        (["green", "red", "misused", "unverified"], "red", 1),
        (["green", "misused", "unverified"], "misused", 4),
        (["green", "unverified"], "unverified", 2),
    ],
)
def test_worst_target_decides(words: list[str], worst: str, code: int, tmp_path: Path) -> None:
    names = [f"t{number}" for number in range(len(words))]
    for name, word in zip(names, words, strict=True):
        came(tmp_path / "records", name, word)
    found, verdict = merge(tmp_path, fleet(*names), tmp_path / "records")
    assert (found, verdict["verdict"]) == (code, worst)
    assert by_name(verdict) == dict(zip(names, words, strict=True))
    assert verdict["targets"][0]["verdict"] == worst


def test_target_without_a_record_is_unverified_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    came(tmp_path / "records", "a", "green")
    code, verdict = merge(tmp_path, fleet("a", "lost"), tmp_path / "records")
    assert (code, verdict["missing"], verdict["counts"]["missing"]) == (2, ["lost"], 1)
    assert verdict["reason"] == "lost: no record came back"
    out = capsys.readouterr().out.splitlines()
    assert "MISSING    lost  no record came back" in out
    assert out[-2:] == [
        "UNVERIFIED (environment)  2 targets: 1 green, 1 unverified, 1 missing", "exit code 2",
    ]  # fmt: skip


def test_last_attempt_of_a_unit_stands_for_it_and_the_first_is_shown(tmp_path: Path) -> None:
    came(tmp_path / "records", "a", "unverified", 1)
    came(tmp_path / "records", "a", "green", 2)
    code, verdict = merge(tmp_path, fleet("a"), tmp_path / "records")
    (row,) = verdict["targets"]
    assert (code, row["verdict"], verdict["duplicates"]) == (0, "green", [])
    assert row["attempts"] == [
        {"attempt": 1, "verdict": "unverified"}, {"attempt": 2, "verdict": "green"},
    ]  # fmt: skip
    assert row["reason"].startswith("attempt 1 was unverified: books.read")


def test_two_units_of_one_target_are_reported_and_the_worse_counts(tmp_path: Path) -> None:
    came(tmp_path / "records", "a", "red", unit="11111111")
    came(tmp_path / "records", "a", "green", unit="22222222")
    code, verdict = merge(tmp_path, fleet("a"), tmp_path / "records")
    assert (code, verdict["duplicates"]) == (1, ["a"])
    assert "asked by 2 units, the worst counts" in verdict["reason"]


def test_copy_of_a_record_is_not_a_second_run(tmp_path: Path) -> None:
    came(tmp_path / "records", "a", "green")
    code, verdict = merge(tmp_path, fleet("a"), tmp_path / "records", tmp_path / "records")
    assert (code, verdict["duplicates"]) == (0, [])


def test_record_of_another_run_or_target_does_not_count(tmp_path: Path) -> None:
    came(tmp_path / "records", "a", "green", run="r0")
    came(tmp_path / "records", "b", "green")
    code, verdict = merge(tmp_path, fleet("a"), tmp_path / "records")
    assert (code, verdict["missing"], verdict["not_counted"]) == (2, ["a"], 2)
    assert [line.partition(": ")[2] for line in verdict["not_counted_records"]] == [
        "a (green): of another run (r0)", "b (green): not a target of this fleet",
    ]  # fmt: skip


def test_plain_record_counts_unless_it_is_older_than_the_list(tmp_path: Path) -> None:
    green(tmp_path / "records", "a")
    expected = fleet("a")
    assert merge(tmp_path, expected, tmp_path / "records")[0] == 0
    later = replace(expected, created="2999-01-01T00:00:00+00:00")
    code, verdict = merge(tmp_path, later, tmp_path / "records")
    assert (code, verdict["missing"]) == (2, ["a"])
    assert "older than the fleet's list" in verdict["not_counted_records"][0]


@pytest.mark.parametrize("word", ["green", "red"])
def test_record_that_is_cut_short_is_never_green(word: str, tmp_path: Path) -> None:
    path = came(tmp_path / "records", "a", word) / "run.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-40])
    code, verdict = merge(tmp_path, fleet("a"), tmp_path / "records")
    assert code in (1, 2)
    assert by_name(verdict)["a"] in ("unverified", "red")
    assert "damaged" in verdict["reason"] or word == "red"


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"\x1f\x8b", b"\x00" * 100, gzip.compress(b"no", mtime=0)],
    ids=["empty", "object", "cut", "zeros", "packed text"],
)
def test_file_that_is_not_a_record_is_reported(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records/run.jsonl.gz").write_bytes(content)
    code, verdict = merge(tmp_path, fleet("a"), tmp_path / "records")
    assert (code, verdict["not_counted"]) == (2, 1)
    assert "run.jsonl.gz" in verdict["not_counted_records"][0]


def test_records_come_from_archives_and_single_files_too(tmp_path: Path) -> None:
    came(tmp_path / "one", "a", "green")
    single = came(tmp_path / "two", "b", "green") / "run.jsonl.gz"
    with tarfile.open(tmp_path / "records.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "one", "records")
    code, _ = merge(tmp_path, fleet("a", "b"), tmp_path / "records.tar.gz", single)
    assert code == 0


def test_unfinished_record_does_not_count(tmp_path: Path) -> None:
    place = came(tmp_path / "records", "a", "green")
    place.rename(tmp_path / "records/.a.r1.1.11111111")
    code, verdict = merge(tmp_path, fleet("a"), tmp_path / "records")
    assert (code, verdict["missing"]) == (2, ["a"])


def test_each_file_has_the_same_verdict(tmp_path: Path) -> None:
    for name in ("green", "red", "unverified", "misused"):
        came(tmp_path / "records", name, name)
    merge(tmp_path, fleet("green", "red", "unverified", "misused", "gone"), tmp_path / "records")
    out = tmp_path / "out"
    (suite,) = JUnitXml.fromfile(str(out / "junit.xml"))
    assert (suite.tests, suite.failures, suite.errors) == (5, 1, 3)
    text = (out / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("## 🔴 RED (service) · fleet")
    assert "| gone | 🟡 unverified | environment | no record came back |" in text
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "<script>window.hacked" not in page
    rows = fromstring(page[page.index("<tbody>") : page.index("</tbody>")] + "</tbody>")  # noqa: S314
    names = ["".join(row[0].itertext()) for row in rows]
    assert names == ["red", "misused", "unverified", "gone", "green"]
    assert [cell.text for cell in rows[0][4:]] == ["1/2", "0/1", "0/1"]
    assert sorted(path.name.partition(".")[0] for path in (out / "pages").iterdir()) == [
        "misused", "red", "unverified",
    ]  # fmt: skip
    hidden = [path.name for path in out.iterdir() if path.name.startswith(".")]
    assert hidden == []


def test_place_without_records_is_misuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fleet.json").write_text(fleet("a").text(), encoding="utf-8")
    words = [
        "fleet",
        "merge",
        str(tmp_path / "fleet.json"),
        "nowhere",
        "--out",
        str(tmp_path / "o"),
    ]
    assert main(words) == 4
    assert "nowhere: no such directory or file of records." in capsys.readouterr().err
