"""Drafts: requests that the builder still changes, and the entries that they become."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from smoke.config.rules import Excepted, Rule
from smoke.contract import Operation
from smoke.contract.events import Bounds
from smoke.contract.media import kind_of
from smoke.plan.build.examples import Example
from smoke.plan.model import Entry
from smoke.plan.values import mark_of, references
from smoke.plan.wire import form_field, header_value, part, path_value, query_values


@dataclass(slots=True)
class Draft:
    """
    One request; `literal` is its body with generated values in place of references.

    `fixed` has the places with a value that a person chose. `undecided` is the reason why a person
    must decide before the request is sent.
    """

    name: str
    operation: Operation
    rule: Rule
    places: tuple[str, ...] = ()
    actor: str = ""
    phase: str = ""
    media_type: str | None = None
    example: Example = field(default_factory=Example)
    values: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {"path": {}, "query": {}, "headers": {}}
    )
    literal: Any = None
    body: Any = None
    creates: str | None = None
    destructive: bool = False
    ends_session: bool = False
    excepted: Excepted | None = None
    problem: str | None = None
    waits_for: str = ""
    undecided: str = ""
    fixed: set[str] = field(default_factory=set)
    sources: dict[str, str] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)

    @property
    def sent(self) -> bool:
        """Whether it is sent to at least one target."""
        if self.problem is not None or self.undecided:
            return False
        return self.excepted is None or bool(self.excepted.targets)

    def references(self) -> Iterator[dict[str, Any]]:
        """Every reference in the request."""
        yield from references(self.values)
        yield from references(self.body)

    def filled(self) -> dict[str, dict[str, Any]]:
        """A copy of the values and of their sources, as they are now."""
        return {
            **{place: dict(row) for place, row in self.values.items()},
            "sources": {**self.sources},
        }

    def unlink(self, location: str, name: str, filled: dict[str, dict[str, Any]]) -> None:
        """Take back the reference of an earlier pass: its maker may not be sent any more."""
        if mark_of(self.values[location].get(name)) != "$from":
            return
        rows = (
            (self.values[location], location, name),
            (self.sources, "sources", f"{location}/{name}"),
        )
        for row, first, key in rows:
            row.pop(key, None)
            if key in filled[first]:
                row[key] = filled[first][key]

    def need(self, name: str) -> None:
        """Note that an entry must have succeeded before."""
        if name not in self.needs and name != self.name:
            self.needs.append(name)


EVENT_STREAMS = ("text/event-stream", "application/x-ndjson", "application/jsonl")
# A stream that a GET reads may be endless, so one event is enough; a stream that answers a POST is
# read to its end.
READ_STREAM = Bounds(events=1, bytes=1_000_000, time_s=10.0)
SENT_STREAM = Bounds(events=1000, bytes=4_000_000, time_s=30.0)


def entry_of(draft: Draft) -> Entry:
    """
    The entry of a finished draft; one that cannot be sent has no values.

    An entry that a person must allow first has values: the person decides about them, too.
    """
    operation = draft.operation
    sent = draft.sent or (draft.problem is None and bool(draft.undecided))
    return Entry(
        name=draft.name,
        operation=operation.id,
        phase=draft.phase,
        actor=draft.actor,
        expect=draft.rule.expect or _successes(operation),
        path=_path(draft) if sent else {},
        query=_query(draft) if sent else {},
        headers=_headers(draft) if sent else {},
        media_type=draft.media_type if sent else None,
        body=_body(draft) if sent else None,
        gate=draft.rule.gate,
        creates=draft.creates,
        destructive=draft.destructive,
        ends_session=draft.ends_session,
        needs=tuple(draft.needs) if sent else (),
        stream=_stream(draft) if sent else None,
        then=draft.rule.then if sent else None,
        excepted=draft.excepted,
        problem=draft.problem or draft.undecided or None,
        sources=draft.sources if sent else {},
        holds=draft.rule.holds or {},
        step=bool(draft.rule.step),
    )


def _headers(draft: Draft) -> dict[str, Any]:
    """The headers; `Accept` asks for a stream if the contract offers other types as well."""
    kind = _stream_type(draft.operation)
    response = draft.operation.response(draft.operation.success[0]) if kind else None
    known = {p.name: p for p in draft.operation.parameters if p.location == "header"}
    headers = {
        name: header_value(known[name], value) if name in known else value
        for name, value in draft.values["headers"].items()
    }
    # A rule may have set the header; then its value stays.
    if kind and response and len(response.content) > 1:
        headers.setdefault("Accept", kind)
    return headers


def _path(draft: Draft) -> dict[str, Any]:
    """The values of the path as they are sent."""
    known = {p.name: p for p in draft.operation.parameters if p.location == "path"}
    return {
        name: path_value(known[name], value) if name in known else value
        for name, value in draft.values["path"].items()
    }


def _query(draft: Draft) -> dict[str, Any]:
    """The query as it is sent; a value for an undocumented name stays unchanged."""
    known = {p.name: p for p in draft.operation.parameters if p.location == "query"}
    found: dict[str, Any] = {}
    for name, value in draft.values["query"].items():
        found |= query_values(known[name], value) if name in known else {name: value}
    return found


def _body(draft: Draft) -> Any:
    """The body as it is sent; the media type's encoding defines the notation of form fields."""
    body = _clean(draft.body)
    media = draft.operation.request_bodies.get(draft.media_type or "")
    kind = kind_of(draft.media_type or "")
    if media is None or not media.encoding or not isinstance(body, dict) or mark_of(body):
        return body
    found: dict[str, Any] = {}
    for name, value in body.items():
        encoding = media.encoding.get(name) or {}
        if kind == "form":
            found |= form_field(name, value, encoding)
        else:
            found[name] = part(value, encoding) if kind == "parts" else value
    return found


def _successes(operation: Operation) -> tuple[int, ...]:
    """The statuses that count: documented 2xx, else documented redirects."""
    # A redirect is the expected success only if no 2xx is documented.
    good = tuple(status for status in operation.success if status < 300)
    return good or operation.success or (200, 201, 202, 204)


def _stream_type(operation: Operation) -> str | None:
    for status in operation.success:
        response = operation.response(status)
        for name in response.content if response else ():
            if name in EVENT_STREAMS:
                return name
    return None


def _stream(draft: Draft) -> Bounds | None:
    bounds = draft.rule.stream
    if bounds is None and _stream_type(draft.operation) is None:
        return None
    usual = READ_STREAM if draft.operation.safe else SENT_STREAM
    return replace(usual, **(bounds or {}))


def _clean(value: Any) -> Any:
    """References without the marks that only the builder uses."""
    if isinstance(value, dict):
        hidden = {"linked"} if mark_of(value) == "$from" else set()
        return {key: _clean(member) for key, member in value.items() if key not in hidden}
    return [_clean(item) for item in value] if isinstance(value, list) else value
