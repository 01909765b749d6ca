"""
A schema of the contract as what it allows, references and `allOf` followed.

`anyOf` and `oneOf` count alike: as the options a value has. Null is a type, not an option.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from smoke.contract.pointers import local, lookup

ANYTHING = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})
LIMITS = (
    "minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties",
    "maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties",
    "pattern", "format", "multipleOf", "uniqueItems",
)  # fmt: skip
"""Keywords that narrow a value further than its type does."""


@dataclass
class Shape:
    """
    What a schema allows; `options` are its alternatives, itself where it has none.

    `sources` identify the parts of the document that its properties stand in.
    """

    types: frozenset[str] = ANYTHING
    values: tuple[Any, ...] | None = None
    limits: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    sources: frozenset[int] = frozenset()
    required: frozenset[str] = frozenset()
    others: Any = True
    items: Any = True
    options: tuple[Any, ...] = ()


def shape(schema: Any, document: Any, seen: frozenset[int] = frozenset()) -> Shape:
    """The shape of a schema of a document; one that is defined by itself alone allows anything."""
    found = Shape(options=(schema,))
    for part in _parts(schema, document, seen):
        if part is False:
            found.types = frozenset()
        elif isinstance(part, dict):
            _add(found, part)
            _choose(found, part, document, seen | {id(schema), id(part)})
    return found


def name_of(schema: Any) -> str:
    """What a schema is called where it is referred to; empty for one that stands in place."""
    ref = schema.get("$ref", "") if isinstance(schema, dict) else ""
    return str(ref).rpartition("/")[2]


def _parts(schema: Any, document: Any, seen: frozenset[int]) -> list[Any]:
    """The schema and all that it says holds for the same value."""
    parts: list[Any] = []
    todo, met = [schema], set(seen)
    while todo:
        node = todo.pop()
        if id(node) in met and isinstance(node, dict):
            continue
        met.add(id(node))
        parts.append(node)
        if isinstance(node, dict):
            todo += [lookup(document, local(node["$ref"]))] if "$ref" in node else []
            todo += node.get("allOf", ())
    return parts


def _add(found: Shape, part: dict[str, Any]) -> None:
    """Narrow a shape by the keywords of one schema."""
    kinds = part.get("type", ANYTHING)
    kinds = frozenset([kinds] if isinstance(kinds, str) else kinds)
    found.types = frozenset(kind for kind in kinds if takes(found.types, kind))
    values = [part["const"]] if "const" in part else part.get("enum")
    if values is not None:
        found.values = tuple(v for v in values if found.values is None or v in found.values)
    found.limits |= {key: part[key] for key in LIMITS if part.get(key) not in (None, False)}
    found.required |= frozenset(part.get("required", ()))
    found.sources |= {id(part)} if "properties" in part else set()
    for name, schema in part.get("properties", {}).items():
        if schema is not False:  # it belongs to the other direction
            found.properties[name] = schema
    found.others = part.get("additionalProperties", found.others)
    found.items = part.get("items", found.items)


def _choose(found: Shape, part: dict[str, Any], document: Any, seen: frozenset[int]) -> None:
    """Narrow a shape by the options of one schema; a single one is taken in."""
    options = [*part.get("anyOf", ()), *part.get("oneOf", ())]
    if not options:
        return
    shapes = [shape(option, document, seen) for option in options]
    found.types &= frozenset().union(*(one.types for one in shapes))
    real = [n for n, one in enumerate(shapes) if one.types != {"null"}]
    found.options = tuple(options[n] for n in real)
    if len(real) == 1:
        only = shapes[real[0]]
        found.values, found.options = only.values, only.options
        found.limits |= only.limits
        found.properties |= only.properties
        found.sources |= only.sources
        found.required |= only.required
        found.others, found.items = only.others, only.items


def takes(types: frozenset[str], kind: str) -> bool:
    """Whether a value of a kind is allowed; an integer is a number (JSON Schema 2020-12, 6.1.1)."""
    return kind in types or (kind == "integer" and "number" in types)
