"""
Digests: a short fingerprint of each operation with all the schemas it refers to.

They tell which operations of a contract changed since a plan was made.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from smoke.contract.document import METHODS, references
from smoke.contract.pointers import local, lookup, split

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smoke.contract import Contract, Operation

LENGTH = 16


class Digests:
    """Fingerprints, and which parts of the document something refers to."""

    def __init__(self, contract: Contract) -> None:
        self._document = contract.document
        self._hashes: dict[str, bytes] = {}
        self._direct: dict[str, frozenset[str]] = {}

    def operation(self, operation: Operation) -> str:
        """
        The fingerprint of one operation: itself, what its path says for all, and what it refers to.
        """
        path, _, method = operation.pointer.rpartition("/")
        item = lookup(self._document, split(path))
        shared = {key: value for key, value in item.items() if key not in METHODS}
        own = [item[method], shared, operation.base, self._document.get("security")]
        total = hashlib.sha256(_canonical(own))
        for ref in sorted(self.closure([item[method], shared])):
            total.update(ref.encode())
            total.update(self._hash(ref))
        return total.hexdigest()[:LENGTH]

    def closure(self, nodes: Iterable[Any]) -> set[str]:
        """All references reachable from some values."""
        found: set[str] = set()
        stack = [ref for node in nodes for ref in _refs(node)]
        while stack:
            ref = stack.pop()
            if ref not in found:
                found.add(ref)
                stack.extend(self._refs_of(ref))
        return found

    def _refs_of(self, ref: str) -> frozenset[str]:
        if ref not in self._direct:
            self._direct[ref] = frozenset(_refs(lookup(self._document, local(ref))))
        return self._direct[ref]

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
