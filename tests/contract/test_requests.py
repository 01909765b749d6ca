"""Requests against the contract, compared with an independent validator."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.unlike import contract_of

if TYPE_CHECKING:
    from smoke.contract import Contract

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "a", "abc", "2024-01-01"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["title", "parent", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def findings(name: str, operation: str, **values: Any) -> list[str]:
    contract = contract_of(name)
    return [
        finding.pointer
        for finding in contract.request_findings(
            contract.operations[operation],
            values.get("path", {}),
            values.get("query", {}),
            values.get("headers", {}),
            values.get("media_type"),
            values.get("body"),
        )
    ]


def test_required_values_must_be_present() -> None:
    assert findings("notes", "GET /notes/search") == ["/query/q", "/query/fields"]
    assert findings("notes", "POST /notes") == ["/body"]


def test_unknown_parameter_is_reported() -> None:
    assert findings("notes", "GET /notes", query={"limt": 1}) == ["/query/limt"]


def test_invalid_value_is_reported_with_its_place() -> None:
    query = {"q": "x", "fields": ["title", "colour"]}
    assert findings("notes", "GET /notes/search", query=query) == ["/query/q", "/query/fields/1"]


def test_header_names_are_case_insensitive() -> None:
    path = {"noteId": "00000000-0000-4000-8000-000000000000"}
    values = {"path": path, "media_type": "application/json", "body": {"title": "t"}}
    assert findings("notes", "PUT /notes/{noteId}", headers={"if-match": '"1"'}, **values) == []
    assert findings("notes", "PUT /notes/{noteId}", **values) == ["/header/If-Match"]


def test_empty_path_value_is_refused_since_it_changes_the_path() -> None:
    assert findings("shop", "GET /receipts/{receipt_no}", path={"receipt_no": ""}) == [
        "/path/receipt_no"
    ]


def test_media_type_must_be_documented() -> None:
    assert findings("notes", "POST /notes", media_type="text/xml", body="<a/>") == ["/body"]


def test_read_only_field_is_not_required_of_a_request_and_must_not_be_in_it() -> None:
    form = "application/x-www-form-urlencoded"
    good = {"name": "Ann", "secret": "12345678", "since": "2024-01-01", "nickname": None}
    assert findings("shop", "POST /customers", media_type=form, body=good) == []
    assert findings("shop", "POST /customers", media_type=form, body={**good, "id": 1}) == [
        "/body/id"
    ]


def test_bytes_are_not_validated() -> None:
    kind = "application/octet-stream"
    assert findings("notes", "POST /notes/import", media_type=kind, body={"$file": {}}) == []


@given(JSON_VALUES)
@settings(max_examples=200, deadline=None, database=None)
def test_body_validation_agrees_with_an_independent_validator(value: Any) -> None:
    contract = contract_of("notes")
    assert bool(_ours(contract, value)) == bool(_theirs(contract, value))


def _ours(contract: "Contract", value: Any) -> list[Any]:
    operation = contract.operations["POST /notes"]
    return contract.request_findings(operation, {}, {}, {}, "application/json", value)


def _theirs(contract: "Contract", value: Any) -> list[Any]:
    schema = {**contract.document, "$ref": "#/components/schemas/NoteIn"}
    return list(Draft202012Validator(schema).iter_errors(value))


@pytest.mark.parametrize("value", [{"title": "a"}, {"title": ""}, {}, 3, None])
def test_value_is_validated_at_a_pointer(value: Any) -> None:
    contract = contract_of("notes")
    found = contract.value_findings("/components/schemas/NoteIn", value)
    assert bool(found) == (value != {"title": "a"})
