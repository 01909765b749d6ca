"""
Swagger 2.0 (OpenAPI Specification 2.0) as an OpenAPI 3.0 document.

No maintained Python library converts it, so this does. Values stay as they are; what 2.0 spreads
over a parameter is collected in its schema, and bodies get the media types of `consumes`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

JSON = ("application/json",)
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
MOVED = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}
# What 3.0 keeps beside the schema of a parameter; the rest of a 2.0 parameter is its schema.
KEPT = ("name", "in", "description", "required", "allowEmptyValue")

FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}
DELIMITED = {"ssv": "spaceDelimited", "pipes": "pipeDelimited"}
# Keys with members of the author's choice: `type` is not a keyword there.
NAMED = frozenset({"properties", "definitions", "responses", "parameters", "headers"})

DATA = frozenset({"example", "examples", "default", "enum"})


def is_swagger(document: Mapping[str, Any]) -> bool:
    """Whether a document is in Swagger 2.0."""
    return str(document.get("swagger")) in ("2.0", "2") and "openapi" not in document


def converted(document: Mapping[str, Any]) -> dict[str, Any]:
    """An OpenAPI 3.0 document with the same promises as a Swagger 2.0 document."""
    whole = _schemas(document, named=False)
    return _Conversion(whole).document()


def _schemas(value: Any, *, named: bool) -> Any:
    """A copy with references and the keywords of schemas as 3.0 has them."""
    if isinstance(value, list):
        return [_schemas(item, named=False) for item in value]
    if not isinstance(value, dict):
        return value
    found = {
        key: member
        if key in DATA and not named
        else _schemas(member, named=key in NAMED and not named)
        for key, member in value.items()
    }
    return found if named else _keywords(found)


def _keywords(schema: dict[str, Any]) -> dict[str, Any]:
    ref = schema.get("$ref")
    if isinstance(ref, str):
        old = next((old for old in MOVED if ref.startswith(old)), "")
        schema["$ref"] = MOVED.get(old, "") + ref.removeprefix(old)
    if schema.get("type") == "file":
        schema |= {"type": "string", "format": "binary"}
    if isinstance(schema.get("discriminator"), str):
        schema["discriminator"] = {"propertyName": schema["discriminator"]}
    if "x-nullable" in schema:
        schema["nullable"] = schema.pop("x-nullable")
    return schema


class _Conversion:
    """The parts of one document."""

    def __init__(self, whole: dict[str, Any]) -> None:
        self._whole = whole
        self._shared: dict[str, Any] = whole.get("parameters") or {}

    def document(self) -> dict[str, Any]:
        """The whole document."""
        whole = self._whole
        plain = {n: _parameter(p) for n, p in self._shared.items() if _is_plain(p)}
        responses = (whole.get("responses") or {}).items()
        components = {
            "schemas": whole.get("definitions") or {},
            "parameters": plain,
            "responses": {name: self._response(row, whole) for name, row in responses},
            "securitySchemes": {
                name: _scheme(row) for name, row in (whole.get("securityDefinitions") or {}).items()
            },
        }
        shared = ("info", "tags", "security")
        kept: dict[str, Any] = {key: whole[key] for key in shared if key in whole}
        paths = {path: self._item(item) for path, item in (whole.get("paths") or {}).items()}
        return {
            "openapi": "3.0.3", "info": {}, **kept, "servers": list(_servers(whole)),
            "paths": paths, "components": components,
        }  # fmt: skip

    def _item(self, item: Any) -> Any:
        if not isinstance(item, dict):
            return item
        shared = item.get("parameters") or []
        return {
            key: self._operation(value, shared) if key in METHODS else value
            for key, value in item.items()
            if key != "parameters"
        }

    def _operation(self, operation: Any, shared: list[Any]) -> Any:
        if not isinstance(operation, dict):
            return operation
        own = operation.get("parameters") or []
        named = {_key(self._meant(p)) for p in own}
        rows = [*own, *(p for p in shared if _key(self._meant(p)) not in named)]
        changed = ("parameters", "consumes", "produces", "schemes", "responses")
        found = {key: value for key, value in operation.items() if key not in changed}
        found["parameters"] = [
            p if "$ref" in p else _parameter(p) for p in rows if _is_plain(self._meant(p))
        ]
        body = self._body([self._meant(p) for p in rows], operation)
        found |= {"requestBody": body} if body else {}
        responses = (operation.get("responses") or {}).items()
        found["responses"] = {str(s): self._response(row, operation) for s, row in responses}
        return found

    def _meant(self, parameter: Any) -> dict[str, Any]:
        """A parameter itself, where the operation refers to a shared one."""
        ref = str(parameter.get("$ref", ""))
        shared = self._shared.get(ref.rpartition("/")[2], {}) if ref else parameter
        return shared if isinstance(shared, dict) else {}

    def _types(self, key: str, operation: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(operation.get(key) or self._whole.get(key) or JSON)

    def _body(self, rows: list[dict[str, Any]], operation: Mapping[str, Any]) -> dict[str, Any]:
        takes = self._types("consumes", operation)
        for row in rows:
            if row.get("in") == "body":
                content = {kind: {"schema": row.get("schema", {})} for kind in takes}
                return {"required": bool(row.get("required")), "content": content}
        fields = [row for row in rows if row.get("in") == "formData"]
        if not fields:
            return {}
        # Only a multipart form can carry files.
        files = any(row.get("format") == "binary" for row in fields)
        kinds = [MULTIPART] if files else [k for k in takes if k in (FORM, MULTIPART)] or [FORM]
        schema = {
            "type": "object",
            "properties": {row["name"]: _parameter(row)["schema"] for row in fields},
            "required": [row["name"] for row in fields if row.get("required")],
        }
        needed = bool(schema["required"])
        return {"required": needed, "content": {kind: {"schema": schema} for kind in kinds}}

    def _response(self, response: Any, operation: Mapping[str, Any]) -> Any:
        if not isinstance(response, dict) or "$ref" in response:
            return response
        found: dict[str, Any] = {"description": response.get("description", "")}
        if "schema" in response:
            examples = response.get("examples") or {}
            found["content"] = {
                kind: {"schema": response["schema"]}
                | ({"example": examples[kind]} if kind in examples else {})
                for kind in self._types("produces", operation)
            }
        if response.get("headers"):
            found["headers"] = {n: _parameter(row) for n, row in response["headers"].items()}
        return found


def _key(parameter: Mapping[str, Any]) -> tuple[Any, Any]:
    return parameter.get("name"), parameter.get("in")


def _is_plain(parameter: Any) -> bool:
    """Whether a parameter stays one: a body and the fields of a form do not."""
    return isinstance(parameter, dict) and parameter.get("in") not in ("body", "formData")


def _parameter(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: row[key] for key in KEPT if key in row}
    schema = {k: v for k, v in row.items() if k not in KEPT and not k.startswith("x-")}
    joined = schema.pop("collectionFormat", None)
    if schema.get("type") == "array" and row.get("in") == "query":
        found |= {"style": DELIMITED.get(joined or "", "form"), "explode": joined == "multi"}
    return found | {"schema": schema}


def _servers(whole: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    base = str(whole.get("basePath") or "").rstrip("/")
    host = whole.get("host")
    for scheme in (whole.get("schemes") or ["https"]) if host else ():
        yield {"url": f"{scheme}://{host}{base}"}
    if not host:
        yield {"url": base or "/"}


def _scheme(row: Any) -> Any:
    if not isinstance(row, dict) or row.get("type") not in ("basic", "oauth2"):
        return row
    if row["type"] == "basic":
        return {"type": "http", "scheme": "basic"}
    flow = str(row.get("flow"))
    kept = {key: row[key] for key in ("authorizationUrl", "tokenUrl") if key in row}
    flows = {FLOWS.get(flow, flow): {**kept, "scopes": row.get("scopes") or {}}}
    return {"type": "oauth2", "flows": flows}
