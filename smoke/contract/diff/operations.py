"""Two contracts compared, operation by operation: parameters, bodies, answers, security."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smoke.contract import Contract, Media, Operation, Parameter, Response
from smoke.contract.diff.schemas import Comparison, Found
from smoke.contract.media import match_media
from smoke.contract.operation_id import PARAMETER, shape
from smoke.contract.operations import Header
from smoke.contract.pointers import at


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `breaking` if it may break a client that conforms to the contract."""

    operation: str
    breaking: bool
    words: str


def drift(ours: "Contract", theirs: "Contract") -> list[Change]:
    """The changes from our contract to theirs; empty if both promise the same."""
    # Most runs see an unchanged contract: this saves the comparison.
    if ours.digest == theirs.digest:
        return []
    known = {_route(operation): operation for operation in theirs.operations.values()}
    found: list[Change] = []
    for operation in ours.operations.values():
        other = known.pop(_route(operation), None)
        changes = (
            [(True, "removed")] if other is None else _Pair(ours, theirs).all(operation, other)
        )
        found += [Change(operation.id, *change) for change in dict.fromkeys(changes)]
    # No client that conforms to our contract calls what only theirs has.
    return found + [Change(operation.id, False, "added") for operation in known.values()]


def _route(operation: "Operation") -> str:
    """The identity of an operation for its callers."""
    return f"{operation.method} {shape(operation.path)}"


class _Pair:
    def __init__(self, ours: "Contract", theirs: "Contract") -> None:
        self._ours = ours
        self._theirs = theirs

    def all(self, a: "Operation", b: "Operation") -> Iterator[Found]:
        yield from self._parameters(a, b)
        yield from self._request(a, b)
        yield from self._answers(a, b)
        yield from security_changes(self._ours, a, self._theirs, b)
        if a.base != b.base:
            yield False, f"lives below {b.base or '/'}, not {a.base or '/'}"

    def _parameters(self, a: "Operation", b: "Operation") -> Iterator[Found]:
        mine, others = _parameters(a), _parameters(b)
        for name, parameter in mine.items():
            if name not in others:
                yield False, f"{name} is no longer taken"
            else:
                yield from self._parameter(name, parameter, others[name])
        # A new parameter that callers need not send breaks none of them.
        for name, parameter in others.items():
            if name not in mine:
                word = "is new and required" if parameter.required else "is new"
                yield parameter.required, f"{name} {word}"

    def _parameter(self, name: str, a: "Parameter", b: "Parameter") -> Iterator[Found]:
        if a.required != b.required:
            yield b.required, f"{name} is {'required' if b.required else 'no longer required'}"
        if (a.style, a.explode, a.media_type) != (b.style, b.explode, b.media_type):
            yield True, f"{name} is written in another way"
        yield from _named(name, self._comparison("request").changes(*self._schemas(a, b)))

    def _schemas(self, a: "Parameter", b: "Parameter") -> tuple[Any, Any]:
        return (
            self._ours.schemas.at(a.pointer, "request") if a.pointer else a.schema,
            self._theirs.schemas.at(b.pointer, "request") if b.pointer else b.schema,
        )

    def _comparison(self, direction: Any) -> Comparison:
        ours, theirs = self._ours.schemas.view(direction), self._theirs.schemas.view(direction)
        return Comparison(ours, theirs, direction)

    def _request(self, a: "Operation", b: "Operation") -> Iterator[Found]:
        if not a.request_bodies and b.request_bodies:
            word = "is new and required" if b.body_required else "is new"
            yield b.body_required, f"request body {word}"
        elif a.request_bodies and not b.request_bodies:
            yield False, "request body is no longer taken"
        else:
            if a.body_required != b.body_required:
                word = "required" if b.body_required else "no longer required"
                yield b.body_required, f"request body is {word}"
            bodies = self._media(a.request_bodies, b.request_bodies, "request")
            yield from _named("request body", bodies)

    def _media(
        self, a: "Mapping[str, Media]", b: "Mapping[str, Media]", direction: Any,
        comparison: Comparison | None = None,
    ) -> Iterator[Found]:  # fmt: skip
        for name, media in a.items():
            other = match_media(b, name)
            if other is None:
                yield True, f"is no longer {name}"
                continue
            ours = self._schema(self._ours, media, direction)
            theirs = self._schema(self._theirs, other, direction)
            # Media types of one answer mostly share their schema, so they share the comparison.
            comparison = comparison or self._comparison(direction)
            yield from comparison.changes(ours, theirs)
            for field in sorted({*media.encoding, *other.encoding}):
                if _encoding(media, field) != _encoding(other, field):
                    yield True, f"/{field} is written in another way"
        yield from ((False, f"may also be {name}") for name in b if match_media(a, name) is None)

    def _schema(self, contract: "Contract", media: "Media", direction: Any) -> Any:
        return True if media.schema is None else contract.schemas.at(media.pointer, direction)

    def _answers(self, a: "Operation", b: "Operation") -> Iterator[Found]:
        """The changes of all answers, by status."""
        # Error answers mostly share one schema. One comparison reports its changes only once.
        refusals = self._comparison("response")
        taken: set[str] = set()
        for status, response in a.responses.items():
            others = _counterparts(status, a, b)
            good = status[0] in "23" or (status == "default" and not a.documents_success)
            if not others:
                successes = ", ".join(s for s in b.responses if s[0] in "23") or "no success"
                now = f" (now {successes})" if good else ""
                yield good, f"answer {status} is gone{now}"
            for other in others:
                taken |= {other.status} if status.endswith("XX") else {status}
                changes = self._answer(response, other, None if good else refusals)
                yield from _named(f"answer {status}", changes)
        for status in b.responses:
            if status not in taken and status not in a.responses:
                yield False, f"answer {status} is new"

    def _answer(
        self, a: "Response", b: "Response", comparison: Comparison | None
    ) -> Iterator[Found]:
        # Header names ignore case (RFC 9110, 5.1).
        known = {name.lower(): header for name, header in b.headers.items()}
        for name, header in a.headers.items():
            other = known.get(name.lower())
            if other is None:
                yield True, f"header {name} is gone"
            else:
                yield from _named(f"header {name}", self._header(header, other))
        yield from self._media(a.content, b.content, "response", comparison)

    def _header(self, a: Header, b: Header) -> Iterator[Found]:
        if a.required != b.required:
            yield a.required, f"is {'required' if b.required else 'no longer required'}"
        ours, theirs = (
            contract.schemas.at(header.pointer, "response") if header.pointer else True
            for contract, header in ((self._ours, a), (self._theirs, b))
        )
        yield from self._comparison("response").changes(ours, theirs)


def _parameters(operation: "Operation") -> "dict[str, Parameter]":
    """Parameters by their identity: the position in the path, elsewhere the name."""
    order = PARAMETER.findall(operation.path)
    found = {}
    for parameter in operation.parameters:
        name = parameter.name.lower() if parameter.location == "header" else parameter.name
        # Callers fill path parameters by position, so a new name is not a change.
        if parameter.location == "path" and name in order:
            name = str(order.index(name) + 1)
        found[f"{parameter.location} parameter {name}"] = parameter
    return found


def _counterparts(status: str, a: "Operation", b: "Operation") -> "list[Response]":
    """
    The answers of another contract that correspond to a status or range.

    Single statuses within a range promise more than the range did. `default` only covers a success
    if no success is documented.
    """
    if status in b.responses:
        return [b.responses[status]]
    if status == "default" and not a.documents_success:
        status = "2XX"
    if status.endswith("XX"):
        inside = [row for name, row in b.responses.items() if name[0] == status[0]]
        if inside:
            return inside
    keys = [f"{status[0]}XX"]
    if status[0] not in "23" or not b.documents_success:
        keys.append("default")
    return [b.responses[key] for key in keys if key in b.responses][:1]


def _encoding(media: "Media", field: str) -> tuple[Any, ...]:
    row = media.encoding.get(field) or {}
    return tuple(row.get(key) for key in ("contentType", "style", "explode"))


def _named(name: str, changes: Iterator[Found]) -> Iterator[Found]:
    return ((breaking, f"{name}: {words}") for breaking, words in changes)


# How many operations a line names; it only counts the others.
NAMED = 2


def change_lines(changes: "Iterable[Change]") -> list[str]:
    """One line for each change, the breaking ones first."""
    where: dict[tuple[bool, str], list[str]] = {}
    for change in changes:
        where.setdefault((change.breaking, change.words), []).append(change.operation)
    rows = sorted(where.items(), key=lambda row: not row[0][0])
    return [f"{_operations(names)}: {words}" for (_, words), names in rows]


def _operations(names: list[str]) -> str:
    more = len(names) - NAMED
    listed = ", ".join(names[:NAMED])
    return f"{listed} and {more} more" if more > 0 else listed


# One sufficient set of credentials: the scopes of each, by its kind.
Way = dict[str, frozenset[str]]


# Security is compared by the credentials that a caller sends: scheme names are never sent.
def security_changes(
    ours: "Contract", a: "Operation", theirs: "Contract", b: "Operation"
) -> "Iterator[Found]":
    """The changes of the credentials that an operation accepts."""
    mine, others = _ways(ours, a), _ways(theirs, b)
    # One empty set of credentials: the operation is open to everyone.
    if not all(others):
        if all(mine):
            yield False, "needs no credentials"
        return
    if not all(mine):
        yield True, "needs credentials"
        mine = [way for way in mine if way]
    for way in mine:
        if not any(_satisfies(way, other) for other in others):
            yield (
                True,
                f"no longer accepts {_shown(way)} (now: {' or '.join(map(_shown, others))})",
            )


def _satisfies(way: Way, other: Way) -> bool:
    """Whether one set of credentials includes everything that another requires."""
    return all(kind in way and scopes <= way[kind] for kind, scopes in other.items())


def _ways(contract: "Contract", operation: "Operation") -> list[Way]:
    own = at(contract.document, operation.pointer) or {}
    listed = own.get("security", contract.document.get("security")) or [{}]
    return [
        # Scopes of another kind than a list of texts say nothing that could be compared.
        {
            _kind(contract, name): frozenset(map(str, scopes if isinstance(scopes, list) else ()))
            for name, scopes in way.items()
        }
        for way in listed
    ]


def _kind(contract: "Contract", name: str) -> str:
    """The kind of a credential: a header, cookie or parameter; all bearer tokens are one kind."""
    scheme: Any = contract.security_schemes.get(name)
    if not isinstance(scheme, dict):
        return name
    kind = scheme.get("type")
    if kind == "apiKey":
        place = str(scheme.get("name"))
        return f"{scheme.get('in')} {place.lower() if scheme.get('in') == 'header' else place}"
    if kind == "http" and str(scheme.get("scheme")).lower() != "bearer":
        return str(scheme.get("scheme")).lower()
    return "a client certificate" if kind == "mutualTLS" else "bearer"


def _shown(way: Way) -> str:
    words = [f"{kind} with {', '.join(sorted(scopes))}" if scopes else kind
             for kind, scopes in sorted(way.items())]  # fmt: skip
    return " and ".join(words)
