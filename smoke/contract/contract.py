"""The contract itself: one object, built once per run."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from smoke.contract.answers import answer_findings
from smoke.contract.document import bundled, check, check_version, parse
from smoke.contract.findings import Finding, body_findings, parameter_findings, schema_findings
from smoke.contract.operations import Operation
from smoke.contract.reading import Node, base_paths, read_operations
from smoke.contract.schemas import Schemas
from smoke.contract.sparing import spared
from smoke.contract.views import Direction
from smoke.documents import UnreadableError, read_text
from smoke.documents.json import digest_of
from smoke.errors import DataError


def _beside(contract: Path, path: str) -> str:
    """
    The text of a file below a contract's directory.

    Raises:
        DataError: it cannot be read, or a symbolic link leads out of the directory.
    """
    directory = contract.resolve().parent
    place = (directory / path).resolve()
    # Safety: a contract from elsewhere must not read arbitrary files of this machine.
    if not place.is_relative_to(directory):
        problem = f"{path!r} leads out of the contract's directory"
        raise DataError(f"{contract}: {problem}. Copy it there.")
    try:
        return read_text(place)
    except UnreadableError as error:
        problem = f"it refers to {path!r}, which is unreadable: {error.reason}"
        raise DataError(f"{contract}: {problem}.") from None


# A tree, compiled once: a large contract has a thousand templates, and each request asks.
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


# A reference that does not begin with `#`, in JSON or YAML: it may name a file.
ELSEWHERE = re.compile(r"""\$ref["']?\s*:\s*["']?[^"'#\s]""")


class Contract:
    """The promises of an OpenAPI document; `source` is its name in messages."""

    def __init__(
        self, document: dict[str, Any], source: str = "openapi.json", *, is_sound: bool = False
    ) -> None:
        if not is_sound:
            check(document, source)
        self.document = document
        self.source = source
        self.schemas = Schemas(document, source)

    @classmethod
    def load(cls, path: Path | str) -> "Contract":
        """
        The contract in a JSON or YAML file; a broken part disables only the operations that use it.

        Raises:
            DataError: the file does not exist, or is not usable.
        """
        try:
            text = read_text(path)
        except UnreadableError as error:
            advice = "Name a JSON or YAML file."
            raise DataError(f"{path}: unreadable: {error.reason}. {advice}") from None
        source = str(path)
        document = parse(text, source)
        # Bundling comes first: a part in another file may be the broken one.
        if ELSEWHERE.search(text):
            document = bundled(document, Path(path).name, partial(_beside, Path(path)), source)
        check_version(document, source)
        document, wrong = spared(document)
        return cls(document, source, is_sound=not wrong)

    @classmethod
    def parse(
        cls, text: str, source: str = "openapi.json", read: Callable[[str], str] | None = None
    ) -> "Contract":
        """
        The contract in a text, such as the answer of a live `/openapi.json`.

        `read` returns the text of a referenced file by its path below the contract's directory;
        without it, references to other files are mistakes.
        """
        document = parse(text, source)
        if read is not None:
            document = bundled(document, PurePosixPath(source).name, read, source)
        return cls(document, source)

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """Operations by id, in the order of the document."""
        return {operation.id: operation for operation in read_operations(self.document)}

    @cached_property
    def digest(self) -> str:
        """The contract's identity, `sha256:…`, independent of layout and key order."""
        return digest_of(self.document)

    @cached_property
    def security_schemes(self) -> Mapping[str, Mapping[str, Any]]:
        """The ways to authenticate, by scheme name."""
        node = Node(self.document, "", self.document).child("components").child("securitySchemes")
        return {name: scheme.value for name, scheme in node.children()}

    @cached_property
    def declares_security(self) -> bool:
        """Whether the document says anything about security, also that there is none."""
        return bool(self.security_schemes) or any(o.security for o in self.operations.values())

    @cached_property
    def _routes(self) -> Routes:
        routes = Routes()
        for operation in self.operations.values():
            routes.add(operation.base + operation.path, operation)
        # Added last, so that an operation's own server wins: the first route stays.
        bases = base_paths(Node(self.document, "", self.document))
        for base in dict.fromkeys([*bases, ""]):
            for operation in self.operations.values():
                routes.add(base + operation.path, operation)
        return routes

    def match(self, method: str, raw_path: str) -> Operation | None:
        """The operation that a request belongs to, with or without the servers' base path."""
        return self._routes.find(method, raw_path)

    def findings(
        self,
        operation: Operation,
        status: int,
        content_type: str | None,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        whole: bool = True,
    ) -> list[Finding]:
        """All findings of an answer; empty when it conforms to the contract."""
        return answer_findings(
            self.schemas, operation, status, content_type, body, headers, whole=whole
        )

    def request_findings(
        self,
        operation: Operation,
        path: Mapping[str, Any],
        query: Mapping[str, Any],
        headers: Mapping[str, Any],
        media_type: str | None = None,
        body: Any = None,
    ) -> list[Finding]:
        """All findings of a request, given its values as JSON before serialisation."""
        found: list[Finding] = []
        for location, values in (("path", path), ("query", query), ("header", headers)):
            found += parameter_findings(self.schemas, operation, location, values)
        return found + list(body_findings(self.schemas, operation, media_type, body))

    def value_findings(
        self, pointer: str, value: Any, direction: Direction = "request"
    ) -> list[Finding]:
        """The findings of one value against the schema at a pointer of the document."""
        return schema_findings(self.schemas.validator(pointer, direction), value)
