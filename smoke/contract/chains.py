"""
Chains of references: what follows them one inside the other, as a validator does, needs stack.

Validators run out of it without an exception; no chain of a real document has even a hundred links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smoke.contract.pointers import local, lookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_LINKS = 5000


def too_long(document: Any, refs: Iterable[str]) -> bool:
    """Whether references that lead somewhere follow one another for too many links."""
    known = set(refs)
    if len(known) <= MOST_LINKS:
        return False
    length: dict[str, int] = {}
    for ref in known:
        _measure(document, ref, known, length)
    return max(length.values()) > MOST_LINKS


def _measure(document: Any, first: str, known: set[str], length: dict[str, int]) -> None:
    """The links behind each reference, without recursion; a circle ends where it began."""
    if first in length:
        return
    way: list[tuple[str, Iterator[str]]] = [(first, _inside(document, first))]
    length[first] = 0
    while way:
        ref, inside = way[-1]
        following = next(inside, None)
        if following is None:
            way.pop()
            if way:
                outer = way[-1][0]
                length[outer] = max(length[outer], length[ref] + 1)
        elif following in length:
            length[ref] = max(length[ref], length[following] + 1)
        elif following in known:
            length[following] = 0
            way.append((following, _inside(document, following)))


def _inside(document: Any, ref: str) -> Iterator[str]:
    stack = [lookup(document, local(ref))]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            found = node.get("$ref")
            if isinstance(found, str):
                yield found
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
