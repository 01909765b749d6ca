"""Problems: decisions that only a person can make, each with a rule to paste."""

from typing import Any

import pytest

from smoke.config.rules import Excepted
from smoke.plan.build.problems import sentence
from tests.planning import OBJECT, names, operation, plan_for, thing, things


def test_deletion_of_a_foreign_resource_is_a_problem_with_a_rule_to_paste() -> None:
    paths = things()
    del paths["/things"]["post"]
    plan = plan_for(paths)
    (problem,) = plan.problems
    assert problem.startswith("DELETE /things/{id}: its {id} is not known to be made by this run")
    pasted = problem.partition("paste:\n")[2]
    again = plan_for(paths, pasted)
    assert again.problems == ()
    assert again.by_name["DELETE /things/{id}"].excepted == Excepted(
        "it would destroy what this run did not make"
    )


def test_deleting_everything_is_a_problem_unless_a_rule_allows_it() -> None:
    paths = {"/things": {"delete": operation()}}
    (problem,) = plan_for(paths).problems
    assert "what it takes away is not known to be made by this run" in problem
    rule = '[[rule]]\noperation = "DELETE /things"\ndestroys = false\n'
    assert plan_for(paths, rule).problems == ()


@pytest.mark.parametrize("method", ["put", "patch", "post"])
def test_change_of_a_listed_resource_needs_a_rule(method: str) -> None:
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


def test_world_is_read_and_changed_but_only_destroyed_if_seeded_for_the_run() -> None:
    paths = {"/zones/{zone_id}": {m: operation() for m in ("get", "patch", "delete")}}
    known = plan_for(paths, '[world]\nzone_id = "/a"\n')
    assert known.by_name["PATCH /zones/{zone_id}"].path == {"zone_id": {"$from": "world.zone_id"}}
    assert [problem.partition(":")[0] for problem in known.problems] == ["DELETE /zones/{zone_id}"]
    made = plan_for(paths, '[world.made]\nzone_id = "/a"\n')
    assert made.problems == ()
    assert names(made) == [f"{m} /zones/{{zone_id}}" for m in ("GET", "PATCH", "DELETE")]


def test_resources_listed_below_an_owned_one_are_owned() -> None:
    rows = {"type": "array", "items": thing("id")}
    paths = {
        "/zones/{zone_id}/rows": {"get": operation(rows)},
        "/zones/{zone_id}/rows/{row_id}": {"delete": operation()},
    }
    made = plan_for(paths, '[world.made]\nzone_id = "/a"\n')
    assert made.by_name["DELETE /zones/{zone_id}/rows/{row_id}"].path["row_id"]["owned"] is True
    known = plan_for(paths, '[world]\nzone_id = "/a"\n')
    assert len(known.problems) == 1


def test_echoed_id_is_not_a_created_id() -> None:
    paths = {
        "/zones/{zone_id}/lock": {"post": operation(thing("zone_id"))},
        "/zones/{zone_id}": {"delete": operation()},
    }
    plan = plan_for(paths, '[world]\nzone_id = "/a"\n')
    assert [problem.partition(":")[0] for problem in plan.problems] == ["DELETE /zones/{zone_id}"]


@pytest.mark.parametrize(("status", "made"), [("201", True), ("200", False)])
def test_post_with_client_id_owns_resource_only_on_201(status: str, made: bool) -> None:
    maker = operation(thing("name"), thing("name"))
    maker["responses"] = {status: maker["responses"]["200"]}
    paths = {"/tags": {"post": maker}, "/tags/{name}": {"delete": operation()}}
    fixed = plan_for(paths, '[samples]\nname = "fixed"\n')
    assert (fixed.problems == ()) is made
    assert plan_for(paths).problems == ()  # a generated name differs from run to run
    unique = plan_for(paths, '[samples]\nname = { unique = "smoke-" }\n')
    assert unique.problems == ()


def test_xml_body_is_a_decision_for_a_person() -> None:
    paths = {"/a": {"post": {"responses": {}, "requestBody": {
        "content": {"application/xml": {"schema": {"type": "object"}}}}}}}  # fmt: skip
    (problem,) = plan_for(paths).problems
    assert "XML is written by hand" in problem
    rule = '[[rule]]\noperation = "POST /a"\nbody = "<a/>"\nsend = true\n'
    plan = plan_for(paths, rule)
    assert plan.problems == ()
    assert (plan.by_name["POST /a"].body, plan.by_name["POST /a"].media_type) == (
        "<a/>",
        "application/xml",
    )


def test_unreachable_id_is_a_problem_for_reading_too() -> None:
    (problem,) = plan_for({"/x/{gadget_id}": {"get": operation()}}).problems
    assert "nothing answers with its {gadget_id}" in problem
    assert '[[rule]]\noperation = "GET /x/{gadget_id}"' in problem


def test_circular_dependency_is_reported_with_a_rule_to_paste() -> None:
    rules = (
        '[[rule]]\noperation = "GET /a"\nafter = ["GET /b"]\n'
        '[[rule]]\noperation = "GET /b"\nafter = ["GET /a"]\n'
    )
    plan = plan_for({"/a": {"get": operation()}, "/b": {"get": operation()}}, rules)
    assert len(plan.problems) == 2
    assert "it waits for itself: GET /a needs GET /b needs GET /a." in plan.problems[0]


def test_request_made_invalid_by_a_rule_is_reported_with_the_rule() -> None:
    body = thing("title")
    rules = '[[rule]]\noperation = "POST /a"\nbody = { title = 3 }\n'
    (problem,) = plan_for({"/a": {"post": operation(None, body)}}, rules).problems
    assert "breaks the contract (rules: r.toml:1)" in problem
    assert "/title: 3 is not of type" in problem


def test_schema_without_valid_values_is_reported() -> None:
    body = {"type": "object", "required": ["a"], "properties": {"a": False}}
    (problem,) = plan_for({"/a": {"post": operation(None, body)}}).problems
    assert "no valid request could be generated" in problem


def test_entry_that_needs_an_excepted_one_shows_the_reason() -> None:
    rules = (
        '[[rule]]\noperation = "GET /a"\nexcept = { reason = "it is slow" }\n'
        '[[rule]]\noperation = "GET /b"\nafter = ["GET /a"]\n'
    )
    plan = plan_for({"/a": {"get": operation()}, "/b": {"get": operation()}}, rules)
    assert plan.problems == ("GET /b: it needs GET /a, which is not sent: it is slow",)


def test_each_decision_is_asked_once_and_first_what_most_requests_wait_for() -> None:
    paths: dict[str, Any] = {
        "/mode": {"put": operation(None, thing("mode"))},
        "/boxes": {"post": operation(OBJECT)},
        "/boxes/{id}": {"get": operation(OBJECT), "patch": operation(OBJECT, thing("name"))},
        "/boxes/{id}/lids": {"get": operation(OBJECT)},
    }
    for path in ("/boxes/{id}", "/boxes/{id}/lids"):
        paths[path]["parameters"] = [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        ]
    plan = plan_for(paths)
    asked = [problem.partition(":")[0] for problem in plan.problems]
    assert asked == ["POST /boxes", "PUT /mode"]
    assert "(3 more wait for it)" in plan.problems[0]
    assert len([entry for entry in plan.entries if entry.problem]) == 5


@pytest.mark.parametrize(
    ("problem", "first"),
    [
        (
            "nothing answers with its {id}. If you know one, paste and complete:\n[[rule]]",
            "nothing answers with its {id}",
        ),
        ("it waits for itself: a needs b. Give one of them a value of its own", "it waits for "
         "itself: a needs b"),
        ("it needs POST /x, which a person must decide first.", "it needs POST /x, which a person "
         "must decide first"),
        ("its request breaks: /body: no", "its request breaks: /body: no"),
    ],
)  # fmt: skip
def test_first_sentence_says_the_problem_without_the_rule_to_paste(
    problem: str, first: str
) -> None:
    assert sentence(problem) == first


def test_request_waits_for_a_maker_that_a_person_must_decide_though_it_comes_later() -> None:
    link = {"read": {"operationId": "readB", "parameters": {"bid": "$response.body#/odd"}}}
    make = operation(thing("odd"))
    make["responses"] = {"201": {**make["responses"]["200"], "links": link}}
    paths = {"/a": {"post": make}, "/b/{bid}": {"get": operation(OBJECT, operationId="readB")}}
    plan = plan_for(paths)
    waits = "it needs POST /a, which a person must decide first."
    assert plan.by_name["GET /b/{bid}"].problem == waits
    (problem,) = plan.problems
    assert problem.startswith("POST /a: it is not sent")
    assert "(1 more wait for it)" in problem
    sent = plan_for(paths, '[[rule]]\noperation = "POST /a"\nsend = true\n')
    assert sent.by_name["GET /b/{bid}"].path == {"bid": {"$from": "POST /a", "pointer": "/odd"}}
