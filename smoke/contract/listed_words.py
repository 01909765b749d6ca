"""The words that a schema lists (`enum`)."""

from collections.abc import Iterator
from typing import Any

from smoke.contract.pointers import follow


def listed_words(schema: Any, document: Any, depth: int = 4) -> Iterator[str]:
    """Yield the words that a schema lists, also in its alternatives."""
    schema = follow(document, schema)
    if not isinstance(schema, dict) or not depth:
        return
    yield from (word for word in schema.get("enum", ()) if isinstance(word, str))
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from listed_words(branch, document, depth - 1)
