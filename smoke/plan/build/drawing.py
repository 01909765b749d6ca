"""Drawing: find a valid value by search, for schemas that sampling cannot handle."""

import base64
from collections.abc import Callable
from math import isfinite
from time import process_time
from typing import Any

from smoke.contract import Contract
from smoke.contract.pointers import local, lookup
from smoke.plan.changes import Digests

# Seconds of CPU for one value; nearly all take a hundredth of one.
MOST_S = 5.0

# Bytes in JSON.
BASE64 = "c21va2U="

# The name of a schema that cannot keep its place from the contract.
MOVED = "SmokeMoved"


class DrawingError(Exception):
    """No value was found; the text is the reason in one line."""


def draw(contract: Contract, digests: Digests, schema: Any) -> Any:
    """
    The simplest value of a schema that schemathesis and Hypothesis find, as plain JSON.

    Raises:
        DrawingError: there is none, or none was found in time.
    """
    # Imported here: it takes half a second, and few contracts need it.
    import schemathesis
    from schemathesis import GenerationMode

    try:
        document = _document(contract, digests, schema)
        found: Any = schemathesis.openapi.from_dict(document, config=_config())
        result = next(iter(found.get_all_operations()))
        operation: Any = result.ok() if hasattr(result, "ok") else result
        case = _first(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        return _plain(case.body)
    except Exception as error:
        # Schemas of strangers cause every kind of error in a generator: all become problems.
        first, *_ = str(error).splitlines() or [""]
        raise DrawingError(f"{type(error).__name__}: {first[:160]}") from None


def _document(contract: Contract, digests: Digests, schema: Any) -> dict[str, Any]:
    """A document with one operation for a body of the schema, and all referenced parts."""
    content = {"application/json": {"schema": schema}}
    part: dict[str, Any] = {
        # The generator knows 3.1 at most; the additions of 3.2 do not concern schemas.
        "openapi": min(contract.document["openapi"], "3.1.1"),
        "info": {"title": "part", "version": "1"},
        "paths": {
            "/smoke": {
                "post": {
                    "requestBody": {"required": True, "content": content},
                    "responses": {"default": {"description": ""}},
                }
            }
        },
    }
    _add_referenced(part, contract.document, digests.closure([schema]))
    return part


def _config() -> Any:
    """Our own settings, whatever schemathesis.toml the working directory has."""
    from schemathesis.config import SchemathesisConfig

    # ASCII is the same in every version of Unicode, and saves Hypothesis a table of a million
    # characters.
    generation = {"codec": "ascii", "allow-x00": False, "with-security-parameters": False}
    return SchemathesisConfig.from_dict({"generation": generation})


def _add_referenced(part: dict[str, Any], document: Any, refs: set[str]) -> None:
    """Copy the referenced schemas into a part, to their own places if possible."""
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
    """
    Whether a referenced schema can keep its place in a part of the document.

    A part has its own paths, and never a whole list.
    """
    tokens = local(ref)
    if not tokens or tokens[0] == "paths":
        return False
    return all(isinstance(lookup(document, tokens[:n]), dict) for n in range(1, len(tokens)))


def _renamed(value: Any, moved: dict[str, str]) -> Any:
    if isinstance(value, dict):
        named = {key: _renamed(member, moved) for key, member in value.items()}
        if isinstance(value.get("$ref"), str) and value["$ref"] in moved:
            named["$ref"] = moved[value["$ref"]]
        return named
    return [_renamed(item, moved) for item in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """
    A generated value as JSON; bytes become text (OpenAPI 3.1.0, 4.8.14.4).

    Raises:
        TypeError: JSON has no such value.
    """
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, str):
        # schemathesis wraps bytes in a subclass of `str`.
        return value if type(value) is str else BASE64
    if value is None or isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return value
    raise TypeError(f"{type(value).__name__} is not a value of JSON")


class TooLongError(Exception):
    """No valid value was found in the time limit of one value."""


def _first(strategy: Any) -> Any:
    """
    The first value that Hypothesis draws, which is its simplest one; the seed is fixed.

    Raises:
        TooLongError: the drawn values were invalid until the time limit.
    """
    from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
    from hypothesis.strategies import composite

    drawn: list[Any] = []
    until = process_time() + MOST_S

    @composite
    def in_time(draw: Callable[[Any], Any]) -> Any:
        if process_time() > until:
            raise TooLongError(f"no valid value in {MOST_S:g} s")
        return draw(strategy)

    @seed(0)
    @settings(
        database=None,
        max_examples=1,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(in_time())
    def take(value: Any) -> None:
        drawn.append(value)

    take()
    return drawn[0]
