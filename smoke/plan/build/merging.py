"""One schema from all that apply to a value: references, `allOf`, chosen alternatives."""

from typing import Any

from smoke.contract.pointers import local, lookup

# The most parts of one merged schema; recursive `allOf` chains would not end.
MAX_PARTS = 400
NARROWER = {
    "minimum": max, "exclusiveMinimum": max, "minLength": max, "minItems": max,
    "minProperties": max, "maximum": min, "exclusiveMaximum": min, "maxLength": min,
    "maxItems": min, "maxProperties": min,
}  # fmt: skip


class UnsampledError(Exception):
    """No value is valid, or every value is endless."""


class Merging:
    """
    Merges schemas of one document; `pick` chooses among the alternatives of a schema.
    """

    def __init__(self, document: Any) -> None:
        self._document = document
        self._mapped: dict[int, dict[str, str]] = {}
        self._children: dict[str, list[str]] | None = None

    def merged(self, schema: Any, pick: int) -> dict[str, Any]:
        """
        The keywords of a schema and of all its parts.

        Raises:
            UnsampledError: the schema allows no value, or contains itself without end.
        """
        found: dict[str, Any] = {}
        todo: list[tuple[Any, str]] = [(schema, "")]
        met: set[tuple[int, str]] = set()
        while todo:
            # In order: where two parts differ, the outer one counts.
            part, ref = todo.pop(0)
            if part is False or len(met) > MAX_PARTS:
                raise UnsampledError
            if isinstance(part, dict) and (id(part), ref) not in met:
                met.add((id(part), ref))
                todo += self._inner(part, ref, pick)
                _absorb(found, part)
                self._discriminate(found, part, ref)
        return found

    def _inner(self, part: dict[str, Any], ref: str, pick: int) -> list[tuple[Any, str]]:
        """The schemas that apply to the same value, each with the reference that names it."""
        found: list[tuple[Any, str]] = []
        if isinstance(part.get("$ref"), str):
            target = lookup(self._document, local(part["$ref"]))
            found.append((target, ref or part["$ref"]))
        found += [(inner, ref) for inner in part.get("allOf") or ()]
        for key in ("anyOf", "oneOf"):
            options = [o for o in part.get(key) or () if o is not False]
            # Null is valid, but it tests nothing.
            real = [o for o in options if not _is_null(o)] or options
            if real:
                found.append((real[pick % len(real)], ""))
        if "if" in part:
            branch = ("if", "then") if pick % 2 == 0 else ("else",)
            found += [(part[key], ref) for key in branch if key in part]
        if child := self._child(part, ref, pick):
            found.append(({"$ref": child}, ""))
        return found

    def _child(self, part: dict[str, Any], ref: str, pick: int) -> str:
        """The subtype for a base schema with a discriminator: one of its mapping."""
        named = part.get("discriminator")
        if not isinstance(named, dict) or not ref or part.get("oneOf") or part.get("anyOf"):
            return ""
        if lookup(self._document, local(ref)) is not part:
            return ""
        mapping = [_reference(target) for target in (named.get("mapping") or {}).values()]
        kinds = [target for target in mapping or self._kinds(ref) if target != ref]
        return kinds[pick % len(kinds)] if kinds else ""

    def _kinds(self, base: str) -> list[str]:
        """The component schemas with the base in their `allOf`."""
        if self._children is None:
            self._children = {}
            schemas = (self._document.get("components") or {}).get("schemas") or {}
            for name, schema in schemas.items():
                parts = schema.get("allOf") if isinstance(schema, dict) else None
                for part in parts if isinstance(parts, list) else ():
                    if isinstance(part, dict) and isinstance(part.get("$ref"), str):
                        kinds = self._children.setdefault(part["$ref"], [])
                        kinds.append(f"#/components/schemas/{name}")
        return self._children.get(base, [])

    def _discriminate(self, found: dict[str, Any], part: dict[str, Any], ref: str) -> None:
        """Note the discriminator's name of the requested schema (OpenAPI 3.1, 4.8.25)."""
        if ref:
            found.setdefault("$kinds", []).append(ref)
        named = part.get("discriminator")
        if isinstance(named, dict) and isinstance(named.get("propertyName"), str):
            mapping = named.get("mapping")
            names = {
                _reference(target): name
                for name, target in (mapping.items() if isinstance(mapping, dict) else ())
            }
            found.setdefault("$discriminators", []).append((named["propertyName"], names))


def kind_names(schema: dict[str, Any]) -> dict[str, str]:
    """The values of a merged schema's discriminators, by property name."""
    kinds = schema.get("$kinds", ())
    found = {}
    for name, mapping in schema.get("$discriminators", ()):
        named = next((mapping[ref] for ref in reversed(kinds) if ref in mapping), "")
        if named or kinds:
            found[name] = named or kinds[-1].rpartition("/")[2]
    return found


def _reference(target: Any) -> str:
    """The reference that a mapping names, in full or as the bare name of a schema."""
    text = str(target)
    return text if "/" in text or "#" in text else f"#/components/schemas/{text}"


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") in ("null", ["null"])


def _absorb(found: dict[str, Any], part: dict[str, Any]) -> None:  # noqa: C901  (one row a keyword)
    """Narrow the merged schema by the keywords of one more schema."""
    for key, value in part.items():
        if key in {"properties", "patternProperties"} and isinstance(value, dict):
            members = found.setdefault(key, {})
            for name, member in value.items():
                members[name] = {"allOf": [members[name], member]} if name in members else member
        elif key in {"required", "prefixItems"} and isinstance(value, list):
            found[key] = [*found.get(key, ()), *(v for v in value if v not in found.get(key, ()))]
        elif key == "type":
            found[key] = _common(found.get(key), value)
        elif key in {"enum", "const"}:
            values = [value] if key == "const" else value
            found["enum"] = [v for v in values if v in found.get("enum", values)]
        elif key in NARROWER and key in found:
            found[key] = NARROWER[key](found[key], value)
        elif key in {"items", "additionalProperties"} and isinstance(found.get(key), dict):
            found[key] = {"allOf": [found[key], value]}
        elif key == "dependentRequired" and isinstance(value, dict):
            found[key] = {**found.get(key, {}), **value}
        elif key not in {"$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "discriminator"}:
            found.setdefault(key, value)


def _common(one: Any, other: Any) -> list[str]:
    """The types that two schemas share; an integer is a number."""
    new = [other] if isinstance(other, str) else list(other)
    if one is None:
        return new
    both = [kind for kind in one if kind in new]
    if "integer" in (*one, *new) and "number" in (*one, *new) and "integer" not in both:
        both = [kind for kind in both if kind != "number"] + ["integer"]
    if not both:
        raise UnsampledError
    return both
