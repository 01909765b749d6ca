"""Findings: every breach of the contract, of the right kind and at the right place."""

import json
from typing import Any

import pytest

from smoke.contract import Contract, Finding, event_data
from smoke.errors import DataError
from tests.unlike import contract_of

JSON = "application/json"


def answering(schema: Any, openapi: str = "3.1.0", kind: str = JSON, **schemas: Any) -> Contract:
    response = {"description": "", "content": {kind: {"schema": schema}}}
    document = {
        "openapi": openapi,
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": response}}}},
        "components": {"schemas": schemas},
    }
    return Contract(document, "t.json")


def found(contract: Contract, value: Any, kind: str = JSON) -> list[Finding]:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return contract.findings(contract.operations["GET /a"], 200, kind, body)


def kinds(contract: Contract, value: Any) -> list[tuple[str, str]]:
    return [(finding.kind, finding.pointer) for finding in found(contract, value)]


def test_valid_answer_has_no_findings() -> None:
    assert found(answering({"type": "array", "items": {"type": "integer"}}), [1, 2]) == []


def test_all_violations_are_found_not_only_the_first() -> None:
    schema = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"c": {"type": "integer"}, "d": {"enum": ["x"]}},
    }
    assert sorted(kinds(answering(schema), {"c": "1", "d": "y"})) == [
        ("shape", ""),
        ("shape", ""),
        ("shape", "/c"),
        ("shape", "/d"),
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "format": "date-time"},
        {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
        {"oneOf": [{"type": "null"}, {"anyOf": [{"type": "string", "format": "date-time"}]}]},
        {"allOf": [{"type": "string", "format": "date-time"}]},
    ],
)
def test_violation_of_only_a_format_has_the_kind_format(schema: Any) -> None:
    contract = answering({"type": "array", "items": {"properties": {"at": schema}}})
    (finding,) = found(contract, [{"at": "2024-01-01T00:00:00"}])
    assert (finding.kind, finding.pointer, finding.field) == ("format", "/0/at", "/*/at")
    assert "date-time" in finding.message


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


@pytest.mark.parametrize(
    "schema",
    [
        closed(a={}),
        {"anyOf": [closed(a={"type": "integer"}), {"type": "null"}]},
        {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False},
    ],
)
def test_field_that_the_contract_excludes_has_the_kind_extra(schema: Any) -> None:
    findings = found(answering({"type": "array", "items": schema}), [{"a": 1, "b": 2, "c": 3}])
    assert [(f.kind, f.pointer, f.field) for f in findings] == [
        ("extra", "/0/b", "/*/b"),
        ("extra", "/0/c", "/*/c"),
    ]


def test_many_extra_fields_hide_no_wrong_shape() -> None:
    rows: list[Any] = [{"a": 1, "b": 2} for _ in range(300)]
    schema = {"type": "array", "items": closed(a={"type": "integer"})}
    assert ("shape", "/300/a") in kinds(answering(schema), [*rows, {"a": "x", "b": 2}])
    many = [{"a": 1, "b": "x" * 100} for _ in range(30_000)]
    assert ("shape", "/30000/a") in kinds(answering(schema), [*many, {"a": "x"}])


def test_wrong_type_is_shape_though_an_alternative_has_a_format() -> None:
    schema = {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}
    assert kinds(answering(schema), 3) == [("shape", "")]


def test_most_likely_alternative_is_reported() -> None:
    cat = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    schema = {"anyOf": [{"type": "integer"}, cat]}
    assert kinds(answering(schema), {"a": 1}) == [("shape", "/a")]


def test_undocumented_status_is_behaviour() -> None:
    contract = answering({})
    (finding,) = contract.findings(contract.operations["GET /a"], 500, JSON, b"{}")
    assert finding == Finding("behaviour", "", "Status 500 is not documented (200 are).")


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("text/html", b"<p>", "Content type 'text/html' is not documented (application/json is)."),
        (None, b"", "The body is missing; application/json is documented."),
        (JSON, b"", "The body is missing."),
        (JSON, b"{", "The body is not JSON: Expecting property name"),
        (JSON, b'{"a": NaN}', "The body is not JSON: NaN is not a JSON value"),
        (JSON, b"\xff", "The body is not JSON"),
    ],
)
def test_body_that_cannot_be_read_is_shape(kind: str | None, body: bytes, message: str) -> None:
    contract = answering({"type": "object"})
    (finding,) = contract.findings(contract.operations["GET /a"], 200, kind, body)
    assert finding.kind == "shape"
    assert finding.message.startswith(message.rstrip("."))


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON"])
def test_parameters_and_case_of_a_media_type_do_not_count(kind: str) -> None:
    assert [f.pointer for f in found(answering({"type": "integer"}), "x", kind)] == [""]


def test_media_range_covers_its_types() -> None:
    assert (
        found(answering({"type": "integer"}, kind="application/*"), 1, "application/x+json") == []
    )
    assert found(answering({"type": "integer"}, kind="*/*"), b"GIF", "image/gif") == []


def test_recursive_schema_is_followed_as_deep_as_the_value() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    contract = answering({"$ref": "#/components/schemas/Node"}, Node=node)
    assert kinds(contract, {"next": {"next": {"next": 1}}}) == [("shape", "/next/next/next")]


def test_nullable_of_openapi_3_0_allows_null() -> None:
    schema = {
        "type": "object",
        "properties": {
            "plain": {"type": "string", "nullable": True},
            "listed": {"type": "string", "enum": ["a"], "nullable": True},
            "other": {"allOf": [{"$ref": "#/components/schemas/Thing"}], "nullable": True},
            "beside": {"$ref": "#/components/schemas/Thing", "nullable": True},
            "never": {"type": "string"},
        },
    }
    contract = answering(schema, "3.0.3", Thing={"type": "object"})
    nothing = dict.fromkeys(schema["properties"])
    assert kinds(contract, nothing) == [("shape", "/never")]


def test_default_response_is_rewritten_and_checked_like_any_other() -> None:
    schema = {"type": "string", "nullable": True}
    content: dict[str, Any] = {JSON: {"schema": schema}}
    document = {
        "openapi": "3.0.0",
        "info": {},
        "paths": {
            "/a": {"get": {"responses": {"default": {"description": "", "content": content}}}}
        },
    }
    contract = Contract(document)
    assert found(contract, None) == []
    broken = {"$ref": "#/components/schemas/None"}
    content[JSON]["schema"] = broken
    with pytest.raises(DataError, match="has no target"):
        Contract(document)


def test_exclusive_bounds_of_openapi_3_0_are_flags() -> None:
    schema = {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 9,
              "exclusiveMaximum": False}  # fmt: skip
    contract = answering(schema, "3.0.0")
    assert kinds(contract, 0) == [("shape", "")]
    assert kinds(contract, 9) == []


def test_siblings_of_a_reference_do_not_count_in_openapi_3_0() -> None:
    schema = {"$ref": "#/components/schemas/Text", "maxLength": 1}
    assert kinds(answering(schema, "3.0.0", Text={"type": "string"}), "long") == []
    assert kinds(answering(schema, "3.1.0", Text={"type": "string"}), "long") == [("shape", "")]


@pytest.mark.parametrize("openapi", ["3.0.3", "3.1.0"])
def test_write_only_field_is_not_required_of_an_answer_and_must_not_be_in_it(openapi: str) -> None:
    schema = {
        "type": "object",
        "required": ["id", "password"],
        "properties": {
            "id": {"type": "integer"},
            "password": {"type": "string", "writeOnly": True},
        },
    }
    contract = answering(schema, openapi)
    assert found(contract, {"id": 1}) == []
    (finding,) = found(contract, {"id": 1, "password": "x"})
    assert finding.pointer == "/password"
    assert "does not belong" in finding.message


def test_schema_of_an_event_stream_is_that_of_each_event() -> None:
    contract = contract_of("notes")
    operation = contract.operations["GET /events"]
    body = (
        b": hello\n\n"
        b'data: {"kind": "a", "at": "2024-01-01T00:00:00Z"}\n\n'
        b'data: {"kind": 1,\ndata: "at": "yesterday"}\n\n'
        b"data: [DONE]\n\n"
        b'data: {"cut'
    )
    findings = contract.findings(operation, 200, "text/event-stream", body)
    assert sorted((f.kind, f.pointer, f.field) for f in findings) == [
        ("format", "/1/at", "/*/at"),
        ("shape", "/1/kind", "/*/kind"),
    ]


def test_event_stream_of_plain_text_is_not_validated() -> None:
    contract = answering({"type": "string"}, kind="text/event-stream")
    assert found(contract, b"data: any text\n\n", "text/event-stream") == []


def test_event_ends_at_an_empty_line_of_any_line_ending() -> None:
    assert event_data(b"\xef\xbb\xbfdata: a\r\ndata:b\r\n\r\nevent: x\rdata:  c\r\rdata: cut") == [
        "a\nb",
        " c",
    ]
    assert event_data(b"") == []


def test_no_content_and_not_modified_have_no_body() -> None:
    contract = answering({"type": "object"})
    operation = contract.operations["GET /a"]
    document = {**contract.document, "paths": {"/a": {"get": {"responses": {
        "204": {"description": "", "content": {JSON: {}}}}}}}}  # fmt: skip
    other = Contract(document)
    assert other.findings(other.operations["GET /a"], 204, None, b"") == []
    assert operation.response(204) is None


def test_invalid_schema_is_a_data_error() -> None:
    contract = answering({"type": "strnig"})
    with pytest.raises(DataError, match=r"t\.json#/paths/~1a/get/responses/200/content"):
        found(contract, 1)


def test_long_messages_are_truncated() -> None:
    (finding,) = found(answering({"type": "integer"}), "x" * 5000)
    assert len(finding.message) < 250
