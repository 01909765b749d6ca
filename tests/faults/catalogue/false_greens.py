"""False greens: runs that verified nothing, or not all, and must say so."""

import re
from pathlib import Path
from typing import Any

from tests.faults.catalogue.operations import API, EVERYTHING
from tests.faults.editing import (
    all_of,
    appended,
    checks,
    json_edited,
    passed_off_as_fresh,
    planned,
    target,
)
from tests.faults.entries import Environment, FalseGreen, InApp, Proxied, Setting
from tests.faults.in_app import upkeep
from tests.faults.interference import asked_otherwise, on, page, replied
from tests.faults.proxy import Answered, Asked, Forward

EXPIRED = (
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImVkMjU1MTktMCIsInR5cCI6IkpXVCJ9."
    "eyJzdWIiOiJ1c2VyOjAiLCJleHAiOjE3MDAwMDAwMDB9.AAAA"
)
ALL_GATES = ("activity", "logs", "storage", "billing", "ai", "vector", "containers")
APP = "<!doctype html><html><head><title>App</title></head><body></body></html>"


def _expired(asked: Asked) -> None:
    if asked.header("authorization"):
        asked.drop("authorization")
        asked.headers.append(("authorization", f"Bearer {EXPIRED}"))


async def _refusing(asked: Asked, forward: Forward) -> Answered:
    found = await forward(asked)
    if asked.header("authorization"):
        found.status = 403
        return found.write_json({"success": False, "error": "Forbidden", "message": "no",
                                 "details": None})  # fmt: skip
    return found


def _no_operations(contract: dict[str, Any]) -> None:
    contract["paths"] = {}


def _another_contract(contract: dict[str, Any]) -> None:
    path = "/api/v1/fresh"
    contract["paths"][path] = {"get": {"responses": {"200": {"description": "Fresh."}}}}


def _of_another_contract(plan: dict[str, Any]) -> None:
    plan["contract"] = "sha256:" + 64 * "0"


def _in_the_way(folder: Path) -> None:
    (folder / ".smoke").write_text("A file stands where the folder should be.", encoding="utf-8")


SKIPPED = '''
    """Checks that are all skipped."""

    import pytest


    @pytest.mark.skip(reason="later")
    async def test_everything() -> None:
        """Everything is well."""
'''
IDLE = '''
    """A check that waits for nothing."""

    from smoke import Caller


    async def test_everything(anonymous: Caller) -> None:
        """Everything is well."""
        anonymous.call("GET /health").close()
'''
BOASTING = '''
    """A check that says it has seen what it has not."""

    import pytest


    @pytest.mark.exercises("GET /api/v1/billing/plans", "GET /api/v1/agents")
    async def test_everything() -> None:
        """Everything is well."""
'''
SWALLOWING = '''
    """A check that takes every answer for the right one."""

    import contextlib

    from smoke import Actor
    from smoke import Expect


    async def test_everything(owner: Actor, expect: Expect) -> None:
        """Everything is well."""
        with contextlib.suppress(AssertionError):
            expect(await owner.call("GET /api/v1/agents"), 418)
'''
BROKEN = '''
    """A module that cannot be imported."""

    import smoke.no_such_module
'''
XFAILED = '''
    """A check that is expected to fail."""

    import pytest

    from smoke import Caller
    from smoke import Expect


    @pytest.mark.xfail
    async def test_everything(anonymous: Caller, expect: Expect) -> None:
        """Everything is well."""
        expect(await anonymous.call("GET /health"), 418)
'''
INTERRUPTED = '''
    """A check during which somebody presses control-c."""

    from smoke import Caller
    from smoke import Expect


    async def test_zz_last(anonymous: Caller, expect: Expect) -> None:
        """Everything is well."""
        expect(await anonymous.call("GET /health"))
        raise KeyboardInterrupt
'''
LEAVING = '''
    """A check that ends the run with success."""

    import pytest


    async def test_everything() -> None:
        """Everything is well."""
        pytest.exit("that will do", returncode=0)
'''
CRASHING = '''
    """A check that takes the worker of one of two targets down."""

    import os

    from smoke import Caller
    from smoke import Expect
    from smoke import Run


    async def test_everything(anonymous: Caller, expect: Expect, run: Run) -> None:
        """Everything is well."""
        expect(await anonymous.call("GET /health"))
        if run.target == "second":
            os._exit(0)
'''
SECOND = """
[tool.smoke.targets.second]
serve = "smoke.reference"
gates = { "*" = "on" }
"""
HIDING = """
[[rule]]
operation = ["* *"]
except = { reason = "later" }
"""
AIMLESS = """
[[rule]]
operation = ["GET /api/v9/*"]
actor = "owner"
"""
ASKING_ALIVE = '''
    """A check of nothing but life."""

    from smoke import Caller
    from smoke import exercises
    from smoke import Expect


    @exercises("GET /health")
    async def test_everything(anonymous: Caller, expect: Expect) -> None:
        """Everything is well."""
        expect(await anonymous.call("GET /health"))
'''


def _report_in_the_way(folder: Path) -> None:
    (folder / ".smoke" / "local" / "report.html").mkdir(parents=True)


def _no_exceptions(folder: Path) -> None:
    """Take away what the rules except, with which a rule that excepts all would contradict."""
    path = folder / "openapi" / "rules.toml"
    text = re.sub(
        r"^except = .*$", "optional = true", path.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    path.write_text(re.sub(r"(optional = true\n)+", r"\1", text), encoding="utf-8")


def _no_entries(plan: dict[str, Any]) -> None:
    plan["entries"] = []


def _own(module: str) -> Setting:
    return Setting(edit=checks(module))


def _alone(module: str) -> Setting:
    """Checks of the scenario's own, and no plan that would ask for the rest."""
    return Setting(edit=all_of(checks(module), json_edited("openapi/plan.json", _no_entries)))


ENTRIES = [
    FalseGreen("nothing_collected", setting=_alone('"""No checks."""'), says="unaccounted for"),
    FalseGreen("every_check_skipped", setting=_alone(SKIPPED), says="unaccounted for"),
    FalseGreen(
        "expression_matches_nothing", setting=Setting(("-k", "no_such_check")),
        says="no check ran",
    ),
    FalseGreen(
        "all_deselected_by_marker", setting=Setting(("-m", "not smoke")), says="no check ran",
    ),
    FalseGreen(
        "seeding_switched_off", Environment({"USE_TEST_FIXTURES": "false"}),
        says="Set USE_TEST_FIXTURES=true",
    ),
    FalseGreen(
        "expired_token_on_every_call", Proxied(asked_otherwise(API, _expired)), says="401",
    ),
    FalseGreen("refused_everywhere", Proxied(on(API, _refusing)), says="403"),
    FalseGreen(
        "everything_is_a_page", Proxied(page(EVERYTHING, 200, APP)), says="an HTML page (200)",
    ),
    FalseGreen(
        "everything_is_an_empty_object", Proxied(replied(EVERYTHING, 200, {})),
        says="health.service_is_alive",
    ),
    FalseGreen("everything_is_204", Proxied(replied(EVERYTHING, 204)), says="204"),
    FalseGreen(
        "everything_is_rate_limited", Proxied(replied(API, 429, {
            "success": False, "error": "TooManyRequests", "message": "", "details": None})),
        says="429",
    ),
    FalseGreen(
        "nothing_listens", says="Nothing answers",
        setting=Setting(edit=target("ready_s = 1"), base_url="http://127.0.0.1:9"),
    ),
    FalseGreen(
        "host_does_not_exist", says="Nothing answers",
        setting=Setting(
            edit=target("ready_s = 1"), base_url="http://smoke.invalid",
            variables={"SMOKE_USER_PASSWORD": "Nobodys-password-1"}),
    ),
    FalseGreen("contract_is_empty", says="the plan is stale", setting=Setting(
        edit=json_edited("openapi/api-service.json", _no_operations))),
    FalseGreen(
        "contract_is_empty_and_so_is_its_plan", says="no operation",
        setting=Setting(edit=all_of(
            checks(ASKING_ALIVE), json_edited("openapi/api-service.json", _no_operations),
            json_edited("openapi/plan.json", _no_entries), passed_off_as_fresh)),
    ),
    FalseGreen("contract_has_grown", says="Operation added: GET /api/v1/fresh", setting=Setting(
        edit=json_edited("openapi/api-service.json", _another_contract))),
    FalseGreen("plan_is_stale", says="the plan is stale", setting=Setting(
        edit=json_edited("openapi/plan.json", _of_another_contract))),
    FalseGreen("plan_is_empty", says="was not sent", setting=Setting(
        edit=json_edited("openapi/plan.json", _no_entries))),
    FalseGreen(
        "rule_hides_every_operation", says="the plan is stale",
        setting=Setting(edit=all_of(
            checks(ASKING_ALIVE), _no_exceptions, appended("openapi/rules.toml", HIDING), planned)),
    ),
    FalseGreen(
        "rule_matches_nothing", says="the plan is stale",
        setting=Setting(edit=all_of(appended("openapi/rules.toml", AIMLESS), planned)),
    ),
    FalseGreen(
        "every_gate_off_and_one_covers_everything", says="no operation was seen to succeed",
        setting=Setting(
            tuple(word for gate in (*ALL_GATES, "everything") for word in ("--no-gate", gate)),
            edit=appended("pyproject.toml", """
            [tool.smoke.gates.everything]
            covers = ["* *"]
            shut = "not today"
            """)),
    ),
    FalseGreen(
        "unknown_gate", setting=Setting(variables={"SMOKE_ENABLE_BILING": "1"}),
        says="unknown gate 'biling'",
    ),
    FalseGreen(
        "unknown_target", setting=Setting(("--target", "lokal"), base_url=""),
        says="There is no target 'lokal'",
    ),
    FalseGreen(
        "open_gate_whose_surface_is_missing", Environment({"REFERENCE_WITHOUT": "storage"}),
        says="has no object storage",
    ),
    FalseGreen(
        "cut_by_its_deadline", setting=Setting(edit=target("deadline_s = 0.5")), says="deadline",
    ),
    FalseGreen(
        "record_cannot_be_written", setting=Setting(edit=_in_the_way),
        says="the run cannot keep its record there",
    ),
    FalseGreen(
        "report_cannot_be_written", setting=Setting(edit=_report_in_the_way), says="cannot",
    ),
    FalseGreen("service_dies_half_way", InApp(layer=upkeep.dying_after(60)), says="no answer"),
    FalseGreen(
        "service_dies_at_once", InApp(layer=upkeep.dying_after(1)), says="UNVERIFIED",
        setting=Setting(edit=target("ready_s = 1")),
    ),
    FalseGreen(
        "worker_crashes_under_xdist", says="second",
        setting=Setting(
            ("--target", "second"), base_url="",
            edit=all_of(checks(CRASHING), appended("pyproject.toml", SECOND))),
    ),
    FalseGreen(
        "check_that_awaits_nothing", setting=_own(IDLE), says="expects nothing of any answer",
    ),
    FalseGreen(
        "check_that_declares_what_it_did_not_see", setting=_own(BOASTING),
        says="did not see it succeed",
    ),
    FalseGreen(
        "check_that_swallows_its_failure", setting=_own(SWALLOWING),
        says="passed although one of its expectations was not met",
    ),
    FalseGreen("check_that_is_expected_to_fail", setting=_own(XFAILED), says="expected 418"),
    FalseGreen("check_that_ends_the_run", setting=_own(LEAVING), says="cut short"),
    FalseGreen(
        "checks_that_cannot_be_imported", setting=Setting(edit=checks(BROKEN, beside_ours=True)),
        says="cannot be collected",
    ),
    FalseGreen(
        "control_c", setting=Setting(edit=checks(INTERRUPTED, beside_ours=True)),
        says="interrupted",
    ),
    FalseGreen("only_life_is_checked", setting=_alone(ASKING_ALIVE), says="unaccounted for"),
    FalseGreen("credentials_of_nobody", says="Check SMOKE_USER_EMAIL", setting=Setting(
        variables={"SMOKE_USER_EMAIL": "nobody@example.com", "SMOKE_USER_PASSWORD": "Not-mine-1"},
        edit=target("seeded = true"))),
]  # fmt: skip
