"""Invalid bodies: one defect each, of a kind that the contract excludes."""

from typing import Any

import pytest

from smoke.contract import Contract
from smoke.plan.invalid import LONG, invalid_body


def defect(schema: dict[str, Any], body: Any) -> tuple[str, Any] | None:
    contract = Contract({
        "openapi": "3.1.0",
        "paths": {"/things": {"post": {
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"201": {"description": "made"}},
        }}},
    })  # fmt: skip
    found = invalid_body(contract, contract.operations["POST /things"], "application/json", body)
    return (found.defect, found.body) if found else None


@pytest.mark.parametrize(
    ("schema", "value", "words", "other"),
    [
        ({"type": "string", "minLength": 1}, "a", "with an empty text as 'f'", ""),
        ({"enum": ["a", "b", ""]}, "a", "with an undocumented value as 'f'", "a smoke"),
        (
            {"type": "string", "maxLength": 100}, "a", "with a text of 5,000 characters as 'f'",
            LONG,
        ),
        ({"type": "integer", "minimum": 0}, 3, "with -1 as 'f'", -1),
        ({"type": "integer", "maximum": 9}, 3, "with a huge number as 'f'", 10**12),
        (
            {"type": "boolean"}, True, "with a value of another type as 'f'",
            {"smoke": "an object"},
        ),
        ({"type": "object"}, {}, "with a value of another type as 'f'", []),
    ],
)  # fmt: skip
def test_one_field_has_a_defect(schema: dict[str, Any], value: Any, words: str, other: Any) -> None:
    whole = {"type": "object", "properties": {"f": schema, "g": {"type": "string"}}}
    assert defect(whole, {"f": value, "g": "kept"}) == (words, {"f": other, "g": "kept"})


def test_required_field_is_left_out_where_no_bound_is_declared() -> None:
    schema = {"type": "object", "required": ["f"], "properties": {"f": {"type": "string"}}}
    assert defect(schema, {"f": "a"}) == ("without 'f'", {})


@pytest.mark.parametrize("body", [{"f": 1}, [1], "text", None])
def test_body_without_any_constraint_has_no_defect(body: Any) -> None:
    assert defect({}, body) is None


def test_format_alone_is_no_defect() -> None:
    schema = {"type": "object", "properties": {"f": {"type": "string", "format": "email"}}}
    found = defect(schema, {"f": "a@example.com"})
    assert found == ("with a value of another type as 'f'", {"f": {"smoke": "an object"}})
