"""Small contracts that cover the kinds pairwise: planned, sent, and taken by a strict server."""

import copy
from itertools import combinations, product
from typing import Any

import pytest

from smoke.config.targets import Target
from smoke.contract import Contract
from smoke.http.client import Client
from smoke.http.request import Request
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from tests.loopback import listening
from tests.wild.contracts import TEXT, planned, ref, sent
from tests.wild.strict import Strict

FLAG, INT = {"type": "boolean"}, {"type": "integer", "minimum": 3}
LIST = {"type": "array", "minItems": 2, "items": INT}
PARAMETERS: dict[str, dict[str, Any]] = {
    "flag in query": {"in": "query", "schema": FLAG},
    "list in query": {"in": "query", "schema": LIST},
    "piped list": {"in": "query", "style": "pipeDelimited", "explode": False, "schema": LIST},
    "deep object": {"in": "query", "style": "deepObject", "explode": True, "schema": {
        "type": "object", "required": ["a"], "properties": {"a": FLAG}}},
    "number in header": {"in": "header", "schema": INT},
    "list in header": {"in": "header", "schema": LIST},
    "choice in path": {"in": "path", "schema": {"type": "string", "enum": ["..", "a b"]}},
    "flag in cookie": {"in": "cookie", "schema": FLAG},
}  # fmt: skip
KINDS = ["application/json", "application/merge-patch+json", "*/*", "application/yaml",
         "application/x-ndjson", "multipart/form-data", "application/x-www-form-urlencoded",
         "text/plain"]  # fmt: skip


def thing(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(fields), "properties": fields}


SCHEMAS: dict[str, dict[str, Any]] = {
    "plain": thing(a=TEXT, n=INT, on=FLAG),
    "list of values": thing(tags={"type": "array", "minItems": 2, "uniqueItems": True,
                                  "items": {"type": "string", "enum": ["x", "y", "z"]}}),
    "formats": thing(email={**TEXT, "format": "email"}, day={**TEXT, "format": "date"},
                     mark={**TEXT, "format": "uuid"}),
    "pattern": thing(code={**TEXT, "pattern": "^[A-Z]{3}-[0-9]{4,6}$"}),
    "lengths": thing(short={**TEXT, "maxLength": 2}, long={**TEXT, "minLength": 40}),
    "numbers": thing(n={"type": "integer", "multipleOf": 7, "minimum": 15},
                     m={"type": "number", "maximum": -1}),
    "closed": thing(a=TEXT) | {"additionalProperties": False},
}  # fmt: skip
COMPOSED: dict[str, dict[str, Any]] = {
    "read only": {"allOf": [ref("Base"), {"required": ["id", "name"]}]},
    "discriminator": ref("Cat"),
    "alternatives": {"oneOf": [thing(a=INT), thing(b=FLAG)]},
    "nested": thing(inner=thing(list={"type": "array", "minItems": 1, "items": thing(a=TEXT)})),
    "tree": ref("Tree"),
}
COMPONENTS: dict[str, Any] = {
    "Base": {"type": "object", "properties": {
        "id": {**TEXT, "readOnly": True}, "name": TEXT}},
    "Pet": {"type": "object", "required": ["kind"], "properties": {"kind": TEXT},
            "discriminator": {"propertyName": "kind",
                              "mapping": {"cat": "#/components/schemas/Cat"}}},
    "Cat": {"allOf": [ref("Pet"), thing(lives=INT), {"properties": {"kind": {"enum": ["cat"]}}}]},
    "Tree": {"type": "object", "required": ["name", "children"], "properties": {
        "name": TEXT, "children": {"type": "array", "items": ref("Tree")}}},
}  # fmt: skip
FIELDS = {"multipart/form-data", "application/x-www-form-urlencoded"}
SUCCESS = ["200", "2XX", "default"]
VERSIONS = ["3.0.3", "3.1.0", "3.2.0"]
Row = tuple[str, str, str, str, str]


def fits(row: Row) -> bool:
    """Whether a combination is one that a contract can have."""
    kind, schema = row[2], row[3]
    if kind == "text/plain":
        return schema == "plain"
    return kind not in FIELDS or schema in SCHEMAS


def pairwise() -> list[Row]:
    """Combinations that cover every possible pair of choices."""
    schemas = [*SCHEMAS, *COMPOSED]
    rows = [r for r in product(VERSIONS, PARAMETERS, KINDS, schemas, SUCCESS) if fits(r)]

    def pairs(row: Row) -> set[Any]:
        return set(combinations(enumerate(row), 2))

    left = set().union(*map(pairs, rows))
    chosen: list[Row] = []
    while left:
        best = max(rows[len(chosen) % 7 :: 7] + rows[:1], key=lambda row: len(pairs(row) & left))
        if not pairs(best) & left:
            best = max(rows, key=lambda row: len(pairs(row) & left))
        chosen.append(best)
        left -= pairs(best)
    return chosen


ROWS = pairwise()


def test_there_are_at_least_forty_contracts() -> None:
    assert len(ROWS) >= 40


def contract_of(row: Row) -> tuple[dict[str, Any], str, dict[str, Any]]:
    version, parameter, kind, schema, success = row
    found = {"name": "v", "required": True, **PARAMETERS[parameter]}
    path = "/do/{v}" if found["in"] == "path" else "/do"
    body = INT if kind == "text/plain" else {**SCHEMAS, **COMPOSED}[schema]
    operation = {
        "parameters": [found],
        "requestBody": {"required": True, "content": {kind: {"schema": body}}},
        "responses": {success: {"description": "done"}},
    }
    document = {
        "openapi": version,
        "info": {"title": "strict", "version": "1"},
        "paths": {path: {"post": operation}},
        "components": {"schemas": COMPONENTS},
    }
    return document, f"POST {path}", operation


@pytest.mark.parametrize("row", ROWS, ids=", ".join)
async def test_request_of_a_plan_is_taken_by_a_strict_server(row: Row) -> None:
    document, name, operation = contract_of(row)
    plan = planned(document)
    assert plan.problems == ()
    filled = sent(plan, name)
    if row[3] == "read only":  # JSON Schema alone does not know the direction of a field
        operation = copy.deepcopy(operation)
        (media,) = operation["requestBody"]["content"].values()
        media["schema"] = thing(name=TEXT) | {"additionalProperties": False}
    server = Strict(document, operation)
    async with listening(server) as here:
        target = Target("t", base_url=here.url, timeout_s=20.0)
        client = Client(target, Contract(document), Run("t", Secrets()))
        body, headers = filled.body, dict(filled.headers)
        if body.media_type is not None:
            headers["content-type"] = body.media_type
        try:
            exchange = await client.send(
                Request(
                    name,
                    path=filled.path,
                    query=filled.query,
                    headers=headers,
                    json=body.value if body.has_json else None,
                    content=body.content,
                    form=body.form,
                    files=body.files,
                )
            )
        finally:
            await client.close()
    assert (exchange.status, server.taken, server.refused) == (200, 1, [])
    assert exchange.status in plan.by_name[name].expect
