"""Answers: bodies of every kind, headers, and fields of the other direction."""

import json
from typing import Any

import pytest

from smoke.contract import Contract

JSON = "application/json"
A = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
BASE = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "name": {"type": "string"},
        "password": {"type": "string", "writeOnly": True},
    },
}


def contract(response: dict[str, Any], openapi: str = "3.1.0", schemas: Any = None) -> Contract:
    return Contract(
        {
            "openapi": openapi,
            "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"get": {"responses": {"200": {"description": "", **response}}}}},
            "components": {"schemas": schemas or {}},
        },
        "t.json",
    )


def breaches(
    found: Contract, body: bytes, kind: str | None, headers: Any = None, *, whole: bool = True
) -> list[tuple[str, str]]:
    operation = found.operations["GET /a"]
    findings = found.findings(operation, 200, kind, body, headers, whole=whole)
    return [(finding.pointer, finding.message) for finding in findings]


@pytest.mark.parametrize("media", [{}, {"schema": {}}, {"schema": True}])
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is missing."),
        (b'{"items": [1, 2, ', "The body is not JSON: Expecting value"),
        (b"null", ""),
        (b"[1]", ""),
    ],
)
def test_json_without_a_schema_is_still_json(
    media: dict[str, Any], body: bytes, message: str
) -> None:
    found = breaches(contract({"content": {JSON: media}}), body, f"{JSON}; charset=utf-8")
    assert [text.startswith(message) for _, text in found] == ([True] if message else [])


@pytest.mark.parametrize(
    ("kind", "schema", "body", "pointers"),
    [
        ("application/x-ndjson", A, b'{"a": 1}\n\n{"a": 2}\n', []),
        ("application/x-ndjson", A, b'{"a": 1}\n{"a": "x"}\n', ["/1/a"]),
        ("application/x-ndjson", A, b'{"a": 1}\n{"a": ', ["/1"]),
        ("application/jsonl", {"type": "array", "items": A}, b'{"a": 1}\n{"a": "x"}', ["/1/a"]),
        ("application/jsonl", None, b'{"a": 1}\nno\n', ["/1"]),
        ("application/stream+json", A, b'{"a": 1}\n{}\n', ["/1"]),
        ("application/json-seq", A, b'\x1e{"a": 1}\n\x1e{"a": null}\n', ["/1/a"]),
        ("application/geo+json-seq", A, b'\x1e{"a": 1}\n\x1e{"a', ["/1"]),
        ("application/xml", {"type": "object"}, b"<a><b/></a>", []),
        ("application/xml", {"type": "object"}, b"<a><b></a>", [""]),
        ("application/atom+xml", None, b"", [""]),
        ("application/yaml", A, b"a: 1\n", []),
        ("application/yaml", A, b"a: x\n", ["/a"]),
        ("application/yaml", {"type": "string"}, b"a: x\n", []),
        ("application/yaml", {"type": "string"}, b"a: [", [""]),
        ("text/yaml", A, b"a: [", [""]),
        ("text/plain", {"type": "integer", "minimum": 5}, b"7", []),
        ("text/plain", {"type": "integer", "minimum": 5}, b"3", [""]),
        ("text/plain", {"type": "boolean"}, b"maybe", [""]),
        ("text/plain", {"type": "string"}, b"7", []),
        ("image/png", {"type": "string", "format": "binary"}, b"\x89PNG", []),
    ],
)
def test_body_of_every_kind_is_validated(
    kind: str, schema: Any, body: bytes, pointers: list[str]
) -> None:
    media = {} if schema is None else {"schema": schema}
    assert [p for p, _ in breaches(contract({"content": {kind: media}}), body, kind)] == pointers


def test_item_schema_applies_to_each_line() -> None:
    media = {"itemSchema": {"type": "array", "items": {"type": "integer"}}}
    kind = "application/jsonl"
    found = breaches(contract({"content": {kind: media}}), b'[1]\n[2]\n["x"]\n', kind)
    assert [pointer for pointer, _ in found] == ["/2/0"]


def test_truncated_last_line_is_ignored() -> None:
    kind = "application/x-ndjson"
    response = {"content": {kind: {"schema": A}}}
    assert breaches(contract(response), b'{"a": 1}\n{"a', kind, whole=False) == []


COUNT = {"required": True, "schema": {"type": "integer", "minimum": 1}}


@pytest.mark.parametrize(
    ("header", "value", "message"),
    [
        (COUNT, None, "The header 'X-Total' is missing; it is documented as required."),
        (COUNT, "many", '"many" is not of type "integer"'),
        (COUNT, "0", "0 is less than the minimum of 1"),
        (COUNT, "12", ""),
        ({"schema": {"type": "integer"}}, None, ""),
        ({"schema": {"type": "boolean"}}, "false", ""),
        ({"schema": {"type": "array", "items": {"type": "integer"}}}, "1, 2", ""),
        ({"schema": {"type": "array", "items": {"enum": ["a", "b"]}}}, "a,c",
         '"c" is not one of "a" or "b"'),
        ({"schema": {"type": "string", "pattern": "^[0-9]+$"}}, "5", ""),
        ({"schema": {"type": "object", "properties": {"a": {}}}}, "a,1", ""),
        ({"content": {"text/plain": {"schema": {"type": "integer"}}}}, "x",
         '"x" is not of type "integer"'),
        ({"$ref": "#/components/schemas/None"}, None, ""),
        ({}, "anything", ""),
    ],
)  # fmt: skip
def test_documented_header_is_validated(header: Any, value: str | None, message: str) -> None:
    found = contract({"headers": {"X-Total": header}}, schemas={"None": {}})
    headers = {} if value is None else {"x-total": value}
    rows = breaches(found, b"", None, headers)
    assert [text for _, text in rows] == ([message] if message else [])
    assert all(pointer.startswith("/header/X-Total") for pointer, _ in rows)


def test_content_type_among_the_documented_headers_is_ignored() -> None:
    found = contract({"headers": {"Content-Type": {"required": True, "schema": {"const": "x"}}}})
    assert breaches(found, b"", None, {}) == []


REF = {"$ref": "#/components/schemas/Base"}
WRITTEN = {"type": "string", "writeOnly": True}


@pytest.mark.parametrize("openapi", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [REF, {"required": ["name", "password"]}]},
        {"allOf": [REF], "required": ["name", "password"]},
        {"allOf": [{"allOf": [REF]}, {"allOf": [{"required": ["password"]}]}]},
        {"anyOf": [REF, {"type": "integer"}], "required": ["password"]},
        {"oneOf": [{"allOf": [REF, {"required": ["password"]}]}, {"type": "null"}]},
        {"allOf": [{"$ref": "#/components/schemas/Needy"}, REF]},
        {"required": ["secret"], "properties": {"secret": {"$ref": "#/components/schemas/Link"}}},
        {"required": ["secret"], "properties": {"secret": {"allOf": [WRITTEN]}}},
        {"required": ["secret"], "properties": {"secret": {"oneOf": [WRITTEN]}}},
    ],
)
def test_write_only_field_is_not_required_wherever_it_is_declared(
    openapi: str, schema: Any
) -> None:
    schemas = {
        "Base": BASE,
        "Needy": {"type": "object", "required": ["password"]},
        "Link": {"$ref": "#/components/schemas/Secret"},
        "Secret": WRITTEN,
    }
    found = contract({"content": {JSON: {"schema": schema}}}, openapi, schemas)
    assert breaches(found, json.dumps({"name": "x"}).encode(), JSON) == []


def test_other_schema_with_the_same_part_keeps_its_requirements() -> None:
    other = {"allOf": [{"$ref": "#/components/schemas/Needy"}], "required": ["password"]}
    secret = {"allOf": [{"$ref": "#/components/schemas/Needy"}, REF]}
    schemas = {"Base": BASE, "Needy": {"type": "object"}, "Secret": secret}
    found = contract({"content": {JSON: {"schema": other}}}, schemas=schemas)
    ((_, message),) = breaches(found, b"{}", JSON)
    assert message == '"password" is a required property'
