"""Links in the contract (OpenAPI 3.1.0, 4.8.20): values of an answer for another request."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from smoke.contract import Contract, Operation

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
