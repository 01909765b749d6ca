"""Validate requests against the contract: a plan must send valid requests only."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from smoke.contract.findings import Finding, schema_findings
from smoke.contract.media import kind_of

if TYPE_CHECKING:
    from smoke.contract.operations import Operation, Parameter
    from smoke.contract.schemas import Schemas

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
