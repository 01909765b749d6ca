"""
Examples: the simplest valid request of an operation, as schemathesis generates it.

Only what a request must have is generated: required parameters and a required body, in the chosen
media type. Schemathesis gets the contract in small parts, so that time and memory stay linear.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from smoke.contract.findings import essence_of
from smoke.contract.pointers import local, lookup
from smoke.plan.build.bodies import structured
from smoke.plan.digests import Digests
from smoke.plan.build.drawing import Example, reason, simplest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smoke.contract import Contract, Media, Operation, Parameter

PART = 64
"""Operations that schemathesis gets at once."""

MOVED = "SmokeMoved"
"""How schemas are called that a part has at another place than the contract."""

TABLES = "/smoke/tables/of/"
"""Paths of stand-in operations; a contract that has them too is hard to imagine."""


def version() -> str:
    """The version of schemathesis that generates."""
    import schemathesis

    return schemathesis.__version__


def generate(
    contract: Contract, media_types: Mapping[str, str | None]
) -> Iterator[tuple[Operation, Example]]:
    """
    The example of every operation that `media_types` names, with the body's media type or None.
    """
    wanted = [(contract.operations[name], chosen) for name, chosen in media_types.items()]
    yield from (
        (operation, Example()) for operation, chosen in wanted if _is_bare(operation, chosen)
    )
    rows = (row for row in wanted if not _is_bare(*row))
    digests = Digests(contract)
    while part := list(islice(rows, PART)):
        yield from _separately(contract, digests, part)


def _is_bare(operation: Operation, media_type: str | None) -> bool:
    """Whether a request needs no value at all."""
    return media_type is None and not any(p.required for p in operation.parameters)


def _separately(
    contract: Contract, digests: Digests, part: list[tuple[Operation, str | None]]
) -> Iterator[tuple[Operation, Example]]:
    """What schemathesis cannot take is found by giving it one operation at a time."""
    try:
        found = list(_generate_part(contract, digests, part))
    except Exception as error:  # whatever it trips over is told, not raised
        if len(part) > 1:
            for row in part:
                yield from _separately(contract, digests, [row])
        else:
            yield part[0][0], Example(problem=reason(error))
    else:
        yield from found


def _generate_part(
    contract: Contract, digests: Digests, part: list[tuple[Operation, str | None]]
) -> Iterator[tuple[Operation, Example]]:
    import schemathesis

    by_label: dict[str, Operation] = {}
    by_tables: dict[str, str] = {}
    paths: dict[str, dict[str, Any]] = {}
    for operation, media_type in part:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _reduced(
            operation, media_type
        )
        if tables := _tables(operation):
            paths[f"{TABLES}{len(by_label)}"] = {"post": _as_body(tables)}
            by_tables[f"POST {TABLES}{len(by_label)}"] = operation.id
        by_label[operation.id] = operation
    document = {
        "openapi": contract.document["openapi"],
        "info": {"title": "part", "version": "1"},
        "paths": paths,
    }
    _add_referenced(document, contract.document, digests.closure([paths]))
    schema = schemathesis.openapi.from_dict(document, config=_config())
    found = {}
    for result in schema.get_all_operations():
        generated: Any = result.ok() if hasattr(result, "ok") else result
        found[generated.label] = simplest(generated)
    for label, name in by_tables.items():
        if name in found and label in found:
            found[name] = _with_tables(found[name], found[label], _tables(by_label[name]))
        else:
            found.pop(name, None)
    for name, operation in by_label.items():
        yield operation, found.get(name, Example(problem="schemathesis cannot read it"))


def _config() -> Any:
    """
    Our own settings, not a schemathesis.toml that happens to lie about; ASCII is the same in every
    version of Unicode, and spares Hypothesis a table of a million characters.
    """
    from schemathesis.config import SchemathesisConfig

    generation = {"codec": "ascii", "allow-x00": False, "with-security-parameters": False}
    return SchemathesisConfig.from_dict({"generation": generation})


def _add_referenced(part: dict[str, Any], document: Any, refs: set[str]) -> None:
    """Copy what is referred to into a part, at the same place where that can be done."""
    moved = {
        ref: f"#/components/schemas/{MOVED}{number}"
        for number, ref in enumerate(sorted(ref for ref in refs if not _stays(document, ref)))
    }
    if moved:
        part["paths"] = _renamed(part["paths"], moved)
    for ref in sorted(refs):
        tokens = local(ref)
        value = lookup(document, tokens) if tokens else {}
        node = part
        tokens = local(moved.get(ref, ref))
        for token in tokens[:-1]:
            node = node.setdefault(token, {})
        node[tokens[-1]] = _renamed(value, moved) if moved else value


def _stays(document: Any, ref: str) -> bool:
    """Whether a part can have something at the place where the document has it.

    Paths of a part are its own, and it has not the whole of a list.
    """
    tokens = local(ref)
    if not tokens or tokens[0] == "paths":
        return False
    return all(isinstance(lookup(document, tokens[:n]), dict) for n in range(len(tokens)))


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    """A copy in which references have new names."""
    if isinstance(node, list):
        return [_renamed(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: names.get(value, value)
        if key == "$ref" and isinstance(value, str)
        else _renamed(value, names)
        for key, value in node.items()
    }


def _reduced(operation: Operation, media_type: str | None) -> dict[str, Any]:
    """What of an operation decides its request: required parameters and the chosen body."""
    reduced: dict[str, Any] = {
        "parameters": [
            {"name": p.name, "in": p.location, "required": True, "schema": p.schema}
            for p in operation.parameters
            if p.required and p not in _tables(operation)
        ],
        "responses": {"default": {"description": ""}},
    }
    if media_type is not None and _is_generated(operation.request_bodies[media_type]):
        schema = operation.request_bodies[media_type].schema
        content = {media_type: {} if schema is None else {"schema": schema}}
        reduced["requestBody"] = {"required": True, "content": content}
    return reduced


def _is_generated(media: Media) -> bool:
    """Whether a body is made by schemathesis; a file is one of ours, whatever its media type."""
    return structured(media) or essence_of(media.type) == "text/plain"


def _tables(operation: Operation) -> list[Parameter]:
    """Required parameters that are written in many ways, or as text: generated as JSON here."""
    return [p for p in operation.parameters if p.required and _is_table(p)]


def _is_table(parameter: Parameter) -> bool:
    schema = parameter.schema if isinstance(parameter.schema, dict) else {}
    if parameter.location == "query":
        is_object = schema.get("type") == "object" or "properties" in schema
        return parameter.media_type is not None or is_object
    return parameter.location == "header" and schema.get("type", "string") != "string"


def _as_body(parameters: list[Parameter]) -> dict[str, Any]:
    """An operation whose body has the parameters as fields."""
    schema = {
        "type": "object",
        "required": [_field(parameter) for parameter in parameters],
        "properties": {_field(parameter): parameter.schema for parameter in parameters},
    }
    content = {"application/json": {"schema": schema}}
    return {
        "requestBody": {"required": True, "content": content},
        "responses": {"default": {"description": ""}},
    }


def _field(parameter: Parameter) -> str:
    return f"{parameter.location} {parameter.name}"


def _with_tables(example: Example, tables: Example, parameters: list[Parameter]) -> Example:
    if tables.problem or not isinstance(tables.body, dict):
        return replace(example, problem=example.problem or tables.problem)
    query, headers = dict(example.query), dict(example.headers)
    for parameter in parameters:
        values = query if parameter.location == "query" else headers
        values[parameter.name] = tables.body[_field(parameter)]
    return replace(example, query=query, headers=headers)
