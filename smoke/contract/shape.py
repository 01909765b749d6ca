"""
The shape of a document: each part must have the kind that the rest of the engine relies on.

This is less strict than the OpenAPI meta-schema, which many real documents violate. Kinds matter:
`default` is a keyword in a schema, but an ordinary name among properties.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from smoke.contract.pointers import join, local, lookup
from smoke.documents.files import cut

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
LOCATIONS = ("path", "query", "header", "cookie")
# How many characters of a wrong value a message shows.
SHOWN = 60

# The pointer of a place, and the problem there.
Mistake = tuple[str, str]

# A place in a document: the place around it, and a name or index in that.
_Place: TypeAlias = "tuple[_Place, str | int] | None"

_CONTENT = {"schema": "schema", "content": "{media}", "examples": "examples"}
_LIMITS = ("Length", "Items", "Properties", "Contains", "imum")
# The kinds of members: `kind`, `[list of a kind]`, or `{object of a kind by name}`.
MEMBERS: dict[str, dict[str, str]] = {
    "document": {
        "paths": "paths", "webhooks": "{item}", "components": "components", "info": "object",
        "servers": "[server]", "security": "[object]",
    },
    "components": {
        "schemas": "{schema}", "responses": "{response}", "parameters": "{parameter}",
        "examples": "examples", "requestBodies": "{body}", "headers": "{header}",
        "securitySchemes": "{scheme}", "links": "{link}", "callbacks": "{callback}",
        "pathItems": "{item}",
    },
    "item": {"parameters": "[parameter]", "servers": "[server]"} | dict.fromkeys(
        METHODS, "operation"
    ),
    "operation": {
        "parameters": "[parameter]", "requestBody": "body", "responses": "responses",
        "security": "[object]", "tags": "[text]", "servers": "[server]", "operationId": "text",
        "callbacks": "{callback}",
    },
    "parameter": _CONTENT | {"style": "text", "explode": "flag", "required": "flag"},
    "header": _CONTENT,
    "body": {"content": "{media}", "required": "flag"},
    "media": {
        "schema": "schema", "itemSchema": "schema", "examples": "examples", "encoding": "{object}"
    },
    "response": {"content": "{media}", "headers": "{header}", "links": "{link}"},
    "link": {"operationId": "text", "operationRef": "text", "parameters": "object"},
    "scheme": {"type": "text", "in": "text", "name": "text", "scheme": "text"},
    "server": {"url": "text", "variables": "{object}"},
    "schema": {
        "type": "types", "format": "text", "pattern": "text", "required": "[text]",
        "enum": "list",
    }
    | {f"{end}{what}": "number" for end in ("min", "max") for what in _LIMITS}
    | dict.fromkeys(
        ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"), "{schema}"
    )
    | dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "[schema]")
    | dict.fromkeys(
        ("items", "additionalProperties", "not", "if", "then", "else", "contains",
         "propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema"),
        "schema",
    ),
}  # fmt: skip

# Kinds that are objects whose members all have one kind.
EACH = {"paths": "item", "responses": "response", "callback": "item", "examples": "example"} | {
    shape: shape[1:-1] for kinds in MEMBERS.values() for shape in kinds.values() if shape[0] == "{"
}

# Kinds that must not be null; elsewhere null (an empty value in YAML) counts as absent.
FULL = frozenset(
    {"document", "paths", "components", "item", "operation", "parameter", "responses", "schema"}
)

WORDS = {
    "paths": "an object of path items", "item": "an object with methods",
    "operation": "an operation object", "parameter": "a parameter object",
    "responses": "an object from status to response", "response": "a response object",
    "schema": "a schema, an object or true or false,", "text": "a text", "flag": "true or false",
    "number": "a number", "types": "a text or a list of texts",
}  # fmt: skip

LEAVES: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "flag": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "types": lambda value: (
        isinstance(value, str)
        or (isinstance(value, list) and all(isinstance(kind, str) for kind in value))
    ),
}


def mistakes(document: dict[str, Any]) -> list[Mistake]:
    """Every place of the wrong kind, and every `$ref` without a target."""
    return _Walk(document).all()


class _Walk:
    """One walk through a document, at every start: pointers are only built for mistakes."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._old = str(document.get("openapi")).startswith("3.0")
        self._seen: set[tuple[str, str]] = set()
        self._refs: dict[str, str] = {}
        self._todo: list[tuple[str, _Place, Any]] = []
        self._wrong: list[Mistake] = []

    def all(self) -> list[Mistake]:
        """All mistakes, outer parts first."""
        # The list grows while it is read: a queue instead of recursion, for deep documents.
        self._todo = [("document", None, self._document)]
        for kind, place, value in self._todo:
            if isinstance(value, dict):
                self._object(kind, place, value)
            elif kind == "schema" and isinstance(value, bool):
                continue
            elif kind not in {"example", "examples"} and (value is not None or kind in FULL):
                self._report(place, f"{WORDS.get(kind, 'an object')} is expected.")
        return self._wrong

    def _object(self, kind: str, place: _Place, value: dict[str, Any]) -> None:
        if "$ref" in value and kind != "{schema}":
            self._ref(kind, place, value["$ref"])
            if kind != "schema" or self._old:
                # Siblings of such a reference are ignored (OpenAPI 3.0.3, 4.7.23).
                return
        for name, problem in CHECKS[kind](value) if kind in CHECKS else ():
            self._report((place, name) if name else place, problem)
        if kind in EACH:
            each = EACH[kind]
            for name, member in value.items():
                if each == "schema" or not name.startswith("x-"):
                    self._put(each, place, name, member)
        elif kind in MEMBERS:
            self._members(kind, place, value)

    def _members(self, kind: str, place: _Place, value: dict[str, Any]) -> None:
        members = MEMBERS[kind]
        for name, member in value.items():
            if name in members:
                self._put(members[name], place, name, member)
                if member is None and kind == "schema":
                    self._report((place, name), "null has no meaning here; remove it.")

    def _put(self, kind: str, around: _Place, name: str | int, value: Any) -> None:
        if kind in LEAVES:
            nothing = value is None and isinstance(name, str)
            if not nothing and not LEAVES[kind](value):
                words = WORDS.get(kind, f"a {kind}")
                self._report((around, name), f"{words} is expected, not {_shown(value)}.")
        elif kind == "example":
            if isinstance(value, dict) and "$ref" in value:
                self._ref(kind, (around, name), value["$ref"])
        elif kind[0] == "[":
            if isinstance(value, list):
                place = (around, name)
                for index, item in enumerate(value):
                    self._put(kind[1:-1], place, index, item)
            elif value is not None:
                self._report((around, name), "a list is expected.")
        else:
            self._todo.append((kind, (around, name), value))

    def _ref(self, kind: str, place: _Place, ref: Any) -> None:
        if not isinstance(ref, str):
            self._report(place, f"a $ref is a text, not {_shown(ref)}.")
            return
        if ref not in self._refs:
            self._refs[ref] = _ref_problem(self._document, ref)
        if self._refs[ref]:
            self._report(place, self._refs[ref])
        elif (kind, ref) not in self._seen:
            self._seen.add((kind, ref))
            tokens = local(ref)
            target: _Place = None
            for token in tokens:
                target = (target, token)
            self._todo.append((kind, target, lookup(self._document, tokens)))

    def _report(self, place: _Place, problem: str) -> None:
        tokens: list[str | int] = []
        while place is not None:
            place, token = place
            tokens.append(token)
        self._wrong.append((join(*reversed(tokens)), problem))


def _ref_problem(document: dict[str, Any], ref: str) -> str:
    if not ref.startswith("#"):
        return f"$ref {_shown(ref)} leaves the document. Bundle both into one file first."
    seen, target = {ref}, ref
    try:
        while isinstance(node := lookup(document, local(target)), dict) and "$ref" in node:
            target = str(node["$ref"])
            if target in seen:
                return f"$ref {_shown(ref)} is circular."
            seen.add(target)
    except LookupError:
        return f"$ref {_shown(ref)} has no target."
    return ""


def _shown(value: Any) -> str:
    return cut(repr(value), SHOWN)


def _paths(paths: Mapping[str, Any]) -> Iterator[Mistake]:
    for path in paths:
        if not path.startswith(("/", "x-")):
            yield path, f"a path starts with '/', this is {_shown(path)}."


def _parameter(parameter: Mapping[str, Any]) -> Iterator[Mistake]:
    if not isinstance(parameter.get("name"), str):
        yield "", "a parameter needs a 'name'."
    if parameter.get("in") not in LOCATIONS:
        yield "", f"'in' is {_shown(parameter.get('in'))}; {', '.join(LOCATIONS)} are allowed."


def _responses(responses: Mapping[str, Any]) -> Iterator[Mistake]:
    for status in responses:
        if not re.fullmatch(r"[1-5](\d\d|XX)|default|x-.*", status, re.ASCII | re.DOTALL):
            yield status, f"{_shown(status)} is not a status; allowed: 200, '2XX', 'default'."


def _server(server: Mapping[str, Any]) -> Iterator[Mistake]:
    variables = server.get("variables") or {}
    if isinstance(variables, dict) and all(isinstance(v, dict) for v in variables.values()):
        try:
            server_path(server)
        except ValueError as error:
            yield "url", f"{_shown(server.get('url'))} is not a URL: {error}."


# Further checks by kind; each yields the name of a member and its problem.
CHECKS: dict[str, Callable[[Mapping[str, Any]], Iterator[Mistake]]] = {
    "paths": _paths, "parameter": _parameter, "responses": _responses, "server": _server,
}  # fmt: skip


def server_path(server: Mapping[str, Any]) -> str:
    """
    The path of a server (OpenAPI 3.1.0, 4.8.5) without a trailing slash.

    Raises:
        ValueError: its URL is invalid.
    """
    url = str(server.get("url") or "")
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace("{" + name + "}", str((variable or {}).get("default", "")))
    path = urlsplit(url).path
    # A scheme that is a variable without a default.
    if "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return unquote(path).rstrip("/")
