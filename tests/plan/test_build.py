"""The builder: a valid request for every operation, in a safe order, the same on every machine."""

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from smoke.config.rules import Rules
from smoke.plan.build.builder import build
from smoke.plan.build.standin import Standin
from smoke.plan.values import is_entry, primary
from tests.planning import OBJECT, names, operation, plan_for, plan_of, thing, things
from tests.unlike import NAMES, contract_of, rules_of

if TYPE_CHECKING:
    from smoke.plan import Plan

ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def before(plan: "Plan", first: str, second: str) -> bool:
    order = names(plan)
    return order.index(first) < order.index(second)


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_has_one_entry_and_no_problem(name: str) -> None:
    plan = plan_of(name)
    usual = [entry.operation for entry in plan.entries if not entry.is_extra]
    assert sorted(usual) == sorted(contract_of(name).operations)
    assert plan.problems == ()


@pytest.mark.parametrize("name", NAMES)
def test_prerequisites_come_first(name: str) -> None:
    seen: set[str] = set()
    for entry in plan_of(name).entries:
        assert set(entry.needs) <= seen, entry.name
        seen.add(entry.name)


@pytest.mark.parametrize("name", NAMES)
def test_two_builds_are_the_same_to_the_byte(name: str) -> None:
    assert build(contract_of(name), rules_of(name)).text() == plan_of(name).text()


@pytest.mark.parametrize("name", NAMES)
def test_only_resources_of_the_run_are_destroyed(name: str) -> None:
    for entry in plan_of(name).entries:
        if entry.destructive and entry.excepted is None:
            last = re.findall(r"{(\w+)}", entry.operation)[-1]
            assert entry.path[last]["owned"] is True, entry.name


@pytest.mark.parametrize("name", NAMES)
def test_no_resource_is_used_after_its_deletion(name: str) -> None:
    gone: set[tuple[str, str]] = set()
    for entry in plan_of(name).entries:
        for reference in primary([entry.path, entry.query, entry.headers, entry.body]):
            place = (reference["$from"], reference.get("pointer", ""))
            assert place not in gone, entry.name
        if entry.destructive and entry.excepted is None:
            last = re.findall(r"{(\w+)}", entry.operation)[-1]
            gone.add((entry.path[last]["$from"], entry.path[last].get("pointer", "")))


@pytest.mark.parametrize("name", ["notes", "library"])
def test_bodies_keep_their_schemas_by_an_independent_validator(name: str) -> None:
    contract = contract_of(name)
    standin = Standin(contract, rules_of(name))
    for entry in plan_of(name).entries:
        if entry.media_type != "application/json":
            continue
        media = contract.operations[entry.operation].request_bodies[entry.media_type]
        schema = {**contract.document, "$ref": f"#{media.pointer}"}
        body = standin.of(entry.body)
        assert list(Draft202012Validator(schema).iter_errors(body)) == [], entry.name


def test_second_deletion_gets_a_resource_of_its_own() -> None:
    plan = plan_of("notes")
    extra = plan.by_name["POST /notes for DELETE /notes/{noteId}"]
    assert extra.operation == "POST /notes"
    assert extra.body != plan.by_name["POST /notes"].body
    assert plan.by_name["DELETE /notes/{noteId}"].path["noteId"]["$from"] == extra.name
    assert plan.by_name["POST /notes/{noteId}/archive"].path["noteId"]["$from"] == "POST /notes"


def test_phases_follow_each_other_and_deletes_go_deepest_first() -> None:
    paths = things(
        **{
            "/things/{id}/parts": {"parameters": [ID], "post": operation(thing("part_id"))},
            "/things/{id}/parts/{part_id}": {"get": operation(OBJECT), "delete": operation()},
            "/things/{id}/paint": {"post": operation()},
            "/logout": {"post": operation()},
        }
    )
    paths["/things/{id}"]["patch"] = operation(OBJECT)
    plan = plan_for(paths, "[actors.owner]\n[actors.disposable]\n", security=[{"b": []}])
    order = [
        "POST /things",
        "POST /things/{id}/parts",
        "GET /things/{id}",
        "GET /things/{id}/parts/{part_id}",
        "GET /things",
        "POST /things/{id}/paint",
        "PATCH /things/{id}",
        "DELETE /things/{id}/parts/{part_id}",
        "DELETE /things/{id}",
        "POST /logout",
    ]
    assert names(plan) == order
    assert plan.by_name["POST /logout"].actor == "disposable"
    assert plan.by_name["POST /logout"].ends_session


def test_exception_for_one_target_does_not_affect_others() -> None:
    rules = '[[rule]]\noperation = "GET /a"\nexcept = { reason = "slow", targets = ["staging"] }\n'
    entry = plan_for({"/a": {"get": operation()}}, rules).by_name["GET /a"]
    assert entry.excepted_on("staging") == "slow"
    assert entry.excepted_on("local") is None


def test_named_rule_adds_a_request() -> None:
    rules = (
        '[[rule]]\noperation = "POST /things"\nas = "another thing"\n'
        '[[rule]]\noperation = "GET /things/{id}"\n'
        'path = { id = { from = "another thing", pointer = "/id" } }\n'
    )
    plan = plan_for(things(), rules)
    assert plan.by_name["another thing"].operation == "POST /things"
    assert before(plan, "another thing", "GET /things/{id}")


def test_optional_request_without_its_operation_is_omitted() -> None:
    rules = (
        '[[rule]]\noperation = "GET /things/{id}"\nas = "extra"\noptional = true\n'
        'path = { id = { from = "POST /elsewhere", pointer = "/id" } }\n'
        '[[rule]]\noperation = "POST /elsewhere"\noptional = true\n'
    )
    assert "extra" not in plan_for(things(), rules).by_name


def test_references_name_entries_of_the_plan() -> None:
    for name in NAMES:
        plan = plan_of(name)
        for entry in plan.entries:
            for reference in primary([entry.path, entry.query, entry.headers, entry.body]):
                assert not is_entry(reference) or reference["$from"] in plan.by_name


def test_progress_counts_operations() -> None:
    seen: list[tuple[int, int]] = []
    build(contract_of("library"), Rules(), lambda done, total: seen.append((done, total)))
    assert seen[-1] == (9, 9)
    assert all(after[0] == earlier[0] + 1 for earlier, after in pairwise(seen))
