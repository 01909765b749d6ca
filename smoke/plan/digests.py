"""
Digests: a short fingerprint of each operation with all the schemas it refers to.

They show which operations of a contract changed since a plan was built.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from smoke.contract import Contract, Operation
from smoke.contract.document import references
from smoke.contract.pointers import local, lookup, split
from smoke.contract.shape import METHODS

# Hexadecimal digits of a fingerprint: short in the file, and long enough against collisions.
LENGTH = 16


class Digests:
    """The fingerprints of operations, and the references reachable from a value."""

    def __init__(self, contract: Contract) -> None:
        self._document = contract.document
        self._hashes: dict[str, bytes] = {}
        self._direct: dict[str, frozenset[str] | None] = {}

    def operation(self, operation: Operation) -> str:
        """The fingerprint of one operation with its path's shared parts and all references."""
        itself = lookup(self._document, split(operation.pointer))
        item = lookup(self._document, split(operation.pointer.rpartition("/")[0]))
        shared = {key: value for key, value in item.items() if key not in METHODS}
        # A request also depends on the server and on the document's security.
        own = [itself, shared, operation.base, self._document.get("security")]
        total = hashlib.sha256(_canonical(own))
        for ref in sorted(self.closure([itself, shared])):
            total.update(ref.encode())
            total.update(self._hash(ref))
        return total.hexdigest()[:LENGTH]

    def closure(self, nodes: Iterable[Any]) -> set[str]:
        """All references reachable from some values; those without a target are ignored."""
        found: set[str] = set()
        stack = [ref for node in nodes for ref in _refs(node)]
        while stack:
            ref = stack.pop()
            if ref not in found and self._leads(ref):
                found.add(ref)
                stack.extend(self._direct[ref] or ())
        return found

    def _leads(self, ref: str) -> bool:
        if ref not in self._direct:
            try:
                value = lookup(self._document, local(ref)) if ref.startswith("#") else None
            except LookupError:
                value = None
            self._direct[ref] = None if value is None else frozenset(_refs(value))
        return self._direct[ref] is not None

    def _hash(self, ref: str) -> bytes:
        if ref not in self._hashes:
            value = lookup(self._document, local(ref))
            self._hashes[ref] = hashlib.sha256(_canonical(value)).digest()
        return self._hashes[ref]


def _canonical(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _refs(node: Any) -> set[str]:
    return {ref for _, ref in references(node)}
