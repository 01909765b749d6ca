"""Records: JSON lines of any kind, and real records made wrong, are refused or make reports."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.report.compare import compare, lines, since, varied_lines
from smoke.report.ending import ending
from smoke.report.summary import header
from smoke.results.record_reader import read, read_lines
from tests.fuzz.effort import bounded, refusable, tried
from tests.fuzz.mutations import mutated, scratched, values
from tests.report.rendering import rendered
from tests.results.records import green, red

STARTED = "2026-01-02T03:04:05+00:00"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a green record to compare with."""
    found = tmp_path_factory.mktemp("records")
    green(found)
    return found


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    """A red record with a resource to clean up, the same in every run of these tests."""
    head = red(folder, "red").header
    text = (folder / "red/run.jsonl").read_text("utf-8")
    for key, fixed in (("id", "0" * 8), ("trace_id", "0" * 32), ("started", STARTED)):
        text = text.replace(head[key], fixed)
    text = re.sub(r'"(seconds|ended_s)": [\d.e-]+', r'"\1": 0.5', text)
    undo = {"operation": "DELETE /a/{id}", "actor": "owner", "path": {"id": "1"}, "body": None}
    return text + json.dumps({"kind": "undo"} | undo) + "\n"


def read_or_refused(folder: Path, text: str) -> None:
    path = folder / "bad"
    path.write_text(text, encoding="utf-8", errors="replace")
    for use in (read_lines, reported):
        with bounded(), refusable(rf"{re.escape(str(path))}(:\d+(:\d+|#(/.*)?)?)?: \S"):
            use(path)


def reported(path: Path) -> None:
    """Render every report of a record."""
    record, other = read(path), read(path.parent / "local/run.jsonl")
    assert rendered([record])
    assert [*header(record.header), *ending(record, "report.html")]
    for pair in ((other, record), (record, other)):
        assert [*lines(compare(*pair)), *since(*pair)]
    assert isinstance([*varied_lines([record, other, record])], list)


@tried(80)
@given(data=st.data())
def test_record_made_wrong(folder: Path, text: str, data: st.DataObject) -> None:
    rows = data.draw(mutated([json.loads(line) for line in text.splitlines()], 1))
    read_or_refused(folder, "\n".join(map(json.dumps, rows)))


@tried(40)
@given(data=st.data())
def test_text_made_wrong(folder: Path, text: str, data: st.DataObject) -> None:
    read_or_refused(folder, data.draw(scratched(text)))


@tried(40)
@given(more=st.text() | st.lists(values()).map(lambda rows: "\n".join(map(json.dumps, rows))))
def test_any_text(folder: Path, text: str, more: str) -> None:
    read_or_refused(folder, more)
    read_or_refused(folder, text[: text.index("\n") + 1] + more)


@tried(20)
@given(length=st.integers(0, 5000))
def test_record_cut_anywhere_is_read(folder: Path, text: str, length: int) -> None:
    content = text.replace("books", "Bücher").encode()
    first = content.index(b"\n") + 1
    (folder / "bad").write_bytes(content[: first + length])
    assert read(folder / "bad").header["target"] == "red"
    assert read_lines(folder / "bad")
