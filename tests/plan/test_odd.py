"""Unusual contracts, valid or nearly so: each gets a plan, or a problem is reported."""

import copy
import time
from typing import TYPE_CHECKING, Any

import pytest

from smoke.config.rules import parse
from smoke.contract import Contract
from smoke.plan.build import drawing
from smoke.plan.build.answers import MAX_FIELDS, Answers
from smoke.plan.build.bodies import leaves
from smoke.plan.build.builder import build
from tests.planning import SEND, operation, plan_for, thing

if TYPE_CHECKING:
    from smoke.plan import Plan


def schema(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def problem_of(plan: "Plan", name: str) -> str:
    return plan.by_name[name].problem or ""


def taking(body: Any, **schemas: Any) -> "Plan":
    return plan_for({"/a": {"post": operation(None, body)}}, components={"schemas": schemas})


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"type": "string", "pattern": "("}, 'is not a "regex"'),
        ({"type": "txt"}, "Unexpected type"),
        ({"$dynamicRef": "#nowhere"}, "Anchor 'nowhere' does not exist"),
    ],
)
def test_invalid_schema_is_a_problem_of_its_requests_only(
    broken: dict[str, Any], reason: str
) -> None:
    paths = {"/a": {"post": operation(None, broken)}, "/b": {"get": operation()}}
    plan = plan_for(paths)
    problem = problem_of(plan, "POST /a")
    assert "t.json#/paths/~1a/post/requestBody/content/application~1json/schema: " in problem
    assert reason in problem
    assert plan.by_name["GET /b"].problem is None


def test_body_without_a_schema_accepts_anything() -> None:
    paths = {"/a": {"post": {"responses": {}, "requestBody": {
        "required": True, "content": {"application/json": {}}}}}}  # fmt: skip
    plan = plan_for(paths, SEND)
    assert plan.problems == ()
    assert plan.by_name["POST /a"].media_type == "application/json"


def test_references_into_other_operations_are_followed() -> None:
    kind = {"name": "kind", "in": "query", "required": True, "schema": {"enum": ["x"]}}
    there = "#/paths/~1a/post/"
    paths = {
        "/a": {"post": operation(None, thing("title"), parameters=[kind])},
        "/b": {"post": operation(
            None, {"$ref": f"{there}requestBody/content/application~1json/schema"},
            parameters=[{**kind, "schema": {"$ref": f"{there}parameters/0/schema"}}],
        )},
    }  # fmt: skip
    entry = plan_for(paths).by_name["POST /b"]
    assert (entry.query, set(entry.body)) == ({"kind": "x"}, {"title"})


def test_reference_into_a_list_is_followed() -> None:
    either = {"oneOf": [thing("one"), thing("two")]}
    plan = taking({"$ref": "#/components/schemas/Either/oneOf/1"}, Either=either)
    assert set(plan.by_name["POST /a"].body) == {"two"}


def test_bytes_in_json_are_base64() -> None:
    body = thing("file") | {"properties": {"file": {"type": "string", "format": "binary"}}}
    assert taking(body).by_name["POST /a"].body == {"file": "c21va2U="}


def test_schema_that_contains_itself_terminates() -> None:
    mine = {"A": {"allOf": [schema("A")]}, "B": {"anyOf": [schema("B"), schema("B")]}}
    assert len(taking(schema("A"), **mine).entries) == 1
    assert len(taking(schema("B"), **mine).entries) == 1


def test_long_chain_of_references_is_a_problem_at_most_of_its_own_request() -> None:
    chain = {f"A{n}": {"allOf": [schema(f"A{n + 1}")]} for n in range(600)} | {"A600": {}}
    paths = {"/a": {"post": operation(None, schema("A0"))}, "/b": {"post": operation(None, {})}}
    plan = plan_for(paths, SEND, components={"schemas": chain})
    assert "RecursionError" in problem_of(plan, "POST /a")
    assert plan.by_name["POST /b"].problem is None


def test_request_that_takes_too_long_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_S", -1.0)
    hard = {"type": "string", "pattern": "^(?=.*0)(?=.*A)[0A]{2}$"}
    paths = {"/a": {"post": operation(None, hard)}, "/b": {"get": operation()}}
    plan = plan_for(paths)
    assert "(body: TooLongError: no valid value in -1 s)" in problem_of(plan, "POST /a")
    assert plan.by_name["GET /b"].problem is None


def test_recursive_answers_are_read_down_to_a_limit() -> None:
    names = [f"f{n}" for n in range(40)]
    inner = {name: schema(f"S{n}") for n, name in enumerate(names)} | {"id": {"type": "string"}}
    schemas = {f"S{n}": {"type": "object", "properties": inner} for n in range(40)}
    paths = {"/a": {"get": operation(schema("S0"))}}
    document = {"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}
    contract = Contract(document)
    begun = time.process_time()
    fields = Answers(contract).fields(contract.operations["GET /a"])
    assert time.process_time() - begun < 2
    assert len(fields) == MAX_FIELDS
    assert [field.pointer for field in fields[:3]] == ["/id", "/f0/id", "/f1/id"]


def test_multiplying_alternatives_are_followed_once() -> None:
    schemas: dict[str, Any] = {
        f"A{n}": {"anyOf": [schema(f"A{n + 1}"), schema(f"A{n + 1}")]} for n in range(14)
    }
    schemas["A14"] = thing("x")
    document = {"components": {"schemas": schemas}}
    begun = time.process_time()
    found = list(leaves({"y": 1}, schema("A0"), document))
    assert time.process_time() - begun < 0.5
    assert found == [(["y"], {})]


def test_contract_stays_unchanged() -> None:
    schemas = {"A": thing("x") | {"$defs": {"B": thing("y")}}}
    body = {"allOf": [schema("A"), {"$ref": "#/components/schemas/A/$defs/B"}]}
    there = "#/paths/~1a/post/requestBody/content/application~1json/schema"
    paths = {
        "/a": {"post": operation(None, body)},
        "/b": {"post": operation(None, {"$ref": there})},
    }
    document = {"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}
    before = copy.deepcopy(document)
    plan = build(Contract(document), parse(""))
    assert document == before
    assert [set(entry.body) for entry in plan.entries] == [{"x", "y"}] * 2


def test_contract_without_operations_has_an_empty_plan() -> None:
    assert plan_for({}).entries == ()
    assert plan_for({}, webhooks={"made": {"post": operation()}}).entries == ()
