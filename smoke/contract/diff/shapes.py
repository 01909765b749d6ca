"""
The values that a schema of the contract allows, with references and `allOf` followed.

`anyOf` and `oneOf` both count as alternatives of a value. Null is a type, not an alternative.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from smoke.contract.pointers import local, lookup

ANYTHING = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})
# Keywords that narrow a value beyond its type.
LIMITS = (
    "minLength", "minItems", "minProperties", "maxLength", "maxItems", "maxProperties", "pattern",
    "format", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType",
)  # fmt: skip

# Keywords that are compared as text: no simple rule decides whether a change narrows them.
CONDITIONS = ("not", "propertyNames", "dependentRequired", "dependentSchemas", "if", "then",
              "else", "contains")  # fmt: skip

FOLLOWED = frozenset({"$ref", "allOf", "anyOf", "oneOf"})
# A limit of a number, and whether it is exclusive.
Bound = tuple[float, bool]


@dataclass
class Shape:
    """
    The values that a schema allows; `options` are its alternatives, empty if it has only one.

    `sources` identify the parts of the document that declare its properties.
    """

    types: frozenset[str] = ANYTHING
    values: tuple[Any, ...] | None = None
    limits: dict[str, Any] = field(default_factory=dict)
    low: Bound = (-math.inf, False)
    high: Bound = (math.inf, False)
    properties: dict[str, Any] = field(default_factory=dict)
    patterns: dict[str, Any] = field(default_factory=dict)
    conditions: dict[str, Any] = field(default_factory=dict)
    discriminator: str = ""
    sources: frozenset[int] = frozenset()
    required: frozenset[str] = frozenset()
    others: Any = True
    items: Any = True
    first: tuple[Any, ...] = ()
    options: tuple[Any, ...] = ()


def shape(schema: Any, document: Any, seen: frozenset[int] = frozenset()) -> Shape:
    """The shape of a schema; one that only refers to itself allows anything."""
    found = Shape()
    for part in _parts(schema, document, seen):
        if part is False:
            found.types = frozenset()
        elif isinstance(part, dict):
            _add(found, part)
            _choose(found, part, document, seen | {id(schema), id(part)})
    _round(found)
    return found


def name_of(schema: Any) -> str:
    """The name in a schema's reference; empty for an inline schema."""
    if isinstance(schema, dict) and "x-option" in schema:
        schema = schema["x-option"]
    ref = schema.get("$ref", "") if isinstance(schema, dict) else ""
    return str(ref).rpartition("/")[2]


def alternatives(schema: Any, found: Shape, document: Any) -> list[Any]:
    """
    One schema for each alternative of a schema.

    A schema without alternatives is split by type: `["string", "integer"]` equals an `anyOf`.
    """
    if found.options:
        rest = [_without(part) for part in _parts(schema, document, frozenset())]
        return [{"allOf": [*rest, option], "x-option": option}
                for option in found.options]  # fmt: skip
    kinds = sorted(found.types - {"null"})
    if len(kinds) < 2 or found.types >= ANYTHING:
        return [schema]
    return [{"allOf": [{"type": kind}, schema], "x-option": {"type": kind}} for kind in kinds]


def _without(part: Any) -> Any:
    """A part of a schema without its references and alternatives."""
    if not isinstance(part, dict) or FOLLOWED.isdisjoint(part):
        return part
    return {key: value for key, value in part.items() if key not in FOLLOWED}


def _parts(schema: Any, document: Any, seen: frozenset[int]) -> list[Any]:
    """The schema and all schemas that apply to the same value."""
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
    found.conditions |= {key: part[key] for key in CONDITIONS if key in part}
    found.low = max(found.low, (_number(part, "minimum", -math.inf), False),
                    (_number(part, "exclusiveMinimum", -math.inf), True))  # fmt: skip
    found.high = min(found.high, (_number(part, "maximum", math.inf), False),
                     (_number(part, "exclusiveMaximum", math.inf), True), key=_upper)  # fmt: skip
    found.required |= frozenset(part.get("required", ()))
    found.sources |= {id(part)} if "properties" in part else set()
    for name, schema in part.get("properties", {}).items():
        # A view has `false` for properties of the other direction.
        if schema is not False:
            found.properties[name] = schema
    found.patterns |= part.get("patternProperties", {})
    named = part.get("discriminator")
    if isinstance(named, dict):
        found.discriminator = str(named.get("propertyName", ""))
    found.others = part.get("additionalProperties", found.others)
    found.items = part.get("items", found.items)
    found.first = tuple(part.get("prefixItems", found.first))


def _number(part: dict[str, Any], key: str, other: float) -> float:
    """A bound of a schema; one that is not a number bounds nothing."""
    value = part.get(key)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if is_number and value is not None else other


def _upper(bound: Bound) -> tuple[float, bool]:
    """An upper bound that excludes its limit is the narrower one of two with the same limit."""
    return (bound[0], not bound[1])


def _round(found: Shape) -> None:
    """Bounds of an integer that exclude their limit are the next integer that they allow."""
    if found.types - {"null"} != {"integer"}:
        return
    low, above = found.low
    high, below = found.high
    if math.isfinite(low):
        found.low = (math.floor(low) + 1 if above else math.ceil(low), False)
    if math.isfinite(high):
        found.high = (math.ceil(high) - 1 if below else math.floor(high), False)


def _choose(found: Shape, part: dict[str, Any], document: Any, seen: frozenset[int]) -> None:
    """Narrow a shape by the alternatives of one schema; a single one is taken in."""
    options = [*part.get("anyOf", ()), *part.get("oneOf", ())]
    if not options:
        return
    shapes = [shape(option, document, seen) for option in options]
    found.types &= frozenset().union(*(one.types for one in shapes))
    real = [n for n, one in enumerate(shapes) if one.types != {"null"}]
    if len(real) == 1:
        _take_in(found, shapes[real[0]])
    elif all(shapes[n].values is not None for n in real):
        listed = [value for n in real for value in shapes[n].values or ()]
        found.values = tuple(dict.fromkeys(listed)) if _hashable(listed) else tuple(listed)
    else:
        found.options = tuple(options[n] for n in real)


def _hashable(values: list[Any]) -> bool:
    return not any(isinstance(value, (dict, list)) for value in values)


def _take_in(found: Shape, only: Shape) -> None:
    found.values, found.options = only.values, only.options
    found.limits |= only.limits
    found.conditions |= only.conditions
    found.low, found.high = max(found.low, only.low), min(found.high, only.high, key=_upper)
    found.properties |= only.properties
    found.patterns |= only.patterns
    found.sources |= only.sources
    found.required |= only.required
    found.others, found.items, found.first = only.others, only.items, only.first


def takes(types: frozenset[str], kind: str) -> bool:
    """Whether a value of a kind is allowed; an integer is a number (JSON Schema 2020-12, 6.1.1)."""
    return kind in types or (kind == "integer" and "number" in types)
