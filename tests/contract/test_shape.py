"""The shape of a document: a part of the wrong kind is refused with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from smoke.config.rules import parse
from smoke.contract import Contract
from smoke.errors import DataError
from smoke.plan.build.builder import build
from tests.planning import SEND

OK: dict[str, Any] = {"200": {"description": ""}}
INFO = (
    "/info: a parameter needs a 'name'.\n"
    "t.json#/info: 'in' is None; path, query, header, cookie are allowed."
)
NAMED = {"name": "n", "in": "query"}


def document(**more: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}, **more}


def messages(found: dict[str, Any]) -> list[str]:
    with pytest.raises(DataError) as error:
        Contract(found, "t.json")
    return str(error.value).split("\n")


def operation(**more: Any) -> dict[str, Any]:
    return document(paths={"/a": {"get": {"responses": OK, **more}}})


def schema(value: Any) -> dict[str, Any]:
    return document(components={"schemas": {"A": value}})


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (document(paths=None), "/paths: an object of path items is expected."),
        (document(info=[]), "/info: an object is expected."),
        (document(components=5), "/components: an object is expected."),
        (document(paths={"/a": None}), "/paths/~1a: an object with methods is expected."),
        (document(paths={"/a~": {"get": 1}}), "/paths/~1a~0/get: an operation object is expected."),
        (document(servers={}), "/servers: a list is expected."),
        (document(servers=[{"url": "http://[a"}]),
         "/servers/0/url: 'http://[a' is not a URL: Invalid IPv6 URL."),
        (operation(responses=[]),
         "/paths/~1a/get/responses: an object from status to response is expected."),
        (operation(responses={"200": []}),
         "/paths/~1a/get/responses/200: a response object is expected."),
        (operation(responses={"٢٠٠": {}}),
         "/paths/~1a/get/responses/٢٠٠: '٢٠٠' is not a status; allowed: 200, '2XX', 'default'."),
        (operation(tags=[{}]), "/paths/~1a/get/tags/0: a text is expected, not {}."),
        (operation(tags=[None]), "/paths/~1a/get/tags/0: a text is expected, not None."),
        (operation(security=["key"]), "/paths/~1a/get/security/0: an object is expected."),
        (operation(operationId=["x" * 99]),
         "/paths/~1a/get/operationId: a text is expected, not ['" + "x" * 58 + "…."),
        (operation(parameters=[None]),
         "/paths/~1a/get/parameters/0: a parameter object is expected."),
        (operation(parameters=[{"name": "n", "in": "body"}]),
         "/paths/~1a/get/parameters/0: 'in' is 'body'; path, query, header, cookie are allowed."),
        (operation(parameters=[{**NAMED, "explode": "yes"}]),
         "/paths/~1a/get/parameters/0/explode: true or false is expected, not 'yes'."),
        (operation(parameters=[{"$ref": "#/info"}]), INFO),
        (operation(parameters=[{"$ref": 5}]),
         "/paths/~1a/get/parameters/0: a $ref is a text, not 5."),
        (operation(parameters=[{**NAMED, "examples": {"one": {"$ref": "#/no"}}}]),
         "/paths/~1a/get/parameters/0/examples/one: $ref '#/no' has no target."),
        (operation(requestBody={"content": {"text/plain": {"schema": 5}}}),
         "/paths/~1a/get/requestBody/content/text~1plain/schema: "
         "a schema, an object or true or false, is expected."),
        (schema({"properties": {"a": {"required": True}}}),
         "/components/schemas/A/properties/a/required: a list is expected."),
        (schema({"required": [5]}),
         "/components/schemas/A/required/0: a text is expected, not 5."),
        (schema({"type": ["string", None]}),
         "/components/schemas/A/type: a text or a list of texts is expected, "
         "not ['string', None]."),
        (schema({"type": None}),
         "/components/schemas/A/type: null has no meaning here; remove it."),
        (schema({"items": [{}]}),
         "/components/schemas/A/items: a schema, an object or true or false, is expected."),
        (schema({"anyOf": {}}), "/components/schemas/A/anyOf: a list is expected."),
        (schema({"maxLength": "5"}),
         "/components/schemas/A/maxLength: a number is expected, not '5'."),
        (schema({"properties": {"default": {"$ref": "#/no"}}}),
         "/components/schemas/A/properties/default: $ref '#/no' has no target."),
        (document(components={"parameters": {"example": {"$ref": "#/no"}}}),
         "/components/parameters/example: $ref '#/no' has no target."),
        (document(components={"schemas": {"A": {"items": {"$ref": "file:///etc/passwd"}}}}),
         "/components/schemas/A/items: $ref 'file:///etc/passwd' leaves the document. "
         "Bundle both into one file first."),
        (document(components={"schemas": {"A\n\x1b[2J": 5}}),
         "/components/schemas/A\\n\\x1b[2J: a schema, an object or true or false, is expected."),
    ],
)  # fmt: skip
def test_part_of_the_wrong_kind_is_refused_with_its_place(
    found: dict[str, Any], message: str
) -> None:
    assert "\n".join(messages(found)) == f"t.json#{message}"


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"swagger": "1.2"}, "this is Swagger '1.2'"),
        ({"asyncapi": "3.0.0"}, "this is AsyncAPI '3.0.0'"),
        ({"openapi": "3.3.0"}, "openapi is '3.3.0'"),
        ({"openapi": "3." + "1" * 99}, "openapi is '3." + "1" * 57),
        ({"openapi": None}, "openapi is None"),
        ({"paths": {}}, "there is no 'openapi' field"),
    ],
)
def test_other_format_or_version_is_refused(found: dict[str, Any], message: str) -> None:
    end = "; Swagger 2.0 and OpenAPI 3.0.x, 3.1.x and 3.2.x are supported. Convert it first."
    assert messages(found) == [f"t.json#/openapi: {message}{end}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!doctype html><html>",
         "t:1:1: this is HTML or XML; an OpenAPI document is JSON or YAML."),
        (" \n", "t:1: an OpenAPI document is an object; this is empty."),
        ("- a", "t:1: an OpenAPI document is an object; this is another value."),
        ('{"openapi": "3.1.0", "openapi": "3.0.0"}',
         "t:1:22: 'openapi' appears twice in one object, first in line 1."),
    ],
)  # fmt: skip
def test_text_that_is_not_a_document_is_refused(text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        Contract.parse(text, "t")
    assert str(error.value) == message


def test_list_of_mistakes_is_truncated() -> None:
    lines = messages(document(paths={f"/{n}": 1 for n in range(30)}))
    assert len(lines) == 21
    assert lines[-1] == "… and 10 more."


def test_empty_yaml_values_count_as_absent() -> None:
    text = """\
openapi: 3.0.3
info: {title: t, version: 1}
servers:
paths:
  /a:
    parameters:
    get:
      tags:
      security:
      parameters:
        - {name: q, in: query, required: true, schema: {}, examples: }
      requestBody:
        content: {application/json: , text/plain: {examples: , encoding: }}
      responses:
        200: {description: ok, content: , headers: , links: }
"""
    (found,) = Contract.parse(text, "t.yaml").operations.values()
    assert [parameter.name for parameter in found.parameters] == ["q"]
    assert list(found.request_bodies) == ["application/json", "text/plain"]
    assert found.tags == ()
    assert found.responses["200"].content == {}


def test_siblings_of_a_reference_are_ignored_in_openapi_3_0_only() -> None:
    beside = {"$ref": "#/components/schemas/B", "required": True}
    found = document(components={"schemas": {"A": beside, "B": {}}}, openapi="3.0.0")
    assert Contract(found).operations == {}
    assert messages({**found, "openapi": "3.1.0"}) == [
        "t.json#/components/schemas/A/required: a list is expected."
    ]


def test_extensions_and_literals_are_not_checked() -> None:
    literal = {"$ref": "#/no", "type": 5}
    found = document(
        components={"schemas": {"A": {"default": literal, "example": literal, "enum": [literal]}}},
        **{"x-more": literal, "webhooks": {"x-w": 5}},
    )
    found["paths"] = {"x-p": 5, "/a": {"x-i": literal, "get": {"x-o": literal, "responses": OK}}}
    assert list(Contract.parse(json.dumps(found)).operations) == ["GET /a"]


def test_examples_may_be_references_or_any_value() -> None:
    examples = {"one": {"$ref": "#/components/examples/one"}, "two": 5, "three": {"value": 3}}
    found = operation(parameters=[{**NAMED, "examples": examples}])
    found["components"] = {"examples": {"one": {"value": {"$ref": "#/no"}}}}
    (parameter,) = Contract(found).operations["GET /a"].parameters
    assert parameter.examples == ({"$ref": "#/no"}, 3)


def test_webhooks_and_callbacks_are_checked_but_are_not_operations() -> None:
    item = {"post": {"responses": {}, "parameters": 5}}
    found = operation(callbacks={"done": {"{$request.body#/url}": item}})
    found["webhooks"] = {"made": item}
    assert messages(found) == [
        "t.json#/webhooks/made/post/parameters: a list is expected.",
        "t.json#/paths/~1a/get/callbacks/done/{$request.body#~1url}/post/parameters: "
        "a list is expected.",
    ]
    del item["post"]["parameters"]
    assert list(Contract(found).operations) == ["GET /a"]


def test_many_separate_references_are_not_a_chain() -> None:
    leaves = {f"L{n}": {"type": "string"} for n in range(6000)}
    properties = {name: {"$ref": f"#/components/schemas/{name}"} for name in leaves}
    found = document(components={"schemas": {**leaves, "All": {"properties": properties}}})
    assert Contract(found).operations == {}


def loaded(folder: Path, found: dict[str, Any]) -> Contract:
    place = folder / "openapi.json"
    place.write_text(json.dumps(found))
    return Contract.load(place)


BROKEN = {"$ref": "#/components/schemas/Broken"}
USING = {"200": {"description": "", "content": {"application/json": {"schema": BROKEN}}}}


@pytest.mark.parametrize(
    ("more", "components", "broken"),
    [
        ({"get": 7}, {}, ["GET /b"]),
        ({"get": {"responses": [], "parameters": 5}}, {}, ["GET /b"]),
        ({"get": {"responses": {"okay": {}}}, "put": {"responses": OK}}, {}, ["GET /b"]),
        ({"parameters": [{"in": "body"}], "get": {"responses": OK}}, {}, ["GET /b"]),
        ({"get": {"responses": USING}}, {"schemas": {"Broken": {"type": 5}}}, ["GET /b"]),
        ({"get": {"responses": USING}}, {"schemas": {}}, ["GET /b"]),
        ({"get": {"responses": USING}}, {"schemas": {"Broken": {"items": {"$ref": "#/no"}}}},
         ["GET /b"]),
        ({"parameters": [{"$ref": "#/components/parameters/P"}], "get": {"responses": OK}},
         {"parameters": {"P": {"in": "body"}}}, ["GET /b"]),
        ({"get": {"responses": OK}}, {"schemas": {"Broken": {"type": 5}}}, []),
    ],
)  # fmt: skip
def test_broken_part_of_a_file_disables_only_its_operation(
    tmp_path: Path, more: dict[str, Any], components: dict[str, Any], broken: list[str]
) -> None:
    found = operation()
    found["paths"]["/b"] = more
    contract = loaded(tmp_path, {**found, "components": components, "info": []})
    assert "GET /a" in contract.operations
    assert [name for name, one in contract.operations.items() if one.broken] == broken
    plan = build(contract, parse(SEND, "r.toml"))
    assert [entry.operation for entry in plan.entries if entry.problem] == broken
    assert all("its contract is broken there" in problem for problem in plan.problems)


def test_file_without_paths_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="an object of path items is expected"):
        loaded(tmp_path, document(paths=None))
