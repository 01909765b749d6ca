"""
Examples: the simplest valid request of an operation, before rules and other answers improve it.

It has the required parameters only, and a body in the chosen media type.
The contract's own example comes first, then a sampled value, then one that schemathesis finds.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version as version_of
from itertools import chain
from typing import Any

from smoke.contract import Contract, Media, Operation, Parameter
from smoke.contract.findings import STRUCTURED
from smoke.contract.media import kind_of_body
from smoke.contract.operation_id import misleads
from smoke.errors import DataError
from smoke.plan.build.drawing import DrawingError, draw
from smoke.plan.build.sampling import Sampler
from smoke.plan.changes import Digests
from smoke.plan.wire import text_of


@dataclass(frozen=True, slots=True)
class Example:
    """
    Values by location, as JSON; `problem` is the reason if there are none, at the place `at`.

    `at` is a location and a name, such as `path/id`, or `body`.
    """

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    cookies: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    problem: str = ""
    at: str = ""


# A body of plain text.
TEXT = "made by a smoke run"

LOCATIONS = {"path": "path", "query": "query", "header": "headers", "cookie": "cookies"}


def version() -> str:
    """The version of schemathesis, which searches values where sampling fails."""
    return version_of("schemathesis")


def generate(
    contract: Contract, media_types: Mapping[str, str | None], wanted: Collection[str] = ()
) -> Iterator[tuple[Operation, Example]]:
    """
    The example of every operation that `media_types` names, with the body's media type or None.

    `wanted` are the names of optional fields that a body includes.
    """
    maker = _Maker(contract, wanted)
    for name, media_type in media_types.items():
        operation = contract.operations[name]
        yield operation, maker.example(operation, media_type)


class _Maker:
    def __init__(self, contract: Contract, wanted: Collection[str]) -> None:
        self._contract = contract
        self._view = contract.schemas.view("request")
        self._bodies = Sampler(self._view, wanted)
        self._single = Sampler(self._view)
        self._digests = Digests(contract)

    def example(self, operation: Operation, media_type: str | None) -> Example:
        """The example of one operation."""
        values: dict[str, dict[str, Any]] = {place: {} for place in LOCATIONS.values()}
        body, place = None, ""
        try:
            for parameter in operation.parameters:
                if parameter.required:
                    place = f"{parameter.location}/{parameter.name}"
                    values[LOCATIONS[parameter.location]][parameter.name] = self._of(parameter)
            if media_type is not None:
                place = "body"
                body = self._body(operation.request_bodies[media_type])
        except DrawingError as error:
            return Example(problem=str(error), at=place)
        # The order is that of LOCATIONS.
        path, query, headers, cookies = values.values()
        return Example(path, query, headers, cookies, body)

    def _of(self, parameter: Parameter) -> Any:
        schema = self._at(parameter.pointer) if parameter.pointer else parameter.schema
        for value in chain(parameter.examples, self._single.values(schema, parameter.name)):
            if self._is_usable(parameter, value):
                return value
        value = draw(self._contract, self._digests, parameter.schema)
        if not self._is_usable(parameter, value):
            raise DrawingError("no value of it can stand there")
        return value

    def _is_usable(self, parameter: Parameter, value: Any) -> bool:
        """Whether a value is valid, and can be written in the parameter's location."""
        # An empty text or `..` would lead to another operation.
        if parameter.location == "path" and misleads(text_of(value)):
            return False
        if parameter.location != "query" and not _is_printable(value):
            return False
        return not parameter.pointer or self._fits(parameter.pointer, value)

    def _body(self, media: Media) -> Any:
        """The JSON value of a body; bytes have none, since their media type selects a file."""
        kind = kind_of_body(media)
        if media.schema is None or kind not in STRUCTURED | {"text"}:
            return TEXT if kind == "text" else {} if kind in STRUCTURED else None
        values = self._bodies.values(self._at(media.pointer))
        # A form without fields would not be sent at all.
        if kind in {"form", "parts"}:
            values = iter(sorted(values, key=lambda value: value == {}))
        for value in chain(media.examples, [TEXT] if kind == "text" else (), values):
            if self._fits(media.pointer, value):
                return value
        return draw(self._contract, self._digests, media.schema)

    def _at(self, pointer: str) -> Any:
        return self._contract.schemas.at(pointer, "request")

    def _fits(self, pointer: str, value: Any) -> bool:
        try:
            return not self._contract.value_findings(pointer, value)
        except DataError as error:
            raise DrawingError(str(error)) from None


def _is_printable(value: Any) -> bool:
    """Whether a value has no control characters: headers and paths cannot contain them."""
    return not isinstance(value, str) or all(" " <= character != "\x7f" for character in value)
