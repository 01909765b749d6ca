"""Sources: the id that a request needs, its possible origins, and how well a field fits."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from smoke.contract import Contract, Operation
from smoke.plan.build.answers import Field, types
from smoke.plan.build.naming import OWN_NAMES, id_rank, plain, singular, stem, suffix

COLLECTION, WORLD, LISTED, SAME_NAME, STEM, LINK, NESTED, CHOSEN = range(8)
WHY = {
    LINK: "a link of the contract",
    NESTED: "a related object in the answer",
    CHOSEN: "chosen by the run",
    COLLECTION: "made in the collection",
    WORLD: "of the world",
    LISTED: "listed in the collection",
    SAME_NAME: "a field of the same name",
    STEM: "the collection of that name",
}


# Names of objects and lists that only wrap the thing itself (JSON:API, HAL, Relay and others).
ENVELOPES = frozenset(
    {
        *("data", "result", "results", "item", "items", "payload", "response", "object", "entity"),
        *("resource", "attributes", "node", "edges", "embedded", "records", "rows", "values"),
        *("content", "list", "hits", "value", "entry", "entries", "body"),
    }
)

SELF_LINKS = ("/_links/self/href", "/links/self", "/links/self/href")


@dataclass(frozen=True, slots=True)
class Need:
    """An id that a request needs: a parameter or body field, and the path before it."""

    name: str
    prefix: str
    types: frozenset[str]
    format: str | None
    operation: Operation


@dataclass(frozen=True, slots=True)
class Source:
    """
    One place an id can come from: an operation's answer, or (without one) the world.

    `owned` means that the run creates the resource, so that it may also be destroyed. The id is at
    `pointer` in the answer, in its `header`, or at `sent` in the request; with `segment` it is the
    last segment of a URL.
    """

    level: int
    operation: str
    pointer: str
    owned: bool
    world: str = ""
    header: str = ""
    sent: str = ""
    segment: bool = False

    @property
    def why(self) -> str:
        """The source in a few words."""
        if self.world:
            return f"world.{self.world}"
        where = f"header {self.header}" if self.header else self.pointer
        where = f"sent {self.sent}" if self.sent else where
        return f"{self.operation} {where} ({WHY[self.level]})"


def may_choose(operation: Operation) -> bool:
    """Whether a PUT may create the resource in its path; 404 without 201 means changes only."""
    last = next((p for p in operation.parameters if p.name == operation.id.last_parameter), None)
    schema = last.schema if last is not None and isinstance(last.schema, dict) else {}
    if operation.method != "PUT":
        return False
    makes = 201 in operation.success or "404" not in operation.responses
    return (
        makes and not {"enum", "const"} & set(schema) and "string" in (types(schema) or {"string"})
    )


def by_parent(fields: Iterable[Field]) -> dict[str, list[Field]]:
    """Fields of inner objects by the name of that object."""
    found: dict[str, list[Field]] = defaultdict(list)
    for field in fields:
        parent = field.pointer.rpartition("/")[0].rpartition("/")[2]
        if parent and not parent.isdigit():
            found[plain(parent)].append(field)
    return dict(found)


def common(one: str, other: str) -> int:
    """The number of segments that two paths share, in any position."""
    return len({*one.split("/")} & {*other.split("/")} - {"", "{}"})


def is_of(field: Field, need: Need) -> bool:
    """Whether a field belongs to the resource itself, not to a related one inside it."""
    parents = [plain(token) for token in field.pointer.split("/")[1:-1] if not token.isdigit()]
    own = {stem(need.name), plain(need.name), plain(last_segment(need.prefix)), ""}
    own |= {singular(name) for name in own}
    return all(parent in ENVELOPES or {parent, singular(parent)} & own for parent in parents)


def by_name(fields: Iterable[Field]) -> dict[str, list[Field]]:
    found: dict[str, list[Field]] = defaultdict(list)
    for field in fields:
        found[plain(field.name)].append(field)
    return dict(found)


def is_listed(field: Field, listed: bool, operation: Operation) -> bool:
    """Whether a field is in a row (or not); some creators wrap the one resource in a list."""
    if listed or field.rows == 0:
        return (field.rows > 0) == listed
    first = field.pointer.split("/")[1]
    return operation.method == "POST" and (first == "0" or plain(first) in ENVELOPES)


def rank(need: Need, field: Field) -> int | None:
    if not fits(field, need):
        return None
    rank = 1 if field.name == "" else id_rank(need.name, field.name)
    numbered = field.types <= {"integer", "number"} and need.types == {"string"}
    if rank is not None and numbered and suffix(need.name) == "":
        # `{repo}` in a path is a word rather than a number.
        return rank + len(OWN_NAMES) + 5
    return rank


def fits(field: Field, need: Need) -> bool:
    """Whether the types and formats of a field and of a parameter are compatible."""
    if need.types and not (field.types & need.types or "string" in need.types):
        return False
    return not (field.format and need.format and field.format != need.format)


def order(operation: Operation, field: Field) -> tuple[int, int, int, int, str]:
    """The sort key of sources: POST before GET, objects before lists, shallow before deep."""
    method = {"POST": 0, "GET": 1}.get(operation.method, 2)
    depth = operation.path.count("{")
    return (method, field.rows, depth, field.pointer.count("/"), operation.id)


def headers(operation: Operation) -> set[str]:
    responses = (operation.response(status) for status in operation.success)
    return {name.title() for response in responses if response for name in response.headers}


def last_segment(path: str) -> str:
    """The last segment of a path that is not a variable; empty if all are variables."""
    segments = [segment for segment in path.split("/") if segment and "{" not in segment]
    return segments[-1] if segments else ""


def shared(one: str, other: str) -> int:
    """The number of leading segments that two paths share."""
    count = 0
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count


BODY, HEADER, SENT_BODY = "$response.body#", "$response.header.", "$request.body#"


@dataclass(frozen=True, slots=True)
class Link:
    """
    A parameter of one operation, and its source in the answer or request of another one.

    One of `pointer`, `header` and `sent` is the place of the source.
    """

    operation: str
    parameter: str
    location: str
    source: str
    name: str
    pointer: str = ""
    header: str = ""
    sent: str = ""


def links_of(contract: Contract) -> dict[tuple[str, str], list[Link]]:
    """The usable links by the operation and the place (`path/id`) that gets the value."""
    by_id = {o.operation_id: o for o in contract.operations.values() if o.operation_id}
    by_pointer = {o.pointer: o for o in contract.operations.values()}
    found: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for source in contract.operations.values():
        for name, link in _declared(source):
            target = by_id.get(str(link.get("operationId", "")))
            reference = str(link.get("operationRef", "")).partition("#")[2]
            target = target or by_pointer.get(reference)
            if target is not None and target is not source:
                for row in _rows(source, target, name, link):
                    found[row.operation, f"{row.location}/{row.parameter}"].append(row)
    return dict(found)


def _declared(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """The links of successes; a run does not follow the links of refusals."""
    for status, response in operation.responses.items():
        if status[0] in "23" or (status == "default" and not operation.documents_success):
            for name, link in response.links.items():
                if isinstance(link, dict):
                    yield name, link


def _rows(source: Operation, target: Operation, name: str, link: dict[str, Any]) -> Iterator[Link]:
    known = {p.name: p.location for p in target.parameters}
    for written, expression in (link.get("parameters") or {}).items():
        location, _, parameter = written.rpartition(".")
        if parameter not in known:
            location, parameter = "", written
        place = place_of(expression)
        if parameter in known and place:
            where = location or known[parameter]
            yield Link(target.id, parameter, where, source.id, name, **place)


def place_of(expression: Any) -> dict[str, str]:
    """The place that a runtime expression reads; empty for an unsupported expression."""
    text = str(expression)
    # Some tools write the expression in braces, as in a template.
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1]
    if text.startswith(BODY):
        return {"pointer": text.removeprefix(BODY)}
    if text.startswith(HEADER):
        return {"header": text.removeprefix(HEADER)}
    if text.startswith(SENT_BODY):
        return {"sent": "/body" + text.removeprefix(SENT_BODY)}
    for location in ("path", "query"):
        prefix = f"$request.{location}."
        if text.startswith(prefix):
            return {"sent": f"/{location}/{text.removeprefix(prefix)}"}
    return {}
