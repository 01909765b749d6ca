"""The progress of a fleet's run, from the directory of its records."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.cli.main import main
from smoke.fleet.status import Status, counted, is_over
from tests.fleet.returned import RUN, came, fleet

if TYPE_CHECKING:
    import pytest


def begun(records: Path, target: str, ago_s: float, run: str = RUN) -> None:
    """The directory of a unit that still runs, or that was killed."""
    folder = records / f".{target}.{run}.1.u1"
    folder.mkdir(parents=True)
    since = (datetime.now(UTC) - timedelta(seconds=ago_s)).isoformat()
    unit = {"target": target, "run": run, "unit": "u1", "attempt": 1, "started": since}
    (folder / "unit.json").write_text(json.dumps(unit), encoding="utf-8")


def test_states_are_distinguished(tmp_path: Path, capsys: "pytest.CaptureFixture[str]") -> None:
    names = ("good", "bad", "again", "goes", "late", "none", "other")
    for name, word in (("good", "green"), ("bad", "red"), ("again", "unverified")):
        came(tmp_path, name, word)
    came(tmp_path, "other", "green", run="r0")
    begun(tmp_path, "again", 1)
    begun(tmp_path, "goes", 1)
    begun(tmp_path, "late", 61)
    begun(tmp_path, "none", 1, run="r0")
    states = Status(fleet(*names), RUN, tmp_path).states()
    assert states == {
        "good": "green", "bad": "red", "again": "running", "goes": "running", "late": "lost",
        "none": "waiting", "other": "waiting",
    }  # fmt: skip
    assert counted(states)[0] == ("red", 1)
    assert not is_over(states)
    (tmp_path / "fleet.json").write_text(fleet(*names).text(), encoding="utf-8")
    assert main(["fleet", "status", str(tmp_path / "fleet.json"), str(tmp_path)]) == 2
    out = capsys.readouterr().out
    assert "lost" in out
    assert "2/7" in out


def test_run_is_over_when_no_record_is_missing(tmp_path: Path) -> None:
    came(tmp_path, "a", "green")
    begun(tmp_path, "b", 61)
    (tmp_path / "fleet.json").write_text(fleet("a", "b").text(), encoding="utf-8")
    assert main(["fleet", "status", str(tmp_path / "fleet.json"), str(tmp_path), "--watch"]) == 2
    came(tmp_path, "b", "red")
    (tmp_path / ".b.r1.1.u1/unit.json").unlink()
    assert main(["fleet", "status", str(tmp_path / "fleet.json"), str(tmp_path), "--watch"]) == 0
