"""Fields with the name of a resource hold its id; a nested creator is found by its answer."""

from typing import Any

import pytest

from tests.planning import SEND, operation, plan_for

NUMBER = {"type": "integer"}
PARENT = {
    "/projects/": {"post": operation({"type": "object", "properties": {"id": NUMBER}})},
    "/projects/{id}/": {"get": operation({"type": "object"})},
}
OWN = {"$from": "POST /projects/", "pointer": "/id", "owned": True}


def of_field(name: str, schema: dict[str, Any]) -> Any:
    """The planned value of one field of a body."""
    body = {"type": "object", "required": [name], "properties": {name: schema}}
    made = {"type": "object", "properties": {"id": NUMBER}}
    more = {
        "/tasks/": {"post": operation(made, body)},
        "/tasks/{id}/": {"get": operation(made)},
    }
    return plan_for(PARENT | more, SEND).by_name["POST /tasks/"].body[name]


@pytest.mark.parametrize("schema", [NUMBER, {"type": "string", "format": "uuid"}])
def test_number_or_uuid_with_the_name_of_a_resource_is_its_id(schema: dict[str, Any]) -> None:
    found = of_field("project", schema)
    assert found == OWN if schema is NUMBER else found["$from"] == "POST /projects/"


@pytest.mark.parametrize(
    ("name", "schema"),
    [("project", {"type": "string"}), ("size", NUMBER), ("weight", NUMBER)],
)
def test_text_or_other_number_is_not_linked(name: str, schema: dict[str, Any]) -> None:
    assert not isinstance(of_field(name, schema), dict)


def test_number_where_the_resource_has_texts_as_ids_is_a_number() -> None:
    made = {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}}}
    limited = {"type": "object", "required": ["limit_rule"], "properties": {"limit_rule": NUMBER}}
    paths = {
        "/limit_rules": {"post": operation(made, limited)},
        "/limit_rules/{id}": {"get": operation(made), "delete": operation()},
        "/jobs": {"post": operation(made, limited)},
        "/jobs/{id}": {"get": operation(made), "delete": operation()},
    }
    plan = plan_for(paths, SEND)
    for name in ("POST /limit_rules", "POST /jobs"):
        assert plan.by_name[name].problem is None
        assert isinstance(plan.by_name[name].body["limit_rule"], int)


def test_link_replaces_a_value_of_an_example() -> None:
    made = {"type": "object", "properties": {"id": NUMBER}}
    content: dict[str, Any] = {"schema": {}, "example": {"text": "hello", "project_id": 7}}
    body = {"required": True, "content": {"application/json": content}}
    post = operation(made) | {"requestBody": body}
    content["schema"] = {"type": "object", "properties": {"project_id": NUMBER}}
    plan = plan_for(PARENT | {"/tasks/": {"post": post}}, SEND)
    assert plan.by_name["POST /tasks/"].body == {"text": "hello", "project_id": OWN}


def test_sample_reaches_a_field_that_the_example_leaves_out() -> None:
    fields = {"text": {"type": "string"}, "project": NUMBER}
    content = {"schema": {"type": "object", "properties": fields}, "example": {"text": "hello"}}
    body = {"required": True, "content": {"application/json": content}}
    paths = {"/tasks/": {"post": operation({"type": "object"}) | {"requestBody": body}}}
    sample = '[samples]\nproject = { from = "POST /projects/", pointer = "/id" }\n'
    planned = plan_for(PARENT | paths, sample + SEND).by_name["POST /tasks/"]
    found = planned.body["project"]
    assert found["$from"] == "POST /projects/"
    assert planned.needs == ("POST /projects/",)


@pytest.mark.parametrize(("name", "asked"), [("project", {"project": OWN}), ("other", {})])
def test_sample_reaches_an_optional_query_parameter(name: str, asked: dict[str, Any]) -> None:
    wanted = {"name": "project", "in": "query", "schema": NUMBER}
    listed = operation({"type": "array", "items": {"type": "object"}}, parameters=[wanted])
    sample = f'[samples]\n{name} = {{ from = "POST /projects/", pointer = "/id" }}\n'
    plan = plan_for(PARENT | {"/actions": {"get": listed}}, sample + SEND)
    found = plan.by_name["GET /actions"].query
    assert set(found) == set(asked)


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"title": {"type": "string"}, "text": {"type": "string"}}, {"title"}),
        ({"username": {"type": "string"}}, {"username"}),
        ({"name": {"type": "string"}, "title": {"type": "string"}}, {"name"}),
        ({"name": {"type": "string", "enum": ["a"]}}, set()),
        ({"text": {"type": "string"}}, set()),
    ],
)
def test_new_thing_gets_an_optional_name_of_its_own(fields: Any, sent: set[str]) -> None:
    body = {"type": "object", "properties": fields}
    made = {"type": "object", "properties": {"id": NUMBER}}
    paths = {"/notes": {"post": operation(made, body)}, "/notes/{id}": {"get": operation(made)}}
    planned = plan_for(paths, SEND).by_name["POST /notes"].body
    assert set(planned) == sent
    assert all(value["$unique"] == "smoke-" for value in planned.values())


def test_required_query_parameter_with_the_name_of_a_resource_is_its_id() -> None:
    wanted = {"name": "project", "in": "query", "required": True, "schema": NUMBER}
    listed = operation({"type": "array", "items": {"type": "object"}}, parameters=[wanted])
    plan = plan_for(PARENT | {"/actions": {"get": listed}}, SEND)
    assert plan.by_name["GET /actions"].query == {"project": OWN}


NOTE = {"$ref": "#/components/schemas/Note"}
SCHEMAS = {"components": {"schemas": {"Note": {"type": "object", "properties": {"id": NUMBER}}}}}


def nested(answer: Any) -> Any:
    """The plan of notes that are made below a project, and lie at a path of their own."""
    paths = {
        "/projects/{id}/notes/": {"post": operation(answer)},
        "/notes/{id}/": {"get": operation(NOTE), "delete": operation()},
    }
    return plan_for(PARENT | paths, SEND, **SCHEMAS)


def test_nested_creator_with_the_same_answer_makes_what_has_a_path_of_its_own() -> None:
    plan = nested(NOTE)
    made = {"$from": "POST /projects/{id}/notes/", "pointer": "/id", "owned": True}
    assert plan.by_name["GET /notes/{id}/"].path == {"id": made}
    assert plan.by_name["DELETE /notes/{id}/"].path == {"id": made}
    assert plan.by_name["POST /projects/{id}/notes/"].creates == "/id"


def test_rule_names_an_id_that_the_contract_does_not_document() -> None:
    rows = {"type": "object", "properties": {"results": {"type": "array", "items": NOTE}}}
    paths = {"/notes/": {"post": operation(rows)}, "/notes/{id}/": {"delete": operation()}}
    rule = '[[rule]]\noperation = "POST /notes/"\nsend = true\ncreates = "/0/id"\n'
    found = plan_for(paths, rule, **SCHEMAS).by_name["DELETE /notes/{id}/"].path
    assert found == {"id": {"$from": "POST /notes/", "pointer": "/0/id", "owned": True}}


@pytest.mark.parametrize(
    ("items", "sent"),
    [
        ({"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}, 1),
        (NUMBER, 0),
    ],
)
def test_list_of_new_things_is_not_empty_and_a_list_of_ids_is(items: Any, sent: int) -> None:
    made = operation({"type": "object"}, {"type": "array", "items": items})
    plan = plan_for({"/notes": {"post": made}}, SEND)
    assert len(plan.by_name["POST /notes"].body) == sent


@pytest.mark.parametrize("name", ["id", "uuid", "pk", "uid", "guid"])
def test_bare_id_of_another_resource_is_not_taken(name: str) -> None:
    made = {"type": "object", "properties": {name: NUMBER}}
    row = {"name": name, "in": "path", "required": True, "schema": NUMBER}
    paths = {
        "/tags": {"post": operation(made)},
        f"/tags/{{{name}}}": {"get": operation(made), "parameters": [row]},
        "/watches": {"post": operation()},
        f"/watches/{{{name}}}": {"get": operation(made), "parameters": [row]},
    }
    assert plan_for(paths, SEND).by_name[f"GET /watches/{{{name}}}"].problem is not None


def test_nested_creator_with_another_answer_owns_nothing_elsewhere() -> None:
    plan = nested({"type": "object", "properties": {"id": NUMBER}})
    assert plan.by_name["DELETE /notes/{id}/"].problem is not None
