"""
Sparing: a broken part of a document disables the operations that use it, never the whole file.

Such an operation stays in the document as an empty stub with the reason: it is not sent, but the
ledger still lists it. A mistake outside operations and components still refuses the document.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from smoke.contract.pointers import at, escape, join, local, split
from smoke.contract.shape import METHODS, Mistake, mistakes

# The key under which a stub keeps the reason why its operation is unusable.
BROKEN = "x-smoke-broken"

# Parts of a document that requests do not need; broken ones are removed.
UNUSED = frozenset({"info", "tags", "externalDocs", "webhooks"})

# How often to repeat: removing one part may break the references of another one.
ROUNDS = 3


def spared(document: dict[str, Any]) -> tuple[dict[str, Any], list[Mistake]]:
    """The document without its broken parts, and the mistakes that cannot be spared."""
    wrong = mistakes(document)
    # Mistakes that are left after the last round refuse the document.
    for _ in range(ROUNDS):
        if not wrong:
            break
        document = _without(document, wrong)
        wrong = mistakes(document)
    return document, wrong


def _without(document: dict[str, Any], wrong: Iterable[tuple[str, str]]) -> dict[str, Any]:
    found = {**document}
    for pointer, problem in wrong:
        tokens = split(pointer)
        if not tokens:
            continue
        if tokens[0] in UNUSED:
            found.pop(tokens[0], None)
        elif tokens[0] == "paths" and len(tokens) > 1:
            found["paths"] = _paths(found["paths"], tokens[1:], f"#{pointer}: {problem}")
        elif tokens[0] == "components" and len(tokens) > 2:
            place = "/".join(["#/components", escape(tokens[1]), escape(tokens[2])])
            found = _component(found, tokens[1], tokens[2], place, f"#{pointer}: {problem}")
    return found


def _paths(paths: Any, tokens: list[str], problem: str) -> Any:
    """The paths without a broken item, or with stubs for its broken operations."""
    path, item = tokens[0], paths.get(tokens[0]) if isinstance(paths, dict) else None
    if not path.startswith("/") or not isinstance(item, dict):
        return {key: value for key, value in paths.items() if key != path}
    one = tokens[1] if len(tokens) > 1 and tokens[1] in METHODS else ""
    methods = [one] if one else [method for method in METHODS if method in item]
    if "$ref" in item and not methods:
        return {key: value for key, value in paths.items() if key != path}
    stub = {"responses": {}, BROKEN: problem}
    kept = item if one else {key: item[key] for key in methods}
    return {**paths, path: {**kept, **dict.fromkeys(methods, stub)}}


def _component(
    document: dict[str, Any], kind: str, name: str, place: str, problem: str
) -> dict[str, Any]:
    """A document with an empty component, and with stubs for the operations that reach it."""
    paths = document.get("paths")
    for path, method, operation in _operations(document):
        item = document["paths"][path]
        if BROKEN not in operation and _reaches(document, item, operation, place):
            paths = _paths(paths, [path, method], problem)
    group = {**document["components"][kind], name: {}}
    if kind in {"parameters", "headers", "pathItems"}:
        # An empty component of these kinds would be invalid as well.
        del group[name]
    return {**document, "paths": paths, "components": {**document["components"], kind: group}}


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method in METHODS if isinstance(item, dict) else ():
            if isinstance(item.get(method), dict):
                yield path, method, item[method]


def _reaches(
    document: dict[str, Any], item: dict[str, Any], operation: dict[str, Any], place: str
) -> bool:
    """Whether an operation refers, directly or not, to a place of the document or inside it."""
    # What a path declares belongs to each of its operations.
    shared = [value for key, value in item.items() if key not in METHODS]
    stack, met = [operation, *shared], set()
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, dict):
            ref = node.get("$ref")
            if isinstance(ref, str) and ref not in met:
                if ref == place or ref.startswith(f"{place}/"):
                    return True
                met.add(ref)
                stack.append(at(document, join(*local(ref))) if ref.startswith("#/") else None)
            stack.extend(node.values())
    return False
