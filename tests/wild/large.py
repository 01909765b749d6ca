"""Contracts as large as the largest public ones, made up: many operations, schemas that recur."""

from typing import Any

TEXT = {"type": "string"}


def ref(name: str) -> dict[str, str]:
    """A reference to a schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def search_engine(operations: int = 450, kinds: int = 160, aggregations: int = 90) -> Any:
    """
    A search engine's contract: queries that hold queries, aggregations that hold both.

    Every body and every answer reaches every schema, through alternatives and many levels.
    """
    schemas: dict[str, Any] = {
        "Query": {"type": "object", "minProperties": 1, "maxProperties": 1, "properties": {
            f"kind_{n}": {"oneOf": [ref(f"Kind{n}"), {"type": "array", "items": ref(f"Kind{n}")}]}
            for n in range(kinds)}},
        "Aggregation": {"allOf": [{"type": "object", "properties": {
            "aggs": {"type": "object", "additionalProperties": ref("Aggregation")}}}, {
            "type": "object", "minProperties": 1, "properties": {
                f"agg_{n}": ref(f"Agg{n}") for n in range(aggregations)}}]},
        "Duration": {"oneOf": [TEXT, {"enum": [-1, 0]}]},
        "Fields": {"oneOf": [TEXT, {"type": "array", "items": TEXT}]},
        "Base": {"type": "object", "properties": {"boost": {"type": "number"}, "_name": TEXT}},
        "Hit": {"type": "object", "required": ["_id"], "properties": {
            "_id": TEXT, "_score": {"type": "number", "nullable": True}, "inner": {
                "type": "object", "additionalProperties": ref("Answer")}}},
        "Answer": {"type": "object", "required": ["took", "hits"], "properties": {
            "took": {"type": "integer"}, "hits": {"type": "array", "items": ref("Hit")},
            "aggregations": {"type": "object", "additionalProperties": ref("Result0")}}},
    }  # fmt: skip
    for n in range(kinds):
        schemas[f"Kind{n}"] = {"allOf": [ref("Base"), {"type": "object", "required": ["field"],
            "properties": {"field": ref("Fields"), "must": {"oneOf": [ref("Query"), {
                "type": "array", "items": ref("Query")}]}, "timeout": ref("Duration"),
                "next": ref(f"Kind{(n * 7 + 1) % kinds}"), **_plain(n)}}]}  # fmt: skip
    for n in range(aggregations):
        schemas[f"Agg{n}"] = {"type": "object", "properties": {"filter": ref("Query"),
            "script": {"oneOf": [TEXT, {"type": "object", "required": ["source"], "properties": {
                "source": TEXT, "id": {**TEXT, "readOnly": True}}}]}, **_plain(n)}}  # fmt: skip
        schemas[f"Result{n}"] = {"type": "object", "properties": {"buckets": {"type": "array",
            "items": ref(f"Result{(n + 1) % aggregations}")}, **_plain(n)}}  # fmt: skip
    paths: dict[str, Any] = {}
    for n in range(operations // 2):
        paths[f"/{{index}}/_search_{n}"] = {
            "parameters": [{"name": "index", "in": "path", "required": True, "schema": TEXT}],
            "get": _operation("Answer"), "post": _operation("Answer", "Search"),
        }  # fmt: skip
    schemas["Search"] = {"type": "object", "required": ["query"], "properties": {
        "query": ref("Query"), "size": {"type": "integer"}, "aggs": {
            "type": "object", "additionalProperties": ref("Aggregation")}}}  # fmt: skip
    return _document("3.0.3", paths, schemas)


def code_host(operations: int = 1223, things: int = 180) -> Any:
    """A code host's contract: nested collections, large answers, many shared schemas."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for n in range(things):
        more = {f"part_{m}": ref(f"Thing{(n + m * m + 1) % things}") for m in range(5)}
        schemas[f"Thing{n}"] = {"type": "object", "required": ["id", "owner"], "properties": {
            "id": {"type": "integer"}, "owner": {"anyOf": [{"type": "null"}, ref("Owner")]},
            **_plain(n), **more}}  # fmt: skip
    schemas["Owner"] = {
        "type": "object",
        "required": ["login"],
        "properties": {"login": TEXT, "id": {"type": "integer"}, "url": {**TEXT, "format": "uri"}},
    }
    for n in range(operations // 4 + 1):
        kind, place = f"Thing{n % things}", f"/repos/{{owner}}/{{repo}}/things_{n}"
        shared = [{"name": name, "in": "path", "required": True, "schema": TEXT}
                  for name in ("owner", "repo")]  # fmt: skip
        one = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
        paths[place] = {"parameters": shared, "get": _operation(kind), "post": _operation(
            kind, kind)}  # fmt: skip
        paths[f"{place}/{{id}}"] = {"parameters": [*shared, one], "get": _operation(kind),
                                    "delete": _operation(kind)}  # fmt: skip
    return _document("3.1.0", paths, schemas)


def _plain(n: int) -> dict[str, Any]:
    fields = ({"type": "integer"}, TEXT, {"type": "boolean"}, {"enum": ["a", "b"]})
    return {f"field_{m}": {**fields[(n + m) % 4], "description": "of a kind " * 8}
            for m in range(12)}  # fmt: skip


def _operation(answer: str, body: str = "") -> dict[str, Any]:
    def content(name: str) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": ref(name)}}}

    found: dict[str, Any] = {"responses": {"200": {"description": "", **content(answer)}}}
    return found | ({"requestBody": {"required": True, **content(body)}} if body else {})


def _document(version: str, paths: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    info = {"title": "large", "version": "1"}
    return {"openapi": version, "info": info, "paths": paths, "components": {"schemas": schemas}}
