"""Operations: `METHOD /path/{template}`, as frozen rows of a document."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from smoke.contract.operation_id import OperationId

# The registered statuses of the classes that count as success (RFC 9110, 15 and RFC 3229).
RANGES = {"2XX": (*range(200, 209), 226), "3XX": (*range(300, 306), 307, 308)}


@dataclass(frozen=True, slots=True)
class Media:
    """
    One media type of a body: its schema, the schema's pointer, its examples.

    With `per_item`, the schema describes each item of a stream (OpenAPI 3.2, `itemSchema`).
    """

    type: str
    schema: Mapping[str, Any] | bool | None
    pointer: str
    required: bool = False
    examples: tuple[Any, ...] = ()
    encoding: Mapping[str, Any] = field(default_factory=dict)
    per_item: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `location` is OpenAPI's `in`: path, query, header or cookie."""

    name: str
    location: str
    required: bool
    schema: Mapping[str, Any] | bool
    pointer: str
    examples: tuple[Any, ...] = ()
    style: str = "simple"
    explode: bool = False
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """One header of an answer; an empty `pointer` means that it has no schema."""

    name: str
    required: bool
    pointer: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """The documented answer for one status: bodies by media type, headers, links."""

    status: str
    content: Mapping[str, Media]
    headers: Mapping[str, Header]
    links: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """
    One operation; `id` is its only name, `base` the path of its server.

    `alternatives` are sets of security schemes, of which one set is enough; `security` lists all
    schemes. `broken` is the reason why a broken contract makes the operation unusable.
    """

    id: OperationId
    base: str
    tags: tuple[str, ...]
    security: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...]
    secured: bool
    parameters: tuple[Parameter, ...]
    request_bodies: Mapping[str, Media]
    responses: Mapping[str, Response]
    success: tuple[int, ...]
    pointer: str
    operation_id: str | None = None
    summary: str = ""
    extension: Any = None
    broken: str = ""

    @property
    def method(self) -> str:
        """The HTTP method, in capitals."""
        return self.id.method

    @property
    def path(self) -> str:
        """The path template."""
        return self.id.path

    @property
    def body_required(self) -> bool:
        """Whether a request without a body violates the contract."""
        return any(media.required for media in self.request_bodies.values())

    @property
    def documents_success(self) -> bool:
        """Whether some success is documented by its own status or range."""
        return any(status[0] in "23" for status in self.responses)

    @property
    def safe(self) -> bool:
        """Whether the method promises to change nothing (RFC 9110, 9.2.1)."""
        return self.method in {"GET", "HEAD", "OPTIONS", "TRACE"}

    @property
    def surface(self) -> str:
        """The part of the API that it belongs to: its first tag."""
        return (*self.tags, "untagged")[0]

    def response(self, status: int) -> Response | None:
        """The documented answer for a status: its own, that of its class (`2XX`), or `default`."""
        keys = (str(status), f"{status // 100}XX", "default")
        return next((self.responses[key] for key in keys if key in self.responses), None)


def statuses_text(statuses: Collection[int]) -> str:
    """Statuses in words: `200 or 201`, and `2XX` for a whole class."""
    left, words = list(statuses), []
    for name, members in RANGES.items():
        if set(members) <= set(left):
            left = [status for status in left if status not in members]
            words.append(name)
    return " or ".join([*words, *map(str, left)])
