"""Bodies: every media type, and schemas with the keywords that real ones have."""

from typing import Any

import pytest

from smoke.contract import Contract
from tests.wild.contracts import TEXT, document, having, planned, ref, sent, taking

A, B = having("a"), having("b")
KIND = {"type": "object", "required": ["k"], "properties": {"k": {"const": "B"}}}


def body(schema: Any, version: str = "3.1.0", **schemas: Any) -> Any:
    """The body of a plan, validated against its schema once more."""
    found = document({"/a": {"post": taking("application/json", schema)}}, version)
    found["components"] = {"schemas": schemas}
    plan = planned(found)
    value = sent(plan, "POST /a").body.value
    operation = Contract(found).operations["POST /a"]
    findings = Contract(found).request_findings(operation, {}, {}, {}, "application/json", value)
    assert findings == []
    return value


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [A, B], "unevaluatedProperties": False},
        {"allOf": [A], "required": ["b"], "properties": {"b": TEXT}},
        {"oneOf": [A, B]},
        {"anyOf": [{"type": "null"}, {"allOf": [B]}]},
        {"oneOf": [KIND], "discriminator": {"propertyName": "k"}},
        {"type": "array", "prefixItems": [{"type": "integer"}, TEXT], "items": False,
         "minItems": 2},
        {"type": "object", "required": ["t"], "properties": {"t": {"enum": ["x", "y"]}},
         "if": {"properties": {"t": {"const": "x"}}}, "then": {"required": ["z"]}},
        {"type": "object", "required": ["n"],
         "properties": {"n": {"$ref": "#/components/schemas/Defs/$defs/N"}}},
        {"type": ["string", "null"], "minLength": 1},
        {"type": "array", "items": TEXT, "minItems": 2, "uniqueItems": True},
        {"type": "object", "minProperties": 1, "additionalProperties": TEXT},
        {"type": "object", "patternProperties": {"^x-": TEXT}, "additionalProperties": False},
        {"type": "integer", "exclusiveMinimum": 3, "multipleOf": 5},
        {"not": {"type": ["object", "array", "null", "number", "boolean"]}},
        {"type": "object", "dependentRequired": {"a": ["b"]}, "required": ["a"],
         "properties": {"a": TEXT, "b": TEXT}},
        True,
    ],
)  # fmt: skip
def test_schema_is_fulfilled(schema: Any) -> None:
    body(schema, Defs={"$defs": {"N": {"const": 5}}})


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, 4),
        ({"type": "string", "nullable": True, "enum": ["x"]}, "x"),
        ({"allOf": [{"$ref": "#/components/schemas/A"}, {"nullable": False}]}, {"a": "smoke"}),
        ({"type": "object", "required": ["b", "w"], "properties": {
            "b": {**TEXT, "readOnly": True}, "w": {**TEXT, "writeOnly": True}}}, {"w": "smoke"}),
    ],
)  # fmt: skip
def test_old_schema_is_fulfilled(schema: Any, value: Any) -> None:
    assert body(schema, "3.0.3", A=A) == value


def test_recursive_schemas_terminate() -> None:
    tree = {"type": "object", "required": ["name", "children"], "properties": {
        "name": TEXT, "children": {"type": "array", "items": ref("Tree")}}}  # fmt: skip
    person = {"type": "object", "required": ["home"], "properties": {"home": ref("Home")}}
    home = {"type": "object", "properties": {"owner": ref("Person")}}
    assert body(ref("Tree"), Tree=tree) == {"name": "smoke-0a1b2c3d-655e", "children": []}
    assert body(ref("Person"), Person=person, Home=home) == {"home": {}}


def test_schema_with_infinite_values_is_reported() -> None:
    endless = {"type": "object", "required": ["a"], "properties": {"a": ref("A")}}
    found = document({"/a": {"post": taking("application/json", ref("A"))}})
    found["components"] = {"schemas": {"A": endless}}
    (problem,) = planned(found).problems
    assert problem.startswith("POST /a: no valid request could be generated")


@pytest.mark.parametrize(
    ("media_type", "schema", "content", "sent_as"),
    [
        ("text/plain", TEXT, b"made by a smoke run", "text/plain"),
        ("application/octet-stream", None, b"made by a smoke run\n", "application/octet-stream"),
        ("*/*", None, b"made by a smoke run\n", "application/octet-stream"),
        ("application/pdf", {"type": "string", "format": "binary"}, b"%PDF-1.4", "application/pdf"),
        ("application/vnd.api+json; version=1", A, b'{"a":"smoke"}',
         "application/vnd.api+json; version=1"),
        ("application/merge-patch+json", B, b'{"b":"smoke"}', "application/merge-patch+json"),
        ("application/json", {"type": "null"}, b"null", "application/json"),
    ],
)  # fmt: skip
def test_body_is_of_its_media_type(
    media_type: str, schema: Any, content: bytes, sent_as: str
) -> None:
    found = sent(planned(document({"/a": {"post": taking(media_type, schema)}})), "POST /a").body
    assert found.content is not None
    assert found.content.startswith(content)
    assert found.media_type == sent_as


def test_form_with_files_has_parts_of_their_types() -> None:
    fields = {
        "meta": A,
        "file": {"type": "string", "format": "binary"},
        "tags": {"type": "array", "minItems": 1, "items": {"const": "t"}},
        "n": {"type": "integer"},
    }
    schema = {"type": "object", "required": list(fields), "properties": fields}
    encoding = {"file": {"contentType": "image/png, image/jpeg"}}
    operation = taking("multipart/form-data", schema, encoding=encoding)
    parts = dict(sent(planned(document({"/a": {"post": operation}})), "POST /a").body.files or ())
    assert parts["meta"] == (None, b'{"a":"smoke"}', "application/json")
    assert (parts["file"][0], parts["file"][2]) == ("smoke.png", "image/png")
    assert (parts["tags"][1], parts["n"][1]) == (b"t", b"0")


def test_form_has_its_fields() -> None:
    schema = having("a") | {"properties": {"a": {"const": "ä &"}}}
    operation = taking("application/x-www-form-urlencoded", schema)
    found = sent(planned(document({"/a": {"post": operation}})), "POST /a").body
    assert found.form == {"a": "ä &"}


def test_xml_is_sent_where_the_contract_has_an_example() -> None:
    paths = {"/a": {"post": taking("application/xml", TEXT, example="<a/>")},
             "/b": {"post": taking("application/xml", {"type": "object"})}}  # fmt: skip
    plan = planned(document(paths))
    assert sent(plan, "POST /a").body.content == b"<a/>"
    assert "XML is written by hand" in plan.problems[0]


@pytest.mark.parametrize(
    "media",
    [
        {"schema": A, "example": {"a": "ex"}},
        {"schema": A, "examples": {"one": {"value": {"a": "ex"}}}},
        {"schema": A, "examples": {"one": {"$ref": "#/components/examples/one"}}},
        {"schema": {**A, "example": {"a": "ex"}}},
        {"schema": {**A, "examples": [{"a": "ex"}]}},
        {"schema": having("a") | {"properties": {"a": {**TEXT, "examples": ["ex"]}}}},
        {"schema": ref("A")},
        {"schema": A, "example": {"b": 5}, "examples": {"one": {"value": {"a": "ex"}}}},
    ],
)
def test_example_is_taken_from_wherever_it_fits(media: dict[str, Any]) -> None:
    components = {
        "examples": {"one": {"value": {"a": "ex"}}},
        "schemas": {"A": {**A, "example": {"a": "ex"}}},
    }
    operation = taking("application/json", **media)
    plan = planned(document({"/a": {"post": operation}}, components=components))
    assert sent(plan, "POST /a").body.value == {"a": "ex"}
