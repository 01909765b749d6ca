"""The contract itself: one object, built once per run."""

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import Any

from smoke.contract.answers import answer_findings
from smoke.contract.bundle import bundled
from smoke.contract.document import check, check_version, digest, parse
from smoke.contract.findings import Finding, schema_findings
from smoke.contract.operations import Operation
from smoke.contract.reading import Node, base_paths, read_operations
from smoke.contract.requests import body_findings, parameter_findings
from smoke.contract.routes import Routes
from smoke.contract.schemas import Schemas
from smoke.contract.sparing import spared
from smoke.contract.views import Direction
from smoke.documents import UnreadableError, read_text
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


class Contract:
    """The promises of an OpenAPI document; `source` is its name in messages."""

    def __init__(self, document: dict[str, Any], source: str = "openapi.json") -> None:
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
        # Bundling comes first: a part in another file may be the broken one.
        document = bundled(
            parse(text, source), Path(path).name, partial(_beside, Path(path)), source
        )
        check_version(document, source)
        return cls(spared(document), source)

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
        return digest(self.document)

    @cached_property
    def base_path(self) -> str:
        """The path of the first server without a trailing slash; usually empty."""
        return base_paths(Node(self.document, "", self.document))[0]

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
