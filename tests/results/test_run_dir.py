"""Two runs do not share a folder, and what an earlier run left is kept only where it is needed."""

import json
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from smoke.results.run_dir import (
    Folder,
    open_private,
    put_aside,
    replace_together,
    unswept,
)

UNDO = {"kind": "undo", "operation": "DELETE /a/{id}", "actor": "o", "path": {"id": 1}}


def record(folder: Path, *lines: Mapping[str, object], cut: str = "") -> Path:
    """A record with these lines after its header."""
    path = folder / "run.jsonl"
    rows = [{"kind": "run", "id": "abcd1234"}, *lines]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows) + cut)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_folder_is_taken_once_and_free_again_later(tmp_path: Path) -> None:
    first, second = Folder(tmp_path, "local"), Folder(tmp_path, "local")
    assert (first.path, second.path) == (tmp_path / "local", tmp_path / "local-2")
    first.release()
    third = Folder(tmp_path, "local")
    assert third.path == tmp_path / "local"
    second.release()
    third.release()


def test_file_of_a_run_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("of an earlier version")
    path.chmod(0o644)
    with open_private(path, "wb") as file:
        file.write(b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folder = Folder(tmp_path, "local")
    assert stat.S_IMODE((tmp_path / ".local.lock").stat().st_mode) == 0o600
    folder.release()


@pytest.mark.parametrize(
    ("last", "left"),
    [
        ({"kind": "verdict", "word": "green", "part": ""}, ["green.jsonl"]),
        ({"part": "", "word": "green", "kind": "verdict"}, ["green.jsonl"]),
        ({"kind": "verdict", "word": "green", "part": "-k one"}, ["run.jsonl"]),
        ({"kind": "verdict", "word": "red", "part": ""}, ["run.jsonl"]),
    ],
)
def test_only_a_full_green_run_is_compared_with(
    last: dict[str, object], left: list[str], tmp_path: Path
) -> None:
    put_aside(record(tmp_path, UNDO, last))
    assert names(tmp_path) == left


def test_quick_green_run_is_not_compared_with(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    verdict = '{"kind": "verdict", "word": "green"}'
    path.write_text(f'{{"kind": "run", "id": "abcd1234", "depth": "quick"}}\n{verdict}\n')
    put_aside(path)
    assert names(tmp_path) == ["run.jsonl"]


def test_record_of_a_killed_run_stays_until_it_is_swept(tmp_path: Path) -> None:
    put_aside(record(tmp_path, UNDO, cut='{"kind": "exch'))
    assert unswept(tmp_path) == [tmp_path / "unswept-abcd1234.jsonl"]
    put_aside(record(tmp_path, {"kind": "note", "text": "x"}))
    assert names(tmp_path) == ["run.jsonl", "unswept-abcd1234.jsonl"]


@pytest.mark.parametrize("text", ["", "oops\n", "[1]\n", '{"kind": "run", "id": "../../x"}\n'])
def test_what_is_no_record_is_left_alone(text: str, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(text)
    put_aside(path)
    assert names(tmp_path) == ["run.jsonl"]
    put_aside(tmp_path / "there-is-none.jsonl")


def test_id_of_a_killed_run_leads_nowhere_else(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"kind": "run", "id": "../../x"}\n{"kind": "undo"}\n')
    put_aside(path)
    assert len(unswept(tmp_path)) == 1


def test_files_are_replaced_together_or_not_at_all(tmp_path: Path) -> None:
    replace_together(tmp_path, {"a": ["1"], "b": ["1"]})
    (tmp_path / ".b.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_together(tmp_path, {"a": ["2"], "b": ["2"]})
    assert (tmp_path / "a").read_text() == "1"
    assert not (tmp_path / ".a.new").exists()
