"""JSON pointers (RFC 6901): the notation of places in a document."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote


def escape(token: str) -> str:
    """One key in the notation of a pointer."""
    # The tilde first, or that of an escaped slash would be escaped again.
    return token.replace("~", "~0").replace("/", "~1")


def join(*tokens: str | int) -> str:
    """The pointer made of keys and indexes."""
    return "".join(f"/{escape(str(token))}" for token in tokens)


def split(pointer: str) -> list[str]:
    """
    The keys of a pointer.

    Raises:
        LookupError: it is not empty and does not begin with a slash.
    """
    if not pointer:
        return []
    if not pointer.startswith("/"):
        raise LookupError(f"{pointer!r} is not a JSON pointer: a pointer begins with '/'.")
    # In this order: `~01` stands for `~1` (RFC 6901, 4).
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]


def local(reference: str) -> list[str]:
    """The keys of a `$ref` within the document: a pointer as a URI fragment (RFC 6901, 6)."""
    return split(unquote(reference[1:]))


def lookup(document: Any, tokens: list[str]) -> Any:
    """
    The value at the keys.

    Raises:
        LookupError: the document has no such place.
    """
    node = document
    for token in tokens:
        if isinstance(node, dict):
            node = node[token]
        # Nine digits are enough for any index; `int` of a very long text would be slow.
        elif isinstance(node, list) and re.fullmatch(r"\d{1,9}", token, re.ASCII):
            node = node[int(token)]
        else:
            raise LookupError(token)
    return node


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in a value, the value itself included."""
    # A stack instead of recursion, since documents can nest deeply.
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, dict):
            yield node
            stack.extend(node.values())


def follow(document: Any, schema: Any, most: int = 32) -> Any:
    """
    The target of a chain of local references, or the schema itself.

    A dangling or circular reference gives an empty schema.
    """
    for _ in range(most):
        if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
            return schema
        try:
            schema = lookup(document, local(schema["$ref"]))
        except LookupError:
            return {}
    return {}


def every(document: Any, tokens: list[str]) -> list[Any]:
    """All values at the keys, where a `*` stands for each item of a list."""
    if "*" not in tokens:
        try:
            return [lookup(document, tokens)]
        except LookupError:
            return []
    star = tokens.index("*")
    lists = every(document, tokens[:star])
    items = lists[0] if lists and isinstance(lists[0], list) else []
    return [value for item in items for value in every(item, tokens[star + 1 :])]


def at(document: Any, pointer: str) -> Any:
    """The value at a pointer, or None if the document has no such place."""
    try:
        return lookup(document, split(pointer))
    except (LookupError, ValueError):
        return None


def listed_words(schema: Any, document: Any, depth: int = 4) -> Iterator[str]:
    """Yield the words that a schema lists, also in its alternatives."""
    schema = follow(document, schema)
    if not isinstance(schema, dict) or not depth:
        return
    yield from (word for word in schema.get("enum", ()) if isinstance(word, str))
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from listed_words(branch, document, depth - 1)
