"""
Examples: the simplest valid request of an operation, as schemathesis generates it.

Only what a request must have is generated: required parameters and a required body, in the chosen
media type. Schemathesis gets the contract in small parts, so that time and memory stay linear.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from smoke.contract.pointers import local
from smoke.plan.digests import Digests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smoke.contract import Contract, Operation, Parameter

PART = 64
"""Operations that schemathesis gets at once."""

TABLES = "/smoke/tables/of/"
"""Paths of stand-in operations; a contract that has them too is hard to imagine."""


@dataclass(frozen=True, slots=True)
class Example:
    """Generated values by location; `problem` says why there are none."""

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    cookies: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    problem: str = ""


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
    rows = ((contract.operations[name], chosen) for name, chosen in media_types.items())
    digests = Digests(contract)
    while part := list(islice(rows, PART)):
        yield from _generate_part(contract, digests, part)


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
        found[generated.label] = _simplest(generated)
    for label, name in by_tables.items():
        found[name] = _with_tables(found[name], found[label], _tables(by_label[name]))
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
    """Copy what is referred to into a part, at the same place."""
    for ref in sorted(refs):
        node, source = part, document
        tokens = local(ref)
        for token in tokens[:-1]:
            source = source[token]
            node = node.setdefault(token, {})
        node[tokens[-1]] = source[tokens[-1]]


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
    if media_type is not None:
        schema = operation.request_bodies[media_type].schema
        content = {media_type: {} if schema is None else {"schema": schema}}
        reduced["requestBody"] = {"required": True, "content": content}
    return reduced


def _tables(operation: Operation) -> list[Parameter]:
    """Required parameters that are tables: written in many ways, so generated as JSON here."""
    return [
        parameter
        for parameter in operation.parameters
        if parameter.required
        and parameter.location == "query"
        and (parameter.media_type is not None or _is_table(parameter.schema))
    ]


def _is_table(schema: Any) -> bool:
    return isinstance(schema, dict) and (schema.get("type") == "object" or "properties" in schema)


def _as_body(parameters: list[Parameter]) -> dict[str, Any]:
    """An operation whose body has the parameters as fields."""
    schema = {
        "type": "object",
        "required": [parameter.name for parameter in parameters],
        "properties": {parameter.name: parameter.schema for parameter in parameters},
    }
    content = {"application/json": {"schema": schema}}
    return {
        "requestBody": {"required": True, "content": content},
        "responses": {"default": {"description": ""}},
    }


def _with_tables(example: Example, tables: Example, parameters: list[Parameter]) -> Example:
    if tables.problem or not isinstance(tables.body, dict):
        return replace(example, problem=example.problem or tables.problem)
    values = {p.name: tables.body[p.name] for p in parameters}
    return replace(example, query={**example.query, **values})


def _simplest(operation: Any) -> Example:
    from schemathesis import GenerationMode
    from schemathesis.core import NotSet

    try:
        case = _draw(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    except Exception as error:  # whatever a generator trips over is told, not raised
        return Example(problem=f"{type(error).__name__}: {str(error).splitlines()[0][:160]}")
    body = None if isinstance(case.body, NotSet) else case.body
    return Example(
        path=dict(case.path_parameters or {}),
        query=dict(case.query or {}),
        headers=dict(case.headers or {}),
        cookies=dict(case.cookies or {}),
        body=body,
    )


def _draw(strategy: Any) -> Any:
    """
    The first value Hypothesis draws is its simplest one; a fixed seed settles the rest.
    """
    from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

    drawn: list[Any] = []

    @seed(0)
    @settings(
        database=None,
        max_examples=1,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def take(value: Any) -> None:
        drawn.append(value)

    take()
    return drawn[0]
