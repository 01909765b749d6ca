"""The builder: a valid request for every operation, in a safe order, the same on every machine."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from smoke.plan.builder import build
from smoke.plan.standin import Standin
from smoke.plan.values import is_entry, primary
from smoke.rules import Rules, parse
from tests.planning import operation, plan_for, plan_of, thing
from tests.unlike import NAMES, contract_of, rules_of

if TYPE_CHECKING:
    from smoke.plan import Entry, Plan

OBJECT = thing("id")
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def names(plan: Plan) -> list[str]:
    return [entry.name for entry in plan.entries]


def before(plan: Plan, first: str, second: str) -> bool:
    order = names(plan)
    return order.index(first) < order.index(second)


def things(**more: Any) -> dict[str, Any]:
    return {
        "/things": {
            "post": operation(OBJECT),
            "get": operation({"type": "array", "items": OBJECT}),
        },
        "/things/{id}": {"get": operation(OBJECT), "delete": operation()},
        **more,
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_has_one_entry_and_no_problem(name: str) -> None:
    plan = plan_of(name)
    usual = [entry.operation for entry in plan.entries if not entry.is_extra]
    assert sorted(usual) == sorted(contract_of(name).operations)
    assert plan.problems == ()


@pytest.mark.parametrize("name", NAMES)
def test_needed_entries_come_before_those_that_need_them(name: str) -> None:
    seen: set[str] = set()
    for entry in plan_of(name).entries:
        assert set(entry.needs) <= seen, entry.name
        seen.add(entry.name)


@pytest.mark.parametrize("name", NAMES)
def test_two_builds_are_the_same_to_the_byte(name: str) -> None:
    assert build(contract_of(name), rules_of(name)).text() == plan_of(name).text()


@pytest.mark.parametrize("name", NAMES)
def test_every_id_that_is_destroyed_was_made_by_the_run(name: str) -> None:
    for entry in plan_of(name).entries:
        if entry.destructive and entry.excepted is None:
            last = re.findall(r"{(\w+)}", entry.operation)[-1]
            assert entry.path[last]["owned"] is True, entry.name


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_used_after_it_was_destroyed(name: str) -> None:
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


def entry_of(service: str, name: str) -> Entry:
    return plan_of(service).by_name[name]


def test_id_comes_from_what_is_made_in_the_collection() -> None:
    entry = entry_of("notes", "GET /notes/{noteId}")
    assert entry.path["noteId"] == {
        "$from": "POST /notes",
        "pointer": "/id",
        "owned": True,
    }


def test_id_may_come_from_the_location_of_what_was_made() -> None:
    entry = entry_of("notes", "GET /notes/{noteId}/attachments/{attachment_id}")
    assert entry.path["attachment_id"] == {
        "$from": "POST /notes/{noteId}/attachments",
        "header": "Location",
        "segment": True,
        "owned": True,
    }


def test_field_that_names_another_thing_is_linked() -> None:
    entry = entry_of("shop", "POST /orders")
    assert entry.body["customer_id"]["$from"] == "POST /customers"
    assert entry.needs == ("POST /customers",)


def test_precondition_repeats_what_was_read() -> None:
    headers = entry_of("notes", "PUT /notes/{noteId}").headers
    assert headers == {"If-Match": {"$from": "GET /notes/{noteId}", "header": "ETag"}}


def test_example_of_the_contract_comes_before_a_sample() -> None:
    rules = parse('[samples]\ntitle = "Sample"\n[actors.librarian]\n')
    plan = build(contract_of("library"), rules)
    assert plan.by_name["POST /books"].body["title"] == "An example"


def test_example_beats_an_id_that_merely_has_the_same_name() -> None:
    assert entry_of("library", "GET /shelves/{shelf_code}").path == {"shelf_code": "A-1"}


def test_rule_in_the_contract_shapes_the_request() -> None:
    entry = entry_of("library", "POST /loans")
    assert entry.actor == "librarian"
    assert entry.body == {"isbn": "979-0000000000", "days": 7}


def test_sample_is_taken_only_where_the_schema_accepts_it() -> None:
    body = {
        "type": "object",
        "required": ["kind", "mail", "long", "other"],
        "properties": {
            "kind": {"enum": ["a", "b"]},
            "mail": {"type": "string", "format": "email"},
            "long": {"type": "string", "minLength": 8},
            "other": {"type": "string"},
        },
    }
    rules = (
        '[samples]\nkind = "c"\n"*mail*" = "a@example.com"\n'
        '"*" = { any = ["short", "long enough"] }\n'
    )
    plan = plan_for({"/a": {"post": operation(None, body)}}, rules)
    assert plan.by_name["POST /a"].body == {
        "kind": "a",
        "mail": "a@example.com",
        "long": "long enough",
        "other": "short",
    }


def test_read_only_fields_are_left_out_and_forms_are_chosen() -> None:
    entry = entry_of("shop", "POST /customers")
    assert entry.media_type == "application/x-www-form-urlencoded"
    assert set(entry.body) == {"name", "secret", "since"}


def test_file_of_a_form_has_the_type_that_the_contract_asks_for() -> None:
    body = entry_of("notes", "POST /notes/{noteId}/attachments").body
    assert body["file"]["$file"]["type"] == "image/png"
    assert body["caption"] == "smoke"


def test_bytes_are_a_file_and_streams_are_bounded() -> None:
    assert "$file" in entry_of("notes", "POST /notes/import").body
    stream = entry_of("notes", "GET /events").stream
    assert stream is not None
    assert (stream.events, stream.time_s) == (1, 10.0)


def test_query_list_is_written_in_the_style_of_the_contract() -> None:
    assert entry_of("notes", "GET /notes/search").query == {"q": "smoke", "fields": "text"}


def test_expected_statuses_are_the_documented_success() -> None:
    assert entry_of("shop", "GET /old").expect == (302,)
    assert entry_of("notes", "POST /notes").expect == (201,)


def test_second_destroyer_gets_a_thing_of_its_own() -> None:
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


def test_deleting_what_the_run_did_not_make_is_a_problem_with_a_rule_to_paste() -> None:
    paths = things()
    del paths["/things"]["post"]
    plan = plan_for(paths)
    (problem,) = plan.problems
    assert problem.startswith("DELETE /things/{id}: its {id} is not known to be made by this run")
    pasted = problem.partition("paste:\n")[2]
    again = plan_for(paths, pasted)
    assert again.problems == ()
    assert again.by_name["DELETE /things/{id}"].excepted == {
        "reason": "it would destroy what this run did not make"
    }


def test_deleting_everything_is_a_problem_unless_a_rule_says_it_is_harmless() -> None:
    paths = {"/things": {"delete": operation()}}
    (problem,) = plan_for(paths).problems
    assert "what it takes away is not known to be made by this run" in problem
    rule = '[[rule]]\noperation = "DELETE /things"\ndestroys = false\n'
    assert plan_for(paths, rule).problems == ()


@pytest.mark.parametrize("method", ["put", "patch", "post"])
def test_changing_what_was_merely_listed_needs_a_rule(method: str) -> None:
    path = "/things/{id}" if method != "post" else "/things/{id}/paint"
    paths = {"/things": {"get": operation({"type": "array", "items": OBJECT})}}
    plan = plan_for({**paths, path: {method: operation()}})
    (problem,) = plan.problems
    assert "(GET /things /0/id)" in problem
    again = plan_for({**paths, path: {method: operation()}}, problem.partition("paste:\n")[2])
    assert again.problems == ()
    assert again.by_name[f"{method.upper()} {path}"].path == {
        "id": {"$from": "GET /things", "pointer": "/0/id"}
    }


def test_world_is_read_and_changed_but_destroyed_only_where_it_was_made_for_the_run() -> None:
    paths = {"/zones/{zone_id}": {m: operation() for m in ("get", "patch", "delete")}}
    known = plan_for(paths, '[world]\nzone_id = "/a"\n')
    assert known.by_name["PATCH /zones/{zone_id}"].path == {"zone_id": {"$from": "world.zone_id"}}
    assert [problem.partition(":")[0] for problem in known.problems] == ["DELETE /zones/{zone_id}"]
    made = plan_for(paths, '[world.made]\nzone_id = "/a"\n')
    assert made.problems == ()
    assert names(made) == [f"{m} /zones/{{zone_id}}" for m in ("GET", "PATCH", "DELETE")]


def test_what_is_listed_below_a_made_thing_is_the_runs_own() -> None:
    rows = {"type": "array", "items": thing("id")}
    paths = {
        "/zones/{zone_id}/rows": {"get": operation(rows)},
        "/zones/{zone_id}/rows/{row_id}": {"delete": operation()},
    }
    made = plan_for(paths, '[world.made]\nzone_id = "/a"\n')
    assert made.by_name["DELETE /zones/{zone_id}/rows/{row_id}"].path["row_id"]["owned"] is True
    known = plan_for(paths, '[world]\nzone_id = "/a"\n')
    assert len(known.problems) == 1


def test_answer_that_echoes_an_id_has_not_made_it() -> None:
    paths = {
        "/zones/{zone_id}/lock": {"post": operation(thing("zone_id"))},
        "/zones/{zone_id}": {"delete": operation()},
    }
    plan = plan_for(paths, '[world]\nzone_id = "/a"\n')
    assert [problem.partition(":")[0] for problem in plan.problems] == ["DELETE /zones/{zone_id}"]


@pytest.mark.parametrize(("status", "made"), [("201", True), ("200", False)])
def test_maker_that_is_told_the_id_has_made_it_only_where_it_says_created(
    status: str, made: bool
) -> None:
    maker = operation(thing("name"), thing("name"))
    maker["responses"] = {status: maker["responses"]["200"]}
    paths = {"/tags": {"post": maker}, "/tags/{name}": {"delete": operation()}}
    assert (plan_for(paths).problems == ()) is made
    unique = plan_for(paths, '[samples]\nname = { unique = "smoke-" }\n')
    assert unique.problems == ()


def test_query_tables_are_written_in_their_style() -> None:
    table = {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}}
    parameters = [
        {"name": "f", "in": "query", "required": True,
         "content": {"application/json": {"schema": table}}},
        {"name": "o", "in": "query", "required": True, "style": "deepObject", "schema": table},
        {"name": "sid", "in": "cookie", "required": True, "schema": {"enum": ["a"]}},
    ]  # fmt: skip
    plan = plan_for({"/a": {"get": operation(parameters=parameters)}})
    assert plan.by_name["GET /a"].query == {"f": '{"x":0}', "o[x]": 0}
    assert plan.by_name["GET /a"].headers == {"Cookie": "sid=a"}


def test_xml_is_left_to_a_person() -> None:
    paths = {"/a": {"post": {"responses": {}, "requestBody": {
        "content": {"application/xml": {"schema": {"type": "object"}}}}}}}  # fmt: skip
    (problem,) = plan_for(paths).problems
    assert "XML is written by hand" in problem
    rule = '[[rule]]\noperation = "POST /a"\nbody = "<a/>"\n'
    plan = plan_for(paths, rule)
    assert plan.problems == ()
    assert (plan.by_name["POST /a"].body, plan.by_name["POST /a"].media_type) == (
        "<a/>",
        "application/xml",
    )


def test_operation_without_documented_success_may_answer_any_usual_one() -> None:
    content = {"application/json": {"schema": OBJECT}}
    maker = {"responses": {"default": {"description": "", "content": content}}}
    plan = plan_for({"/a": {"post": maker}, "/a/{id}": {"get": operation()}})
    assert plan.by_name["POST /a"].expect == (200, 201, 202, 204)
    assert plan.by_name["POST /a"].creates == "/id"


def test_unreachable_id_is_a_problem_for_reading_too() -> None:
    (problem,) = plan_for({"/x/{gadget_id}": {"get": operation()}}).problems
    assert "nothing answers with its {gadget_id}" in problem
    assert '[[rule]]\noperation = "GET /x/{gadget_id}"' in problem


def test_circle_is_told_with_a_rule_to_paste() -> None:
    rules = (
        '[[rule]]\noperation = "GET /a"\nafter = ["GET /b"]\n'
        '[[rule]]\noperation = "GET /b"\nafter = ["GET /a"]\n'
    )
    plan = plan_for({"/a": {"get": operation()}, "/b": {"get": operation()}}, rules)
    assert len(plan.problems) == 2
    assert "it waits for itself: GET /a needs GET /b needs GET /a." in plan.problems[0]


def test_request_that_a_rule_breaks_is_told_with_the_rules_place() -> None:
    body = thing("title")
    rules = '[[rule]]\noperation = "POST /a"\nbody = { title = 3 }\n'
    (problem,) = plan_for({"/a": {"post": operation(None, body)}}, rules).problems
    assert "breaks the contract (rules: r.toml:1)" in problem
    assert "/title: 3 is not of type" in problem


def test_schema_without_any_value_is_told() -> None:
    body = {"type": "object", "required": ["a"], "properties": {"a": False}}
    (problem,) = plan_for({"/a": {"post": operation(None, body)}}).problems
    assert "no valid request could be generated" in problem


def test_dependant_of_what_is_excepted_is_told_why() -> None:
    rules = (
        '[[rule]]\noperation = "GET /a"\nexcept = { reason = "it is slow" }\n'
        '[[rule]]\noperation = "GET /b"\nafter = ["GET /a"]\n'
    )
    plan = plan_for({"/a": {"get": operation()}, "/b": {"get": operation()}}, rules)
    assert plan.problems == ("GET /b: it needs GET /a, which is not sent: it is slow",)


def test_exception_for_one_target_leaves_the_others() -> None:
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


def test_additional_request_that_a_smaller_contract_cannot_send_is_left_out() -> None:
    rules = (
        '[[rule]]\noperation = "GET /things/{id}"\nas = "extra"\noptional = true\n'
        'path = { id = { from = "POST /elsewhere", pointer = "/id" } }\n'
        '[[rule]]\noperation = "POST /elsewhere"\noptional = true\n'
    )
    assert "extra" not in plan_for(things(), rules).by_name


def test_field_that_an_order_echoes_is_no_source_for_the_order() -> None:
    reading = primary(entry_of("shop", "GET /orders/{order_id}").path)
    assert [reference["$from"] for reference in reading] == ["POST /orders"]


def test_only_what_a_target_may_lack_has_substitutes() -> None:
    paths = things(**{"/zones/{zone_id}": {"get": operation()}, "/zones": {"get": operation(
        {"type": "array", "items": thing("zone_id")})}})  # fmt: skip
    plan = plan_for(paths, '[world]\nzone_id = "/a"\n')
    assert plan.by_name["GET /zones/{zone_id}"].path["zone_id"] == {
        "$from": "world.zone_id",
        "or": [{"$from": "GET /zones", "pointer": "/0/zone_id"}],
    }
    assert "or" not in plan.by_name["GET /things/{id}"].path["id"]


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
