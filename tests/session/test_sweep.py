"""A sweep follows the records of its target, one at a time, and reports each."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from filelock import FileLock

from smoke.cli.main import main
from smoke.results.run_dir import lock_of
from tests.results.records import begun
from tests.smoking import project
from tests.unlike import lockers
from tests.unlike.projects import KEYS, project_of
from tests.unlike.serve import serving

ROW = 'base_url = "http://127.0.0.1:9"\nenvironment = "local"'


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Where the records of a project with the target `staging` are."""
    project(tmp_path, ROW)
    return tmp_path / "records"


def _record(records: Path, name: str, text: str = "rubbish\n") -> Path:
    record = records / name / "run.jsonl"
    record.parent.mkdir(parents=True)
    record.write_text(text, encoding="utf-8")
    return record


def _sweep(records: Path) -> int:
    words = ["--target", "staging", "--root", str(records.parent), "--records", str(records)]
    return main(["sweep", *words])


def test_unreadable_record_is_reported_and_the_others_are_swept(
    records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _record(records, "staging")
    held = _record(records, "staging-2")
    with FileLock(lock_of(held.parent)):
        assert _sweep(records) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{records}/staging/run.jsonl:1")
    assert second == f"{held}: left alone: its run is going on"


def test_records_of_other_targets_are_not_looked_at(
    records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _record(records, "staging-eu")
    _record(records, "local")
    assert _sweep(records) == 0
    assert capsys.readouterr().out == ""


DELETE = "DELETE /lockers/{locker_id}"


class Killed:
    """Lockers, and the record of a run against them that was killed."""

    def __init__(self, folder: Path, url: str, app: FastAPI) -> None:
        self.url = url
        self.rows: dict[int, Any] = app.state.rows
        row = f'base_url = "{url}"\nenvironment = "local"'
        self.root = project_of("lockers", folder / "project", row)
        self.record = folder / "records/staging/unswept-0a1b2c3d.jsonl"
        self.record.parent.mkdir(parents=True)

    def make(self, *numbers: int) -> None:
        """Lockers of the tenant that the run had."""
        for number in numbers:
            self.rows[number] = {"id": number, "label": "x", "tenant": "ours"}

    def wrote(self, *lines: dict[str, Any] | str, url: str = "") -> None:
        """The record of a real run that was killed: its header, then these lines."""
        run = begun(self.record, "staging", url=url or self.url)
        run.close()
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        with self.record.open("a", encoding="utf-8") as record:
            record.write("\n".join(texts) + "\n")

    def sweep(self) -> int:
        """Sweep by the record."""
        words = ["--root", str(self.root), "--records", str(self.record.parents[1])]
        return main(["sweep", *words])


def undo(operation: str = DELETE, actor: str = "owner", **path: Any) -> dict[str, Any]:
    return {"kind": "undo", "operation": operation, "actor": actor, "path": path, "body": None}


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Killed]:
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    app = lockers.make()
    with serving(app) as url:
        yield Killed(tmp_path, url, app)


def test_record_that_was_kept_is_swept_and_then_removed(killed: Killed) -> None:
    killed.make(1, 2)
    killed.wrote(undo(locker_id=2))
    assert killed.sweep() == 0
    assert list(killed.rows) == [1]
    assert not killed.record.exists()


@pytest.mark.parametrize(("value", "left"), [("edge-key-0123456789", []), ("", [1])])
def test_headers_of_the_target_are_filled_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, left: list[int],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for name, key in {**KEYS, "SMOKE_EDGE": value}.items():
        monkeypatch.setenv(name, key)
    app = lockers.make()

    @app.middleware("http")
    async def edge(request: Request, following: Any) -> Any:
        """Refuse what does not come with the key of the edge."""
        known = request.headers.get("x-edge") == "edge-key-0123456789"
        return await following(request) if known else Response(status_code=403)

    with serving(app) as url:
        killed = Killed(tmp_path, url, app)
        table = killed.root / "pyproject.toml"
        text = table.read_text(encoding="utf-8").rstrip()
        table.write_text(
            f'{text}\nheaders = {{ X-Edge = "{{env:SMOKE_EDGE}}" }}\n', encoding="utf-8"
        )
        killed.make(1)
        killed.wrote(undo(locker_id=1))
        code = killed.sweep()
        assert list(killed.rows) == left
    assert code == (4 if left else 0)
    assert ("SMOKE_EDGE is not set" in capsys.readouterr().err) is bool(left)


def test_record_of_another_address_is_left_alone_and_kept(
    killed: Killed, capsys: pytest.CaptureFixture[str]
) -> None:
    killed.make(1)
    killed.wrote(undo(locker_id=1), url="https://eu.example.com")
    assert killed.sweep() == 1
    assert list(killed.rows) == [1]
    assert killed.record.exists()
    shown = capsys.readouterr().out
    assert "left alone: it belongs to a run against https://eu.example.com" in shown


def test_number_and_its_text_are_one_thing_that_is_taken_away_once(
    killed: Killed, capsys: pytest.CaptureFixture[str]
) -> None:
    killed.make(7)
    killed.wrote(undo(locker_id=7), undo(locker_id="7"))
    assert killed.sweep() == 0
    assert "1 removed, 0 were gone already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (undo("POST /lockers"), "POST /lockers takes nothing away: not sent"),
        (undo("DELETE /racks/{id}", id=1), "'DELETE /racks/{id}' is not an operation"),
        (undo(DELETE, rack=1), "does not have its path parameters: not sent"),
        (undo(DELETE), "does not have its path parameters: not sent"),
        (undo(DELETE, locker_id=1, json=2), "does not have its path parameters: not sent"),
        ('{"kind": "undo", "operation": "DEL', "staging/unswept-0a1b2c3d.jsonl:2"),
    ],
)
def test_bad_line_is_reported_and_the_others_are_swept(
    line: dict[str, Any] | str, message: str, killed: Killed, capsys: pytest.CaptureFixture[str]
) -> None:
    killed.make(1)
    killed.wrote(line, undo(locker_id=1), '{"kind": "note", "text": "x"}')
    assert killed.sweep() == 1
    assert killed.rows == {}
    assert message in capsys.readouterr().out
    assert killed.record.exists()


def test_production_is_not_swept_by_accident(
    killed: Killed, capsys: pytest.CaptureFixture[str]
) -> None:
    killed.make(1)
    killed.wrote(undo(locker_id=1))
    table = killed.root / "pyproject.toml"
    text = table.read_text(encoding="utf-8").replace('"local"', '"production"')
    table.write_text(text, encoding="utf-8")
    assert killed.sweep() == 4
    assert list(killed.rows) == [1]
    assert "--production staging" in capsys.readouterr().err
