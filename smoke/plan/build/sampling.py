"""
Sampling: the simplest value of a schema, quickly, and the same on every machine.

A value has the required members only. If the first choice is not valid, other alternatives follow;
for the remaining schemas `drawing` searches a value.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from smoke.plan.build.merging import Merging, UnsampledError, kind_names
from smoke.plan.build.naming import words
from smoke.plan.build.texts import PLAIN, matching, text

# The most levels of a value; a schema that needs more is most likely endless.
MAX_DEPTH = 12

# The most steps for one value: schemas may branch exponentially.
MAX_STEPS = 3000
# How many alternatives of each schema are tried.
PICKS = 4

# Errors that a schema with wrong keywords may cause; validation then reports the mistake.
UNFIT = (UnsampledError, LookupError, RecursionError, TypeError, ValueError, ArithmeticError)

# Names of numbers for which zero asks for nothing.
COUNTS = frozenset({"limit", "size", "page", "count", "quantity", "amount", "number", "max"})


class Sampler:
    """Samples values of one document; a value also has the optional fields in `wanted`."""

    def __init__(self, document: Any, wanted: Collection[str] = ()) -> None:
        self._merging = Merging(document)
        self._wanted = frozenset(wanted)

    def values(self, schema: Any, name: str = "") -> Iterator[Any]:
        """Candidate values, the simplest first."""
        seen: list[Any] = []
        for optional in (False, True):
            for pick in range(PICKS):
                try:
                    value = _Value(self._merging, self._wanted, pick, optional).of(schema, name)
                except UNFIT:
                    continue
                if value not in seen:
                    seen.append(value)
                    yield value


class _Value:
    """The construction of one value."""

    def __init__(self, merging: Merging, wanted: frozenset[str], pick: int, optional: bool) -> None:
        self._merging = merging
        self._wanted = wanted
        self._pick = pick
        self._optional = optional
        self._steps = 0

    def of(self, schema: Any, name: str, depth: int = 0, variant: int = 0) -> Any:
        """A value of a schema; each item of a list gets its own `variant`."""
        self._steps += 1
        if depth > MAX_DEPTH or self._steps > MAX_STEPS:
            raise UnsampledError
        last: UnsampledError | None = None
        # An endless alternative is skipped for the next one.
        for turn in range(PICKS):
            try:
                merged = self._merging.merged(schema, self._pick + turn)
                return self._made(merged, name, depth, variant)
            except UnsampledError as error:
                last = error
                if not _has_alternatives(schema):
                    break
        raise last or UnsampledError

    def _made(self, schema: dict[str, Any], name: str, depth: int, variant: int) -> Any:
        if "enum" in schema:
            return _listed(schema["enum"], self._pick + variant)
        # The default of the whole body is often an empty object, so only inner defaults count.
        if "default" in schema and depth and not variant and schema["default"] is not None:
            return schema["default"]
        kind = _kind(schema, depth)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        if kind in {"integer", "number"}:
            return _number(schema, kind, name, variant)
        plain: Mapping[str, Any] = {"boolean": variant % 2 == 1, "null": None}
        return plain[kind] if kind in plain else text(schema, name, variant)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties: dict[str, Any] = schema.get("properties", {})
        kinds = kind_names(schema)
        found: dict[str, Any] = {}
        for name in self._names(schema):
            member = properties.get(name, _other(schema))
            value = self.of(member, name, depth + 1)
            found[name] = kinds.get(name, value) if isinstance(value, str) else value
        for name, member in properties.items():
            wanted = name in self._wanted or (self._optional and depth < 2)
            if name not in found and member is not False and wanted:
                self._optionally(found, name, member, depth)
        self._fill_up(schema, found, depth)
        return found

    def _names(self, schema: dict[str, Any]) -> list[str]:
        """The required names, and the names that those require (`dependentRequired`)."""
        names = list(dict.fromkeys(schema.get("required", ())))
        for name in names:
            more = schema.get("dependentRequired", {}).get(name, ())
            names += [other for other in more if other not in names]
        return names

    def _optionally(self, found: dict[str, Any], name: str, member: Any, depth: int) -> None:
        try:
            found[name] = self.of(member, name, depth + 1)
        except UnsampledError:
            return

    def _fill_up(self, schema: dict[str, Any], found: dict[str, Any], depth: int) -> None:
        """Add members up to `minProperties`: optional ones first, then those of a map."""
        least = int(schema.get("minProperties", 0))
        for name, member in schema.get("properties", {}).items():
            if len(found) < least and name not in found and member is not False:
                self._optionally(found, name, member, depth)
        patterns: dict[str, Any] = schema.get("patternProperties", {})
        for number in range(least):
            name = PLAIN if number == 0 else f"{PLAIN}{number}"
            pattern = next(iter(patterns), "")
            name = (matching(pattern, number) or name) if patterns else name
            if len(found) < least and name not in found:
                member = patterns.get(pattern, _other(schema))
                found[name] = self.of(member, name, depth + 1)

    def _array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        tuples: list[Any] = schema.get("prefixItems", [])
        least = int(schema.get("minItems", 0))
        found = [self.of(item, name, depth + 1) for item in tuples[:least]]
        unique = schema.get("uniqueItems") is True
        for number in range(len(found), least):
            item = schema.get("items", {})
            found.append(self.of(item, name, depth + 1, number if unique else 0))
        if "contains" in schema and not found:
            found.append(self.of(schema["contains"], name, depth + 1))
        if depth == 0 and not found and schema.get("maxItems") != 0:
            found += self._first_item(schema, name)
        return found

    def _first_item(self, schema: dict[str, Any], name: str) -> list[Any]:
        """
        One object for a body that is a list: to create nothing proves nothing.

        A list of numbers or texts stays empty: they may be the ids of existing resources.
        """
        try:
            item = self.of(schema.get("items", {}), name, 1)
        except UnsampledError:
            return []
        return [item] if isinstance(item, dict) else []


def _has_alternatives(schema: Any) -> bool:
    """Whether another pick may give another schema; a reference always counts as yes."""
    return isinstance(schema, dict) and not {"anyOf", "oneOf", "if", "$ref", "allOf"}.isdisjoint(
        schema
    )


def _listed(values: list[Any], pick: int) -> Any:
    real = [value for value in values if value not in (None, "")] or values
    if not real:
        raise UnsampledError
    return real[pick % len(real)]


# The keywords that imply a type if the schema does not declare one.
KEYWORDS: dict[str, tuple[str, ...]] = {
    "object": ("properties", "required", "additionalProperties", "minProperties",
               "patternProperties", "$discriminators"),
    "array": ("items", "prefixItems", "minItems", "contains"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "integer": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}  # fmt: skip


def _kind(schema: dict[str, Any], depth: int) -> str:
    kinds = [kind for kind in schema.get("type", ()) if kind != "null"]
    if kinds:
        return str(kinds[0])
    if "type" in schema:
        return "null"
    meant = (kind for kind, keys in KEYWORDS.items() if any(key in schema for key in keys))
    return next(meant, "string" if depth else "object")


def _other(schema: dict[str, Any]) -> Any:
    """The schema of a member without a name in `properties`."""
    more = schema.get("additionalProperties", {})
    return more if more is not True else {}


def _number(schema: dict[str, Any], kind: str, name: str, variant: int) -> float:
    """The valid number nearest to zero, or to one if the name is that of a count."""
    step = schema.get("multipleOf", 1 if kind == "integer" else 0)
    low, high = _bounds(schema, kind)
    found: float = 1 if (words(name) or ("",))[-1] in COUNTS else 0
    found = min(max(found, low), high) + variant * (step or 1)
    if step:
        found = math.ceil(round(found / step, 9)) * step
    if found > high and step:
        found = math.floor(high / step) * step
    return int(found) if float(found).is_integer() else found


def _bounds(schema: dict[str, Any], kind: str) -> tuple[float, float]:
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    whole = kind == "integer"
    if above is not None:
        low = max(low, math.floor(above) + 1 if whole else above + _gap(above, below, high))
    if below is not None:
        high = min(high, math.ceil(below) - 1 if whole else below - _gap(above, below, low))
    return low, high


def _gap(above: float | None, below: float | None, other: float) -> float:
    """A small step away from an exclusive bound."""
    if above is not None and below is not None:
        return (below - above) / 2
    bound = above if above is not None else below
    room = abs(other - (bound or 0))
    return min(1.0, room / 2) if math.isfinite(room) and room else 1.0
