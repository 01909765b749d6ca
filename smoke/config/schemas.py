"""
The JSON Schemas of the two configuration files, and the messages about mistakes.

`tool.schema.json` is for `[tool.smoke]` (a whole smoke.toml), `rules.schema.json` for the rules
file. Editors complete from them; they are draft 7, because every editor and linter of TOML
understands it. A `title` in a schema describes the allowed values, such as "a list of texts".
"""

import datetime
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from smoke.documents.files import cut
from smoke.errors import nearest

Place = tuple[str | int, ...]
# The place in the data, and the sentence that follows the place.
Mistake = tuple[Place, str]

# Characters of a wrong value that a message shows.
SHOWN = 60


@cache
def schema(name: str) -> dict[str, Any]:
    """The JSON Schema `tool`, `rules`, or `x-smoke`: a rule inside the contract."""
    if name == "x-smoke":
        rules = schema("rules")
        rule = rules["definitions"]["rule"]
        keys = {key: value for key, value in rule["properties"].items() if key != "operation"}
        own = {**rule, "properties": keys, "required": []}
        return {"definitions": rules["definitions"], **own}
    file = Path(__file__).with_name(f"{name}.schema.json")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def tool(_: str = "") -> dict[str, Any]:
    """The schema of `[tool.smoke]`, as validate-pyproject asks its plugins for it."""
    return {"$id": "https://smoke-http.invalid/tool.schema.json", **schema("tool")}


def pyproject() -> dict[str, Any]:
    """The schema of a whole pyproject.toml with that table, in one piece as Taplo needs it."""
    table = schema("tool")
    own = {key: table[key] for key in table if key not in ("$schema", "definitions")}
    tools = {"type": "object", "properties": {"smoke": own}}
    found = {key: table[key] for key in ("$schema", "definitions")}
    title = "pyproject.toml with a table [tool.smoke]"
    return {**found, "title": title, "type": "object", "properties": {"tool": tools}}


@cache
def _validator(name: str) -> jsonschema_rs.Draft7Validator:
    # `offline` keeps a `$ref` from reaching the network.
    return jsonschema_rs.Draft7Validator(schema(name), validate_formats=True, offline=True)


def mistakes(name: str, data: Any) -> Iterator[Mistake]:
    """Every mistake that a schema finds in the data; a list with several wrong items is one."""
    # Every wrong item of a list gives the same sentence about the whole list.
    seen: set[Mistake] = set()
    for error in _validator(name).iter_errors(without_dates(data)):
        for mistake in _explained(error, name, data):
            if mistake not in seen:
                seen.add(mistake)
                yield mistake


def _explained(error: jsonschema_rs.ValidationError, name: str, data: Any) -> Iterator[Mistake]:
    path = tuple(error.instance_path)
    details = error.kind.as_dict()
    if error.kind.name == "additionalProperties":
        known = sorted(_schema_at(name, path)["properties"])
        for key in details["unexpected"]:
            near = nearest(key, known)
            yield (*path, key), f"unknown key {key!r}.{near} Known: {', '.join(known)}."
    elif error.kind.name == "required":
        yield path, f"{details['property']!r} is missing."
    else:
        yield _wrong_value(path, name, data)


def _wrong_value(path: Place, name: str, data: Any) -> Mistake:
    """The value of the nearest key and its allowed values; the message shows a list whole."""
    while path and isinstance(path[-1], int) and _schema_at(name, path).get("type") != "object":
        path = path[:-1]
    value, node = _at(data, path), _schema_at(name, path)
    words = [word for word in node.get("enum", ()) if isinstance(word, str)]
    near = nearest(value, words) if isinstance(value, str) else ""
    key = ".".join(str(part) for part in path if isinstance(part, str))
    what = f"{key} is {shown(value)}." if key else "not a table."
    return path, f"{what}{near} Allowed: {allowed(node, name)}."


def shown(value: Any) -> str:
    """A wrong value as a message shows it."""
    return cut(repr(value), SHOWN)


WORDS = {
    "string": "a text",
    "array": "a list",
    "object": "a table",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}


def allowed(node: Any, name: str) -> str:
    """The values that a schema allows, in words: its title if it has one."""
    node = _resolved(node, name)
    if "title" in node:
        return str(node["title"])
    if "enum" in node:
        return ", ".join(v if isinstance(v, str) else json.dumps(v) for v in node["enum"])
    if "anyOf" in node:
        return " or ".join(allowed(one, name) for one in node["anyOf"])
    return _bounded(node, WORDS[node["type"]])


def _bounded(node: Any, kind: str) -> str:
    least, most = node.get("minimum"), node.get("maximum")
    if "exclusiveMinimum" in node:
        return f"{kind} above {node['exclusiveMinimum']}"
    if least is not None and most is not None:
        return f"{kind} from {least} to {most}"
    return kind if least is None else f"{kind} of at least {least}"


def _schema_at(name: str, path: Place) -> Any:
    """The schema of the value at a place."""
    node = schema(name)
    for step in path:
        if isinstance(step, int):
            node = node["items"]
        else:
            node = node.get("properties", {}).get(step) or node["additionalProperties"]
        node = _resolved(node, name)
    return node


def _resolved(node: Any, name: str) -> Any:
    return schema(name)["definitions"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def _at(data: Any, path: Place) -> Any:
    for step in path:
        data = data[step]
    return data


def without_dates(node: Any) -> Any:
    """The data with TOML's own dates as the text that JSON would have.

    JSON has no dates, so no schema could accept them as they are.
    """
    if isinstance(node, dict):
        return {key: without_dates(value) for key, value in node.items()}
    if isinstance(node, list):
        return [without_dates(item) for item in node]
    if isinstance(node, (datetime.date, datetime.time)):
        return node.isoformat()
    return node
