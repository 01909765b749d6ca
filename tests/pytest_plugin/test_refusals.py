"""Refusals: without a key, and for another tenant, nothing is answered and nothing changes."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest

from smoke.contract import Contract
from smoke.errors import UnverifiedError
from smoke.http.pace import AT_ONCE, together
from smoke.plan import Entry, FilledRequest
from smoke.plan.wire import Body
from smoke.pytest_plugin.derived.attempts import Attempt
from smoke.pytest_plugin.derived.forged import _made_up
from smoke.pytest_plugin.derived.refusals import nowhere
from tests.smoking import smoke_run
from tests.unlike import lockers
from tests.unlike.projects import KEYS, accounts, ended, lockers_run, project_of, verdict
from tests.unlike.serve import serving

AUDIT = """
[tool.smoke.gates.audit]
covers = ["tag:audit"]
shut = "is not bought everywhere"
"""


def test_operation_that_lost_its_key_is_red_and_named(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, "-k", "anonymous", fault="list_is_open")
    assert run.code == 1, run.out
    message = "GET /lockers as anonymous: expected 401 or 403, got 200"
    assert verdict(run) == f"RED (service) refusals.anonymous_is_refused[lockers]: {message}"


def test_made_up_key_that_is_taken_is_red_and_named(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, fault="any_key")
    assert run.code == 1, run.out
    message = "GET /audit as owner (made-up credential): expected 401 or 403, got 200"
    assert verdict(run) == f"RED (service) forged.made_up_credential_is_refused: {message}"
    alone, _ = lockers_run(tmp_path / "alone", "-k", "made_up_credential", fault="any_key")
    assert verdict(alone) == verdict(run)
    assert KEYS["LOCKERS_KEY_OWNER"] not in str(run.record("exchange"))


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("Bearer a-token-of-some-length", r"Bearer [\w-]{22}"),
        ("Bearer eyJh.eyJz.c2lnbmF0dXJlLW9mLXRva2Vu", r"Bearer eyJh\.eyJz\.[\w-]{24}"),
        ("Basic YWRhOnNlY3JldA==", r"Basic [\w=]+"),
        ("sid=0123456789abcdef; theme=dark", r"sid=[\w-]{16}; theme=[\w-]{16}"),
        ("a-key-with-17-char", r"[\w-]{18}"),
    ],
)
def test_made_up_credential_has_the_form_of_the_real_one(value: str, form: str) -> None:
    made = _made_up(value)
    assert made != value
    assert re.fullmatch(form, made), made


def test_outsider_who_can_read_is_red_and_named(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, fault="locker_is_shown")
    assert run.code == 1, run.out
    reported = "GET /lockers/{locker_id} as outsider: expected 403 or 404, got 200"
    assert verdict(run) == f"RED (service) refusals.outsider_is_refused[lockers]: {reported}"


def test_outsider_who_deletes_is_red_though_the_status_is_right(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, fault="locker_is_taken")
    assert run.code == 1, run.out
    reported = "DELETE /lockers/{locker_id} as outsider: expected the thing as it was before"
    assert reported in verdict(run)
    tried = [row for row in run.record("exchange") if row["actor"] == "outsider"]
    assert [row["status"] for row in tried if row["method"] == "DELETE"] == [204]


@pytest.mark.parametrize(("owned", "place"), [(True, "/lockers/7"), (False, "")])
def test_only_what_the_run_made_is_looked_at(owned: bool, place: str) -> None:
    operation = "DELETE /lockers/{locker_id}"
    entry = Entry(operation, operation, "delete", actor="owner", expect=(204,))
    path = {"locker_id": "7"}
    filled = FilledRequest(operation, operation, "owner", path, {}, {}, Body(), owned=owned)
    reader = replace(filled, operation="GET /lockers/{locker_id}")
    assert Attempt(entry, filled, reader).place == place


def test_outsider_tries_every_operation_on_a_thing_of_the_owner(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path)
    assert run.code == 0, run.out
    tried = [row["operation"] for row in run.record("exchange") if row["actor"] == "outsider"]
    assert sorted(tried) == [
        "DELETE /lockers/{locker_id}",
        "GET /lockers",
        "GET /lockers/{locker_id}",
        "GET /lockers/{locker_id}/shelves/{shelf_id}",
        "POST /lockers/{locker_id}/shelves",
    ]


def test_outsider_does_not_try_what_a_rule_leaves_unasked(tmp_path: Path) -> None:
    rule = '[[rule]]\noperation = "* /lockers/{locker_id}/*"\noutsider = "unasked"\n'
    run, _ = lockers_run(tmp_path, "-k", "outsider", rules=rule)
    tried = [row["operation"] for row in run.record("exchange") if row["actor"] == "outsider"]
    assert sorted(tried) == ["DELETE /lockers/{locker_id}", "GET /lockers/{locker_id}"], run.out


def test_calls_under_way_at_once_have_numbers_of_their_own(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, "-k", "anonymous")
    numbers = [row["number"] for row in run.record("exchange")]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_refused_everywhere_is_not_a_success_of_any_operation(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, "-k", "anonymous")
    assert "succeeded" not in accounts(run).values()
    assert run.code == 2, run.out
    assert "refused everywhere" in verdict(run)


REFUSED_BY_HAND = '''\
"""A check that asks without a key."""

from smoke import Caller, Expect


async def test_stranger_is_refused(anonymous: Caller, expect: Expect) -> None:
    """Lockers are for callers with a key."""
    expect(await anonymous.call("GET /lockers"), 401)
'''


def test_refusal_that_a_check_has_seen_is_not_asked_for_again(tmp_path: Path) -> None:
    with serving(lockers.make()) as url:
        row = f'base_url = "{url}"'
        root = project_of("lockers", tmp_path / "project", row, 'checks = "checks"\n')
        (root / "checks").mkdir()
        (root / "checks/test_strangers.py").write_text(REFUSED_BY_HAND, encoding="utf-8")
        run = smoke_run(tmp_path, root=root, **KEYS)
    assert run.code == 0, run.out
    asked = [
        row["check"]
        for row in run.record("exchange")
        if (row["operation"], row["actor"], row["status"]) == ("GET /lockers", "anonymous", 401)
    ]
    assert asked == ["strangers.stranger_is_refused"]
    assert ended(run)["refusals.anonymous_is_refused[lockers]"] == "passed"


def test_read_only_target_tries_only_what_reads(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, "-k", "anonymous or generated", row="read_only = true")
    assert {line.partition(" ")[0] for line in run.sent()} == {"GET"}
    assert [name for name in ended(run) if "outsider" in name] == []


@pytest.mark.parametrize(
    ("state", "fault", "code", "account"),
    [
        ("off", "audit_breaks", 0, "gated off"),
        ("on", "", 0, "succeeded"),
        ("on", "no_audit", 1, "failed"),
        ("absent", "no_audit", 0, "absent"),
        ("absent", "", 1, "missing"),
    ],
)
def test_gate_says_what_its_surface_must_be(
    state: str, fault: str, code: int, account: str, tmp_path: Path
) -> None:
    arguments = ("--gate", f"audit={state}", "--maxfail=0")
    run, _ = lockers_run(tmp_path, *arguments, fault=fault, more=AUDIT)
    assert run.code == code, run.out
    assert accounts(run)["GET /audit"] == account
    asked = [row["actor"] for row in run.record("exchange") if row["operation"] == "GET /audit"]
    made_up = ["owner (made-up credential)"] if account == "succeeded" else []
    on = ["anonymous", "owner", *made_up]
    assert asked == {"off": [], "on": on, "absent": ["owner"]}[state]


def test_surface_that_should_be_absent_is_red_and_named(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, "--gate", "audit=absent", more=AUDIT)
    assert "refusals.gate_is_absent[audit]: GET /audit as owner: expected 403 or 404" in verdict(
        run
    )


def test_values_that_name_nothing_keep_to_their_type() -> None:
    parameters = [
        {"name": "a", "in": "path", "required": True, "schema": {"type": "integer"}},
        {"name": "b", "in": "path", "required": True, "schema": {"type": "number", "maximum": 9}},
        {"name": "c", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "q", "in": "query", "schema": {"type": "string"}},
    ]
    operation = {"parameters": parameters, "responses": {"200": {"description": ""}}}
    paths = {"/x/{a}/{b}/{c}": {"get": operation}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    (found,) = Contract(document).operations.values()
    expected = {"a": 2147483647, "b": 9, "c": "00000000-0000-4000-8000-000089abcdef"}
    assert nowhere(found, "89abcdef") == expected


async def test_calls_go_out_a_few_at_a_time_and_answer_in_their_order() -> None:
    under_way: list[int] = []
    most = 0

    async def call(number: int) -> int:
        nonlocal most
        under_way.append(number)
        most = max(most, len(under_way))
        for _ in range(3):
            await asyncio.sleep(0)
        under_way.remove(number)
        return number

    numbers = list(range(3 * AT_ONCE))
    assert await together(map(call, numbers)) == numbers
    assert most == AT_ONCE


async def test_broken_call_is_reported_after_all_calls_end() -> None:
    ended: list[int] = []

    async def call(number: int) -> None:
        await asyncio.sleep(0)
        ended.append(number)
        if number == 0:
            raise UnverifiedError("time is up")

    with pytest.raises(UnverifiedError, match="time is up"):
        await together(map(call, range(3)))
    assert ended == [0, 1, 2]
