"""The generated pass against a service with known faults: its requests, reports and leftovers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

from fastapi import FastAPI

from smoke.config.targets import Target
from smoke.http.client import Client
from smoke.http.policy import Policy
from smoke.plan import Pool
from smoke.plan.build.builder import build
from smoke.results.expectations import Expect
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.session.holders import KeyHolder
from smoke.session.replay import Replay
from tests.smoking import smoke_run
from tests.unlike import FOLDER, contract_of, lockers, rules_of, shop
from tests.unlike.projects import KEYS, accounts, ended, lockers_run, made, project_of, verdict
from tests.unlike.serve import serving

MODULE = "smoke.pytest_plugin.derived.generated"
"""The module that pytest collects."""

CHECK = '''
"""A check of another team."""

import pytest


@pytest.mark.exercises("GET /lockers")
async def test_lockers_are_listed(actor, expect):
    """The owner's lockers are listed."""
    expect(await actor("owner").call("GET /lockers"))
'''
EVERYTHING = "--maxfail=0"
NEEDS_A_LOCKER = {
    "POST /lockers/{locker_id}/shelves",
    "GET /lockers/{locker_id}",
    "GET /lockers/{locker_id}/shelves/{shelf_id}",
    "DELETE /lockers/{locker_id}",
    "refusals.outsider_is_refused[shelves]",
    "refusals.outsider_is_refused[lockers]",
    "readback.change_is_read_back[POST /lockers written]",
    "readback.change_is_read_back[DELETE /lockers/{locker_id} removed]",
    "readback.change_is_read_back[POST /lockers/{locker_id}/shelves written]",
}


def test_dependents_of_a_failed_entry_are_blocked(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, EVERYTHING, fault="no_locker")
    assert run.code == 1, run.out
    outcomes = ended(run)
    assert [name for name, outcome in outcomes.items() if outcome == "failed"] == ["POST /lockers"]
    assert {name for name, outcome in outcomes.items() if outcome == "blocked"} == NEEDS_A_LOCKER
    reported = {row["reason"] for row in run.record("check") if row["outcome"] == "blocked"}
    assert reported <= {"blocked by POST /lockers", "blocked by POST /lockers/{locker_id}/shelves"}
    assert verdict(run) == "RED (service) POST /lockers as owner: expected 201, got 500"


@asynccontextmanager
async def replaying() -> AsyncIterator[tuple[Replay, Run]]:
    """A pass over the lockers that has sent nothing yet."""
    contract = contract_of("lockers")
    plan = build(contract, rules_of("lockers"))
    with serving(lockers.make()) as url:
        run = Run("t", Secrets())
        policy = Policy(creates=plan.creates, destroys=plan.destroys)
        client = Client(Target("t", base_url=url), contract, run, policy)
        key = KeyHolder(
            client, "owner", KEYS["LOCKERS_KEY_OWNER"], contract.security_schemes["key"]
        )
        expect = Expect(contract, run, lambda name: contract.operations[name].success)
        try:
            yield Replay(client, plan, Pool(run.id), expect, lambda _name: key), run
        finally:
            await client.close()


async def test_shared_prerequisite_is_sent_once() -> None:
    async with replaying() as (replay, run):
        run.current = "GET /lockers/{locker_id}"
        await replay.answer(replay.plan.by_name[run.current])
        run.current = "POST /lockers"
        await replay.answer(replay.plan.by_name[run.current])
        sent = [exchange.operation for exchange in run.exchanges]
    assert sent == ["POST /lockers", "GET /lockers/{locker_id}"]
    assert run.succeeded["POST /lockers"] == ["GET /lockers/{locker_id}", "POST /lockers"]


def test_whole_pass_sends_each_entry_once(tmp_path: Path) -> None:
    run, rows = lockers_run(
        tmp_path,
        "-k",
        "generated and not anonymous and not outsider and not hidden and not read_back"
        " and not invalid and not made_up",
    )
    assert run.code == 0, run.out
    sent = [row["operation"] for row in run.record("exchange")]
    assert sorted(sent) == sorted(contract_of("lockers").operations)
    assert rows == {}


def test_created_resources_are_deleted_after_a_failure(tmp_path: Path) -> None:
    run, rows = lockers_run(tmp_path, fault="no_shelf")
    assert run.code == 1, run.out
    assert ended(run)["POST /lockers"] == "passed"
    assert "DELETE /lockers/{locker_id}" not in ended(run)
    assert rows == {}


def test_stalled_stream_is_red_within_its_deadline(tmp_path: Path) -> None:
    began = monotonic()
    run, _ = lockers_run(tmp_path, fault="watch_stalls")
    assert run.code == 1, run.out
    expected = "GET /watch as owner: expected something of the stream within 1 s, got an answer"
    assert expected in verdict(run)
    (row,) = (
        r
        for r in run.record("exchange")
        if r["operation"] == "GET /watch" and r["actor"] == "owner"
    )
    assert 900 < row["elapsed_ms"] < 3000
    assert monotonic() - began < 30


def test_stream_that_may_be_silent_is_green(tmp_path: Path) -> None:
    rules = (
        (FOLDER / "lockers.toml").read_text(encoding="utf-8").replace("events = 3", "events = 0")
    )
    with serving(lockers.make("watch_stalls")) as url:
        contract = FOLDER / "lockers.yaml"
        root = made(tmp_path / "project", contract, rules, f'base_url = "{url}"')
        run = smoke_run(tmp_path, "-k", "generated and watch", root=root, **KEYS)
    assert run.code == 0, run.out


def test_endless_stream_ends_at_its_bound(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, "-k", "generated and watch")
    assert run.code == 0, run.out
    row = run.record("exchange")[-1]
    assert (row["operation"], row["status"], row["ended"]) == ("GET /watch", 200, False)
    assert row["response_body"].count("data:") == 3


def test_one_entry_alone_is_sent_after_what_it_needs(tmp_path: Path) -> None:
    app = lockers.make()
    with serving(app) as url:
        root = project_of("lockers", tmp_path / "project", f'base_url = "{url}"')
        name = "GET /lockers/{locker_id}/shelves/{shelf_id}"
        alone = ("--pyargs", f"{MODULE}::test_operation[{name}]")
        run = smoke_run(tmp_path, *alone, root=root, **KEYS)
    assert run.code == 0, run.out
    sent = ["POST lockers", "POST lockers/1/shelves", "GET lockers/1/shelves/2", "DELETE lockers/1"]
    assert run.sent() == sent
    assert app.state.rows == {}
    assert {k for k, v in accounts(run).items() if v == "succeeded"} >= {name}


def test_resource_without_delete_is_undone_by_the_plan(tmp_path: Path) -> None:
    with serving(shop.make()) as url:
        root = project_of("shop", tmp_path / "project", f'base_url = "{url}"')
        alone = (
            "--pyargs",
            f"{MODULE}::test_operation[GET /orders/{{order_id}}]",
        )
        run = smoke_run(tmp_path, *alone, root=root, **KEYS)
    assert run.code == 0, run.out
    made = ["POST customers", "POST orders", "GET orders/2"]
    assert run.sent() == [*made, "POST orders/2/cancel", "DELETE customers/1"]


def test_failed_entry_shows_how_to_run_it_alone(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, fault="audit_breaks")
    assert run.code == 1, run.out
    assert f"--pyargs '{MODULE}::test_operation[GET /audit]'" in run.out


def test_operation_that_a_check_has_seen_is_sent_again_when_all_are_asked_for(
    tmp_path: Path,
) -> None:
    with serving(lockers.make()) as url:
        row = f'base_url = "{url}"'
        root = project_of("lockers", tmp_path / "project", row, 'checks = "checks"\n')
        (root / "checks").mkdir()
        (root / "checks/__init__.py").touch()
        (root / "checks/test_lockers.py").write_text(CHECK, encoding="utf-8")
        usual = smoke_run(tmp_path / "usual", root=root, **KEYS)
        whole = smoke_run(tmp_path / "whole", "--all-operations", root=root, **KEYS)
    assert (usual.code, whole.code) == (0, 0), usual.out + whole.out
    assert "GET /lockers" not in ended(usual)
    assert ended(whole)["GET /lockers"] == "passed"
    assert ended(whole)["lockers.lockers_are_listed"] == "passed"


def test_stale_plan_stops_the_run_and_lists_the_changes(tmp_path: Path) -> None:
    app = lockers.make()
    with serving(app) as url:
        root = project_of("lockers", tmp_path / "project", f'base_url = "{url}"')
        contract = root / "openapi/lockers.yaml"
        text = contract.read_text(encoding="utf-8")
        contract.write_text(text.replace("  /audit:", "  /audits:"), encoding="utf-8")
        run = smoke_run(tmp_path, root=root, **KEYS)
    assert run.code == 4, run.out
    assert "the plan is stale, so nothing was sent. Make it again: smoke plan." in run.out
    assert "Operation added: GET /audits." in run.out
    assert "Operation removed: GET /audit." in run.out
    assert not (tmp_path / "staging/run.jsonl").exists()


def test_changed_rules_make_the_plan_stale_and_changed_comments_do_not(tmp_path: Path) -> None:
    with serving(lockers.make()) as url:
        root = project_of("lockers", tmp_path / "project", f'base_url = "{url}"')
        rules = root / "openapi/rules.toml"
        text = rules.read_text(encoding="utf-8")
        rules.write_text(f"# a comment\n{text}", encoding="utf-8")
        same = smoke_run(tmp_path, "-k", "audit", root=root, **KEYS)
        rules.write_text(text.replace('"smoke-"', '"other-"'), encoding="utf-8")
        other = smoke_run(tmp_path, "-k", "audit", root=root, **KEYS)
    assert same.code == 0, same.out
    assert other.code == 4, other.out
    assert "rules.toml changed." in other.out


def test_404_to_everything_is_a_wrong_url_also_without_readiness(tmp_path: Path) -> None:
    with serving(FastAPI(openapi_url=None, docs_url=None, redoc_url=None)) as url:
        row = f'base_url = "{url}/v1"\nenvironment = "local"'
        run = smoke_run(tmp_path, root=project_of("lockers", tmp_path / "project", row), **KEYS)
    assert run.code == 2, run.out
    assert "Is the base URL right" in " ".join(run.out.split())
