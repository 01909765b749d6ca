"""
Lessons: rules that a recorded run suggests, each with its evidence, for a person to review.

There are three kinds:

- an operation answered with a success that the contract does not document: its status;
- a refusal of the plan's request names fields, as validation errors do: those fields, with the id
  of what the run made where a field has the name of a resource;
- a check saw an operation succeed for which the plan has no working request: the check's values.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from smoke.contract import Contract, Operation
from smoke.contract.operation_id import OperationId
from smoke.contract.pointers import at
from smoke.documents import plain_json
from smoke.plan import Plan
from smoke.plan.build.bodies import properties
from smoke.plan.build.naming import plain, singular, stem
from smoke.plan.build.sources import last_segment
from smoke.results.record import Line

# The statuses of a request that the service could not accept as it was.
REFUSED = (400, 422)
# A value that the record masks.
MASKED = re.compile(r"\$SMOKE_\w+")
# Short values such as 1 are everywhere: only its place shows that one is an id.
UNKNOWN = "…"


@dataclass(frozen=True)
class Lesson:
    """A suggested rule of one operation: its `evidence` in a sentence, and the keys of the rule."""

    operation: str
    evidence: str
    rule: Mapping[str, Any] = field(default_factory=dict)
    samples: Mapping[str, Any] = field(default_factory=dict)


def lessons(contract: Contract, plan: Plan, exchanges: Iterable[Line]) -> list[Lesson]:
    """The rules that the exchanges of a record suggest, in the order of the plan."""
    sent = [line for line in exchanges if line["operation"] in contract.operations]
    made = _made(plan, sent)
    found: list[Lesson] = []
    for entry in plan.entries:
        mine = [line for line in sent if line["operation"] == entry.operation]
        own = [line for line in mine if line["check"] == entry.name]
        operation = contract.operations.get(entry.operation)
        if operation is None or entry.is_extra or any(_succeeded(one, entry.expect) for one in own):
            continue
        others = [line for line in mine if line not in own and _succeeded(line, entry.expect)]
        found += _statuses(operation, own)
        found += _fields(contract, operation, own, made)
        found += _requests(operation, others[:1], made, undecided=bool(entry.problem))
    return found


def _succeeded(line: Line, expected: tuple[int, ...]) -> bool:
    return line["status"] in expected


def _made(plan: Plan, sent: list[Line]) -> dict[str, tuple[dict[str, str], Any]]:
    """The things that the run made, by noun: the place of the id, and the id."""
    found: dict[str, tuple[dict[str, str], Any]] = {}
    for line in sent:
        pointer = plan.creates.get(line["operation"])
        value = at(_json(line["response_body"]), pointer) if pointer else None
        if value is not None and 200 <= (line["status"] or 0) < 300:
            noun = singular(plain(last_segment(OperationId(line["operation"]).path)))
            found.setdefault(noun, ({"from": line["operation"], "pointer": pointer or ""}, value))
    return found


def _statuses(operation: Operation, own: list[Line]) -> Iterator[Lesson]:
    for line in own[:1]:
        status = line["status"] or 0
        if 200 <= status < 300 and status not in operation.success:
            evidence = f"it answered {status}; the contract has {_listed(operation.success)}"
            yield Lesson(operation.id, evidence, {"expect": [status]})


def _fields(
    contract: Contract, operation: Operation, own: list[Line], made: Mapping[str, Any]
) -> Iterator[Lesson]:
    """The fields that a refusal names."""
    for line in own[:1]:
        if line["status"] not in REFUSED:
            continue
        known = _known(contract, operation)
        names = dict.fromkeys(_named(_json(line["response_body"]), known))
        makers = {name: made.get(singular(stem(name) or plain(name))) for name in names}
        samples = {name: maker[0] for name, maker in makers.items() if maker is not None}
        rule: dict[str, dict[str, str]] = {}
        for name in (name for name in names if name not in samples):
            rule.setdefault(known[name], {})[name] = UNKNOWN
        if names:
            evidence = f"it answered {line['status']} and names {', '.join(map(repr, names))}"
            yield Lesson(operation.id, evidence, rule, samples)


def _known(contract: Contract, operation: Operation) -> dict[str, str]:
    """The fields of a request and the key of a rule that sets each: `query` or `body`."""
    found = {p.name: "query" for p in operation.parameters if p.location == "query"}
    for media in operation.request_bodies.values():
        if media.pointer:
            schema = contract.schemas.at(media.pointer, "request")
            view = contract.schemas.view("request")
            found |= dict.fromkeys(properties(schema, view), "body")
    return found


def _named(answer: Any, known: Mapping[str, str], *, inside: bool = False) -> Iterator[str]:
    """The fields in the words of a validation error: as keys, names, or ends of pointers."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            # A plain text under `id` or `title` belongs to the error itself (RFC 9457).
            if key in known and value and (inside or isinstance(value, (list, dict))):
                yield key
            yield from _named(value, known, inside=True)
    elif isinstance(answer, list):
        for item in answer:
            yield from _named(item, known, inside=inside)
    elif isinstance(answer, str):
        last = re.split(r"[/.]", answer)[-1]
        if last in known and (answer == last or len(answer.split()) == 1):
            yield last


def _requests(
    operation: Operation, others: list[Line], made: Mapping[str, Any], *, undecided: bool
) -> Iterator[Lesson]:
    """The values of a request that succeeded."""
    ids = {str(value): source for source, value in made.values()}
    for line in others:
        url = urlsplit(line["url"])
        values = {
            "path": _path(operation.path, url.path),
            "query": dict(parse_qsl(url.query)),
            "body": _json(line["request_body"]),
        }
        rule = {key: _linked(value, ids) for key, value in values.items() if value}
        if undecided and not operation.safe:
            rule["send"] = True
        if rule:
            yield Lesson(operation.id, f"{line['check']} saw it succeed", rule)


def _path(template: str, path: str) -> dict[str, str]:
    """The values of a template in a path; the base URL may have segments before it."""
    names = re.findall(r"{([^}]+)}", template)
    pattern = re.sub(r"\\{[^}]+\\}", "([^/]+)", re.escape(template))
    found = re.search(f"{pattern}$", path)
    return dict(zip(names, found.groups(), strict=True)) if found else {}


def _linked(value: Any, ids: Mapping[str, Any]) -> Any:
    """A value with the ids of this run as references to where they came from."""
    if isinstance(value, dict):
        return {key: _linked(member, ids) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_linked(item, ids) for item in value]
    if isinstance(value, str) and MASKED.search(value):
        return UNKNOWN
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return ids.get(str(value), value)
    return value


def _json(text: Any) -> Any:
    return plain_json(text) if isinstance(text, str) else text


def _listed(statuses: Iterable[int]) -> str:
    return " or ".join(map(str, statuses)) or "no success"
