"""The simulated targets behave as declared, in real units on this machine."""

import json
from pathlib import Path

from tests.desk import has, project
from tests.fleet.simulation import KINDS, drawn, simulated
from tests.fleet.test_local import run


def test_each_kind_has_its_verdict(tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    has(root, {"known": 'base_url = "http://127.0.0.1:9"'})
    targets = drawn(len(KINDS))
    with simulated(targets, root / "list.json") as expected:
        assert run(root, "plan", "list.json").returncode == 0
        run(root, "run", "fleet.json", "--unit", "records", "--retry-pause", "0", "--at-once", "2")
    assert run(root, "merge", "fleet.json", "records", "--out", "out").returncode == 1
    verdict = json.loads((root / "out/verdict.json").read_text(encoding="utf-8"))
    assert {row["target"]: row["verdict"] for row in verdict["targets"]} == expected
    asked = {target.kind: len(target.runs) for target in targets}
    assert asked == {"green": 1, "red": 1, "dead": 0, "late": 2, "killed": 2, "misspelt": 0}
