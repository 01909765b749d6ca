"""Findings: the violations of the contract's schemas by a value."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, takewhile
from typing import Any, Literal

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as Kind

from smoke.contract.media import kind_of
from smoke.contract.operations import Operation, Parameter
from smoke.contract.pointers import join
from smoke.contract.schemas import Schemas

# `extra` is a field that the contract excludes: a newer service sends it in an ordinary roll-out.
FindingKind = Literal["behaviour", "shape", "extra", "format"]
# What a finding of these kinds is about is still as the contract describes it.
MILD = frozenset({"extra", "format"})
MAX_MESSAGE = 200
MAX_FINDINGS = 200

# Keywords that exclude fields: `additionalProperties` and `unevaluatedProperties` (JSON Schema
# 2020-12, core 10.3.2.3 and 11.3).
EXTRA = (Kind.AdditionalProperties, Kind.UnevaluatedProperties)

# How many values of a big body are validated one by one: it may have millions.
SOME = 20_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation; `pointer` is its place, `field` the same place with `*` for indexes."""

    kind: FindingKind
    pointer: str
    message: str
    field: str = ""


# How many mild violations of a big body are looked through for a first one that is red.
MOST_MILD = 200_000


def value_findings(schemas: "Schemas", pointer: str, value: Any, *, big: bool) -> list[Finding]:
    """The findings of an answer's value; for a `big` one only its beginning is listed in full."""
    # `is_valid` stops at the first violation, while listing millions would take long. The last
    # lines make sure that a violation beyond the beginning is still found.
    validator = schemas.validator(pointer, "response")
    if not big or validator.is_valid(value):
        return schema_findings(validator, value)
    found = schema_findings(validator, _some(value, [SOME]))
    formless = schemas.validator(pointer, "response", formats=False)
    if formless.is_valid(value):
        return [f for f in found if f.kind == "format"] or _first(validator, value)
    return found if any(f.kind not in MILD for f in found) else found + _first_red(formless, value)


def _some(value: Any, left: list[int]) -> Any:
    """
    A value with the beginnings of its lists, limited to about `left` values in total.

    An object keeps all its members: one without them would lack what it has.
    """
    left[0] -= 1
    if isinstance(value, dict):
        return {key: _some(inner, left) for key, inner in value.items()}
    if isinstance(value, list):
        first, rest = value[:1], takewhile(lambda _: left[0] > 0, value[1:])
        return [_some(inner, left) for inner in chain(first, rest)]
    return value


def _first(validator: jsonschema_rs.Draft202012Validator, value: Any) -> list[Finding]:
    """Only the first violation."""
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return list(_unfold([error], ""))
    return []


def _first_red(validator: jsonschema_rs.Draft202012Validator, value: Any) -> list[Finding]:
    """The first violation that is not mild: every row may have a field more, and one be broken."""
    errors = islice(validator.iter_errors(value), MOST_MILD)
    red = (found for found in _unfold(errors, "") if found.kind not in MILD)
    return list(islice(red, 1))


def schema_findings(
    validator: jsonschema_rs.Draft202012Validator, value: Any, prefix: str = ""
) -> list[Finding]:
    """Every violation of a schema, up to a limit."""
    if validator.is_valid(value):
        return []
    # Two branches of an `anyOf` often report the same violation.
    found = dict.fromkeys(_unfold(validator.iter_errors(value), prefix))
    # Mild findings may be many (one field more in every row): they must not push out others.
    ordered = (
        sorted(found, key=lambda one: one.kind in MILD)
        if len(found) > MAX_FINDINGS
        else list(found)
    )
    return ordered[:MAX_FINDINGS]


def text_findings(
    validator: jsonschema_rs.Draft202012Validator, text: str, prefix: str = ""
) -> list[Finding]:
    """The findings of a text whose schema may ask for a number, a boolean, or a list of them."""
    # The reading with no findings wins, else one of the right type: it gives the better message.
    found = [schema_findings(validator, value, prefix) for value in _readings(text)]
    return min(
        found, key=lambda one: (len(one) > 0, any(" is not of type " in f.message for f in one))
    )


def _readings(text: str) -> Iterator[Any]:
    """The values that a text may represent (OpenAPI 3.1.0, 4.8.12.2, `simple`)."""
    parts = [part.strip() for part in text.split(",")] if text else []
    yield from (text, _scalar(text), parts, [_scalar(part) for part in parts])


def _scalar(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if isinstance(value, (dict, list)) else value


def _unfold(errors: Iterable[jsonschema_rs.ValidationError], prefix: str) -> Iterator[Finding]:
    for error in errors:
        branch = _closest_branch(error)
        if branch is None:
            yield from _findings(error, prefix)
        else:
            yield from _unfold(branch, prefix)


def _closest_branch(error: jsonschema_rs.ValidationError) -> list[Any] | None:
    """
    The most likely intended branch of a failed `anyOf` or `oneOf`.

    It is one with mild findings only, else the one that failed deepest. None if no branch fits.
    """
    kind = error.kind
    if not isinstance(kind, (Kind.AnyOf, Kind.OneOfNotValid)):
        return None
    depth = len(error.instance_path)
    best, best_score = None, (0, 0)
    for branch in kind.context:
        by_mild = int(all(_only_mild(item) for item in branch))
        deepest = max((len(item.instance_path) - depth for item in branch), default=0)
        # The branch that fails deepest has the most in common with the value.
        if branch and (by_mild, deepest) > best_score:
            best, best_score = branch, (by_mild, deepest)
    return best


def _only_mild(error: jsonschema_rs.ValidationError) -> bool:
    branch = _closest_branch(error)
    if branch is not None:
        return all(_only_mild(item) for item in branch)
    return isinstance(error.kind, EXTRA) or error.kind.name == "format"


def _findings(error: jsonschema_rs.ValidationError, prefix: str) -> Iterator[Finding]:
    field = join(*("*" if isinstance(token, int) else token for token in error.instance_path))
    here, field = prefix + join(*error.instance_path), prefix + field
    if isinstance(error.kind, EXTRA):
        for name in error.kind.unexpected:
            message = f"The contract has no field {name!r} here, and excludes others."
            yield Finding("extra", here + join(name), message, field + join(name))
        return
    kind: FindingKind = "format" if error.kind.name == "format" else "shape"
    yield Finding(kind, here, _message(error), field)


def _message(error: jsonschema_rs.ValidationError) -> str:
    if error.kind.name == "falseSchema":
        return "This field does not belong in this direction (readOnly or writeOnly)."
    message = error.message
    if len(message) > MAX_MESSAGE:
        return f"{message[: MAX_MESSAGE // 2]} … {message[-MAX_MESSAGE // 2 :]}"
    return message


# Kinds of bodies that a schema describes field by field.
STRUCTURED = frozenset({"json", "lines", "sequence", "yaml", "form", "parts"})


def parameter_findings(
    schemas: "Schemas", operation: "Operation", location: str, values: Mapping[str, Any]
) -> Iterator[Finding]:
    """The findings of the parameters of one location, as JSON values before serialisation."""
    # Only header names ignore case (RFC 9110, 5.1).
    fold = str.lower if location == "header" else str
    given = {fold(name): value for name, value in values.items()}
    for parameter in operation.parameters:
        if parameter.location == location:
            yield from _value_findings(schemas, parameter, fold(parameter.name), given)
    known = {fold(p.name) for p in operation.parameters if p.location == location}
    if location in {"path", "query"}:
        for name in sorted(given.keys() - known):
            yield Finding(
                "shape", f"/{location}/{name}", f"{name!r} is not a {location} parameter."
            )


def _value_findings(
    schemas: "Schemas", parameter: "Parameter", name: str, given: Mapping[str, Any]
) -> Iterator[Finding]:
    place = f"/{parameter.location}/{parameter.name}"
    if name not in given:
        if parameter.required:
            yield Finding("shape", place, f"{parameter.name!r} is required.", place)
    elif parameter.location == "path" and given[name] in ("", None):
        yield Finding("shape", place, f"{parameter.name!r} is empty: that changes the path.", place)
    elif parameter.pointer:
        validator = schemas.validator(parameter.pointer, "request")
        yield from schema_findings(validator, given[name], place)


def body_findings(
    schemas: "Schemas", operation: "Operation", media_type: str | None, body: Any
) -> Iterator[Finding]:
    """The findings of a body; a form is an object of its fields, a file is its text."""
    if media_type is None:
        if operation.body_required:
            yield Finding("shape", "/body", "A body is required.", "/body")
        return
    media = operation.request_bodies.get(media_type)
    if media is None:
        allowed = ", ".join(operation.request_bodies) or "no body"
        message = f"{media_type!r} is not documented ({allowed} is)."
        yield Finding("shape", "/body", message, "/body")
        return
    if media.schema is not None and kind_of(media_type) in STRUCTURED | {"text"}:
        yield from schema_findings(schemas.validator(media.pointer, "request"), body, "/body")
