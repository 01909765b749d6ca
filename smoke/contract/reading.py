"""Read the operations of a document: references followed, parameters and servers inherited."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smoke.contract.operation_id import PARAMETER, OperationId
from smoke.contract.operations import RANGES, Header, Media, Operation, Parameter, Response
from smoke.contract.pointers import escape, join, local, lookup
from smoke.contract.shape import METHODS, server_path
from smoke.contract.sparing import BROKEN

MAX_REF_HOPS = 32


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the document and its real pointer, with references followed."""

    value: Any
    pointer: str
    document: Mapping[str, Any]

    def follow(self) -> "Node":
        """The target of `$ref`, or the node itself."""
        node = self
        for _ in range(MAX_REF_HOPS):
            ref = node.value.get("$ref") if isinstance(node.value, dict) else None
            if not isinstance(ref, str):
                return node
            tokens = local(ref)
            node = Node(lookup(self.document, tokens), join(*tokens), self.document)
        return Node({}, node.pointer, self.document)

    def child(self, key: str) -> "Node":
        """The node under a key, with references followed; an empty object if missing or null."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        here = f"{self.pointer}/{escape(key)}"
        return Node({} if value is None else value, here, self.document).follow()

    def children(self) -> "Iterator[tuple[str, Node]]":
        """Every member that is not an extension."""
        if isinstance(self.value, dict):
            for key in self.value:
                if not str(key).startswith("x-"):
                    yield key, self.child(key)


def read_operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """All operations in the order of the document."""
    root = Node(document, "", document)
    for path, item in root.child("paths").children():
        # A path item also has keys that are not methods, such as `parameters`.
        for method in METHODS:
            if isinstance(item.value, dict) and isinstance(item.value.get(method), dict):
                yield _operation(path, method, item, root)


def _operation(path: str, method: str, item: Node, root: Node) -> Operation:
    node = item.child(method)
    responses = {s: _response(s, r) for s, r in node.child("responses").children()}
    security = node.value.get("security", root.value.get("security")) or []
    names = tuple(dict.fromkeys(name for needs in security if needs for name in needs))
    return Operation(
        id=OperationId(f"{method.upper()} {path}"),
        base=next(iter(base_paths(node, item, root))),
        tags=tuple(dict.fromkeys(node.value.get("tags") or ())),
        security=names,
        alternatives=tuple(tuple(needs) for needs in security if isinstance(needs, dict)),
        # An empty alternative (`{}`) makes security optional.
        secured=bool(names) and all(security),
        parameters=tuple(_parameters(path, node, item)),
        request_bodies=_bodies(node.child("requestBody")),
        responses=responses,
        success=_success(responses),
        pointer=node.pointer,
        operation_id=node.value.get("operationId"),
        summary=str(node.value.get("summary") or ""),
        extension=node.value.get("x-smoke"),
        broken=node.value.get(BROKEN, ""),
    )


def _success(responses: Mapping[str, Response]) -> tuple[int, ...]:
    """The documented successes; a range means every registered status of its class."""
    statuses = {int(s) for s in responses if re.fullmatch(r"[23]\d\d", s)}
    ranges = {status for s in responses for status in RANGES.get(s, ())}
    return tuple(sorted(statuses | ranges))


def base_paths(*nodes: Node) -> list[str]:
    """The server paths of the innermost node that declares servers; `[""]` if none does."""
    for node in nodes:
        servers = node.value.get("servers") if isinstance(node.value, dict) else None
        if isinstance(servers, list) and servers:
            found = [server_path(server) for server in servers if isinstance(server, dict)]
            return list(dict.fromkeys(found)) or [""]
    return [""]


def _parameters(path: str, node: Node, item: Node) -> Iterator[Parameter]:
    """
    The operation's own parameters override those of its path.

    An undeclared template variable becomes a string: real documents forget declarations.
    """
    found: dict[tuple[str, str], Parameter] = {}
    for holder in (item, node):
        for index, _ in enumerate(holder.value.get("parameters") or ()):
            here = f"{holder.pointer}/parameters/{index}"
            raw = Node(holder.value["parameters"][index], here, node.document).follow()
            parameter = _parameter(raw)
            found[parameter.name, parameter.location] = parameter
    yield from found.values()
    for name in PARAMETER.findall(path):
        if (name, "path") not in found:
            yield Parameter(name, "path", True, {"type": "string"}, "")


def _parameter(node: Node) -> Parameter:
    value = node.value
    location = value["in"]
    style = value.get("style") or ("form" if location in {"query", "cookie"} else "simple")
    media_type, holder = next(iter(node.child("content").children()), (None, node))
    return Parameter(
        name=value["name"],
        location=location,
        required=location == "path" or bool(value.get("required")),
        schema=holder.value.get("schema", {}),
        pointer=f"{holder.pointer}/schema" if "schema" in holder.value else "",
        examples=_examples(node) or _examples(holder),
        style=style,
        explode=bool(value.get("explode", style == "form")),
        media_type=media_type,
    )


def _examples(node: Node) -> tuple[Any, ...]:
    """The examples next to a schema, then those inside it."""
    found = [node.value["example"]] if "example" in node.value else []
    for _, example in node.child("examples").children():
        if isinstance(example.value, dict) and "value" in example.value:
            found.append(example.value["value"])
    schema = node.child("schema").value
    if isinstance(schema, dict):
        found += [schema["example"]] if "example" in schema else []
        found += schema["examples"] if isinstance(schema.get("examples"), list) else []
    return tuple(found)


def _bodies(node: Node) -> dict[str, Media]:
    required = bool(node.value.get("required")) if isinstance(node.value, dict) else False
    return {name: _media(name, m, required) for name, m in node.child("content").children()}


def _media(name: str, node: Node, required: bool = False) -> Media:
    key = "itemSchema" if "itemSchema" in node.value else "schema"
    return Media(
        type=name,
        schema=node.value.get(key),
        pointer=f"{node.pointer}/{key}" if node.value.get(key) is not None else "",
        required=required,
        examples=_examples(node),
        encoding=node.value.get("encoding") or {},
        per_item=key == "itemSchema",
    )


def _header(name: str, node: Node) -> Header:
    value = node.value if isinstance(node.value, dict) else {}
    media_type, holder = next(iter(node.child("content").children()), (None, node))
    has_schema = isinstance(holder.value, dict) and holder.value.get("schema") is not None
    return Header(
        name=name,
        required=bool(value.get("required")),
        pointer=f"{holder.pointer}/schema" if has_schema else "",
        media_type=media_type,
    )


def _response(status: str, node: Node) -> Response:
    return Response(
        status=status,
        content={name: _media(name, media) for name, media in node.child("content").children()},
        headers={name: _header(name, header) for name, header in node.child("headers").children()},
        links={name: link.value for name, link in node.child("links").children()},
    )
