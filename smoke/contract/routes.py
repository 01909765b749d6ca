"""Routes: find the operation of a raw request path in a tree of segments, compiled once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from smoke.contract.operations import Operation


@dataclass(slots=True)
class Routes:
    """
    A node of the tree.

    Literal segments win over partly literal ones, and those over plain variables: concrete paths
    come first (OpenAPI 3.1.0, 4.8.8.2).
    """

    literals: "dict[str, Routes]" = field(default_factory=dict)
    patterns: "dict[str, tuple[re.Pattern[str], Routes]]" = field(default_factory=dict)
    variable: "Routes | None" = None
    operations: "dict[str, Operation]" = field(default_factory=dict)

    def add(self, path: str, operation: "Operation") -> None:
        """Add a template; the first operation added under a method and path stays."""
        node = self
        for segment in path.split("/")[1:]:
            node = node.step(segment)
        # `setdefault`: the caller adds the more specific server first.
        node.operations.setdefault(operation.method, operation)

    def step(self, segment: str) -> "Routes":
        """The node below, created if it is missing."""
        if "{" not in segment:
            return self.literals.setdefault(unquote(segment), Routes())
        if re.fullmatch(r"{[^{}]+}", segment):
            self.variable = self.variable or Routes()
            return self.variable
        # A segment such as `{name}.{format}` is partly literal.
        parts = re.split(r"({[^{}]+})", segment)
        pattern = "".join("[^/]+" if p.startswith("{") else re.escape(unquote(p)) for p in parts)
        return self.patterns.setdefault(pattern, (re.compile(pattern), Routes()))[1]

    def find(self, method: str, raw_path: str) -> "Operation | None":
        """The operation of a raw path without its query, or None."""
        segments = [unquote(s) for s in raw_path.partition("?")[0].split("/")[1:]]
        return self.descend(method.upper(), segments, 0)

    def descend(self, method: str, segments: list[str], index: int) -> "Operation | None":
        """The operation of the segments from an index on, below this node."""
        if index == len(segments):
            return self.operations.get(method)
        # A literal may lead to a dead end, so the other branches are tried as well.
        for node in self._steps(segments[index]):
            found = node.descend(method, segments, index + 1)
            if found:
                return found
        return None

    def _steps(self, segment: str) -> "Iterable[Routes]":
        if segment in self.literals:
            yield self.literals[segment]
        for pattern, node in self.patterns.values():
            if pattern.fullmatch(segment):
                yield node
        # An empty segment would match `/things/`, which is the collection.
        if self.variable and segment:
            yield self.variable
