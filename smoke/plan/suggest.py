"""
Suggestions: rules that a person may accept, from the links of a contract and from the resources
that schemathesis infers.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smoke.contract import Contract
    from smoke.plan.model import Plan

BODY = "$response.body#"
HEADER = "$response.header."


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One value that an answer could provide, and the origin of the suggestion."""

    operation: str
    parameter: str
    location: str
    source: str
    expression: str
    origin: str


def suggest(contract: "Contract", plan: "Plan | None" = None) -> str:
    """
    Candidate rules as TOML, each with its origin, without those that a plan already covers.

    This imports schemathesis.
    """
    seen: set[tuple[str, str]] = set()
    blocks: list[str] = []
    for row in (*_links(contract), *_resources(contract)):
        key = (row.operation, row.parameter)
        value = _value(row)
        if value is None or key in seen or _is_planned(row, plan):
            continue
        seen.add(key)
        blocks.append(
            f"# {row.origin}\n[[rule]]\noperation = {json.dumps(row.operation)}\n"
            f"{row.location} = {{ {_key(row.parameter)} = {value} }}\n"
        )
    return "\n".join(blocks)


def _key(name: str) -> str:
    plain = name.replace("_", "").replace("-", "").isalnum() and name.isascii()
    return name if plain else json.dumps(name)


def _value(row: Suggestion) -> str | None:
    """The value in the notation of rules; None for an expression that rules cannot express."""
    source = json.dumps(row.source)
    if row.expression.startswith(BODY):
        return f"{{ from = {source}, pointer = {json.dumps(row.expression[len(BODY) :])} }}"
    if row.expression.startswith(HEADER):
        return f"{{ from = {source}, header = {json.dumps(row.expression[len(HEADER) :])} }}"
    if row.expression.startswith("$request.body#"):
        pointer = "/body" + row.expression.removeprefix("$request.body#")
        return f"{{ from = {source}, sent = {json.dumps(pointer)} }}"
    for location in ("path", "query"):
        prefix = f"$request.{location}."
        if row.expression.startswith(prefix):
            pointer = f"/{location}/{row.expression[len(prefix) :]}"
            return f"{{ from = {source}, sent = {json.dumps(pointer)} }}"
    return None


def _is_planned(row: Suggestion, plan: "Plan | None") -> bool:
    entry = plan.by_name.get(row.operation) if plan is not None else None
    if entry is None:
        return False
    values: Mapping[str, Any] = getattr(entry, row.location)
    value = values.get(row.parameter)
    return isinstance(value, dict) and value.get("$from") == row.source


def _links(contract: "Contract") -> Iterator[Suggestion]:
    """Links that the contract itself declares (OpenAPI, Link Object)."""
    by_id = {o.operation_id: o.id for o in contract.operations.values() if o.operation_id}
    by_pointer = {o.pointer: o.id for o in contract.operations.values()}
    for operation in contract.operations.values():
        for response in operation.responses.values():
            for name, link in response.links.items():
                target = by_id.get(link.get("operationId"))
                target = target or by_pointer.get(str(link.get("operationRef", "")).lstrip("#"))
                origin = f"link {name!r} of {operation.id}"
                yield from _of_link(contract, operation.id, target, link, origin)


def _resources(contract: "Contract") -> Iterator[Suggestion]:
    """Links that schemathesis infers from the answers and inputs of operations."""
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.specs.openapi.stateful.dependencies import analyze

    config = SchemathesisConfig.from_dict({})
    schema = schemathesis.openapi.from_dict(contract.document, config=config)
    by_pointer = {o.pointer: o.id for o in contract.operations.values()}
    for found in analyze(schema).iter_links():
        source = by_pointer.get(found.producer_operation_ref.lstrip("#"))
        for link in found.links.values():
            raw = link.to_openapi()
            target = by_pointer.get(str(raw.get("operationRef", "")).lstrip("#"))
            origin = f"schemathesis sees a resource that {source} answers with"
            yield from _of_link(contract, source, target, raw, origin)


def _of_link(
    contract: "Contract", source: str | None, target: str | None, link: Any, origin: str
) -> Iterator[Suggestion]:
    if source is None or target is None or source == target:
        return
    locations = {p.name: p.location for p in contract.operations[target].parameters}
    for written, expression in (link.get("parameters") or {}).items():
        location, _, name = written.rpartition(".")
        location = location or locations.get(name, "")
        if location in {"path", "query"} and isinstance(expression, str):
            yield Suggestion(target, name, location, source, expression, origin)
