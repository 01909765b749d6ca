"""The quick run of this project: its checks are there, and it asks as little as it says."""

from pathlib import Path

from smoke.plan.depth import beside, load
from smoke.pytest_plugin.items import fixtures_of
from tests.smoking import ROOT, smoke_run

SIGN_IN = "POST /api/v1/auth/token"


def test_chosen_checks_are_there() -> None:
    assert set(load(beside(ROOT / "openapi/plan.json")).checks) <= set(fixtures_of("smoke.checks"))


def test_quick_run_asks_at_most_1_4_requests_per_operation(tmp_path: Path) -> None:
    run = smoke_run(tmp_path, "--target=local", "--depth=quick")
    assert run.code == 0, run.out
    ledger = run.record("verdict", "local")[0]["ledger"]
    assert {row["account"] for row in ledger} == {"succeeded", "excepted"}
    exchanges = run.record("exchange", "local")
    assert len(exchanges) <= 1.4 * len(ledger)
    signed_in = [r for r in exchanges if r["operation"] == SIGN_IN and r["status"] == 200]
    assert len(signed_in) <= 6
