"""A fleet on one machine: every target a unit of its own, within limits, and one verdict."""

import asyncio
import json
import subprocess
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import pytest

from smoke.fleet.expectation import Expected, load
from smoke.fleet.local import Turns
from tests.desk import Desk, has, project
from tests.fleet.returned import fleet
from tests.fleet.units import environ_of, smoke
from tests.unlike.serve import serving


def run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the fleet in a project, to its end."""
    return subprocess.run(  # noqa: S603  (our own module, no shell)
        smoke("fleet", *words), cwd=root, env=environ_of(), capture_output=True, text=True,
        check=False, timeout=55,
    )  # fmt: skip


def test_fleet_of_a_list_is_planned_run_and_merged(tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    has(root, {"known": 'base_url = "http://127.0.0.1:9"'})
    desks = {"good": Desk(), "bad": Desk("list_breaks"), "wrong": Desk()}
    with ExitStack() as stack:
        urls = {name: stack.enter_context(serving(desk.app())) for name, desk in desks.items()}
        rows = [{"name": name, "base_url": url, "owner": "us"} for name, url in urls.items()]
        rows[2]["gates"] = {"drawer": "on"}  # type: ignore[assignment]
        (root / "list.json").write_text(json.dumps(rows), encoding="utf-8")
        assert run(root, "plan", "list.json", "--limit", "owner=2").returncode == 0
        ran = run(root, "run", "fleet.json", "--unit", "records", "--retry-pause", "0")
        shard = run(root, "run", "fleet.json", "--unit", "records", "--shard", "7")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    found = run(root, "merge", "fleet.json", "records", "--out", "out")
    assert found.returncode == 1, found.stdout
    verdict = json.loads((root / "out/verdict.json").read_text(encoding="utf-8"))
    words = {row["target"]: row["verdict"] for row in verdict["targets"]}
    assert words == {"good": "green", "bad": "red", "wrong": "misused"}
    assert [desk.seedings for desk in desks.values()] == [1, 1, 0]
    assert load(root / "fleet.json").id == verdict["run"]
    assert "The fleet has no shard 7. Shards: 0 to 2." in shard.stderr


@pytest.mark.parametrize(
    ("limits", "at_once", "most"),
    [({}, 3, {"all": 3}), ({"owner": 1}, 9, {"x": 1, "y": 1}), ({"host": 2}, 9, {"h": 2})],
)
async def test_limits_hold(limits: dict[str, int], at_once: int, most: dict[str, int]) -> None:
    targets = [Expected(f"t{n}", 0, (f"owner:{'xy'[n % 2]}",), "h") for n in range(8)]
    turns = Turns(fleet("a", limits=limits), at_once)
    now: dict[str, int] = {}
    seen: dict[str, int] = {}

    async def one(target: Expected) -> None:
        async with AsyncExitStack() as stack:
            await turns.take(stack, target)
            groups = ["all", target.host, target.tags[0][-1]]
            for group in groups:
                now[group] = now.get(group, 0) + 1
                seen[group] = max(seen.get(group, 0), now[group])
            for _ in range(5):
                await asyncio.sleep(0)
            for group in groups:
                now[group] -= 1

    await asyncio.gather(*map(one, targets))
    assert {group: seen[group] for group in most} == most
