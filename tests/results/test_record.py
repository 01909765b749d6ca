"""A record that is read back: every line of its kind, or refused with file, line and pointer."""

import json
from pathlib import Path
from typing import Any

import pytest

from smoke.errors import DataError
from smoke.results.record_reader import gather, read, read_lines
from tests.results.records import begun, green

UNDO: dict[str, Any] = {
    "kind": "undo", "operation": "DELETE /a/{id}", "actor": "owner", "path": {"id": 1}, "body": None
}  # fmt: skip


@pytest.fixture
def header(tmp_path: Path) -> str:
    """The first line of a record."""
    begun(tmp_path / "run.jsonl").close()
    return (tmp_path / "run.jsonl").read_text("utf-8").splitlines()[0]


def refused(*lines: Any) -> str:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    with pytest.raises(DataError) as error:
        gather("x", "\n".join(texts))
    return str(error.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("oops", "x:2:1: not JSON: Expecting value."),
        ({"kind": "note", "text": 5}, 'x:2#/text: 5 is not of type "string".'),
        ({"kind": "note"}, 'x:2#: "text" is a required property.'),
        ({"kind": "nothing"}, "x:2: is not a line of a record."),
        ({"kind": ["note"]}, "x:2: is not a line of a record."),
        ([], "x:2: is not a line of a record."),
        (UNDO | {"actor": None}, 'x:2#/actor: null is not of type "string".'),
        ('{"kind": "note", "text": NaN}', "x:2:26: NaN is not a JSON number."),
    ],
)
def test_line_of_another_kind_is_refused_with_its_place(
    line: Any, message: str, header: str
) -> None:
    assert refused(header, line, {"kind": "note", "text": ""}) == message


def test_numbers_beyond_all_measure_are_refused(header: str) -> None:
    check = {
        "kind": "check", "check": "a", "title": "", "outcome": "passed", "seconds": 1e300,
        "ended_s": 0, "reason": "", "text": "", "cause": "", "operations": [], "generated": False,
        "expected": "", "got": "", "exchange": 10**400, "again": "",
    }  # fmt: skip
    lines = refused(header, check).split("\n")
    assert lines == [f"x:2#/{key}: the number is too large." for key in ("seconds", "exchange")]


def test_second_header_is_refused(header: str) -> None:
    assert refused(header, header) == "x:2: is not a line of a record."


def test_what_a_line_has_beside_does_not_count(header: str) -> None:
    note = {"kind": "note", "text": "t", "more": 5}
    assert gather("x", f"{header}\n\n{json.dumps(note)}\n").notes == [note]


def test_end_that_was_cut_inside_a_character_is_left_out(tmp_path: Path) -> None:
    record = green(tmp_path)
    path = tmp_path / "local/run.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + '{"kind": "note", "text": "ö'.encode()[:-1])
    assert read(path).checks == record.checks
    path.write_bytes(whole + b"\0\0\0")  # as a file system leaves it that lost its power
    assert read(path).checks == record.checks
    assert len(read_lines(path)) == len(whole.splitlines())


def test_file_that_is_no_record_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"")
    with pytest.raises(DataError, match=r"run\.jsonl: is not the record of a run: it is empty"):
        read(path)
    assert read_lines(path) == []
    with pytest.raises(DataError, match=r"a directory, not a regular file\. Name a run\.jsonl"):
        read(tmp_path)
