"""Findings: what an answer, or a request, has that the contract does not allow."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as Kind

from smoke.contract.events import EVENT_STREAM, event_data
from smoke.contract.pointers import join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smoke.contract.operations import Media, Operation, Response
    from smoke.contract.schemas import Schemas

FindingKind = Literal["behaviour", "shape", "format"]
MAX_MESSAGE = 200
MAX_FINDINGS = 200

BIG = 64 * 1024
"""Bytes of a body above which not every violation is listed: there may be millions."""

SOME = 20_000
"""Values of a big body in which violations are listed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of the contract; `pointer` is its place, `field` the same with `*` for indexes."""

    kind: FindingKind
    pointer: str
    message: str
    field: str = ""


def answer_findings(
    schemas: Schemas, operation: Operation, status: int, content_type: str | None, body: bytes
) -> list[Finding]:
    """All that is wrong with one answer."""
    response = operation.response(status)
    if response is None:
        documented = ", ".join(operation.responses) or "none"
        return [Finding("behaviour", "", f"Status {status} is not documented ({documented} are).")]
    if not response.content or operation.method == "HEAD" or status in {204, 205, 304}:
        return []
    media = match_media(response, content_type)
    if media is None:
        return [_undocumented(response, content_type, body)]
    return list(_body_findings(schemas, media, content_type or "", body))


def match_media(response: Response, content_type: str | None) -> Media | None:
    """The documented media type of an answer; the most specific wins, parameters do not count."""
    essence = essence_of(content_type or "")
    ranges = (essence, f"{essence.partition('/')[0]}/*", "*/*")
    known = {essence_of(name): media for name, media in response.content.items()}
    return next((known[name] for name in ranges if name in known), None)


def _undocumented(response: Response, content_type: str | None, body: bytes) -> Finding:
    allowed = ", ".join(response.content)
    if not body:
        return Finding("shape", "", f"The body is missing; {allowed} is documented.")
    return Finding("shape", "", f"Content type {content_type!r} is not documented ({allowed} is).")


def _body_findings(
    schemas: Schemas, media: Media, content_type: str, body: bytes
) -> Iterator[Finding]:
    essence = essence_of(content_type)
    if media.schema is None or media.schema == {}:
        return
    if essence == EVENT_STREAM:
        yield from _event_findings(schemas, media, body)
    elif is_json(essence):
        yield from _json_findings(schemas, media.pointer, body)
    elif essence.startswith("text/") and _is_text(media):
        text = body.decode("utf-8", "replace")
        yield from schema_findings(schemas.validator(media.pointer, "response"), text)


def essence_of(media_type: str) -> str:
    """A media type without its parameters (RFC 9110, 8.3.1), in lower case."""
    return media_type.partition(";")[0].strip().lower()


def is_json(essence: str) -> bool:
    """Whether a media type carries JSON (RFC 6839, 3.1)."""
    return essence.endswith(("/json", "+json"))


def _is_text(media: Media) -> bool:
    return isinstance(media.schema, dict) and media.schema.get("type") == "string"


def _json_findings(schemas: Schemas, pointer: str, body: bytes) -> Iterator[Finding]:
    if not body.strip():
        yield Finding("shape", "", "The body is missing.")
        return
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        yield Finding("shape", "", f"The body is not JSON: {str(error)[:MAX_MESSAGE]}.")
        return
    try:
        yield from _value_findings(schemas, pointer, value, big=len(body) > BIG)
    except (ValueError, RecursionError) as error:  # nested too deeply, or half a character
        yield Finding("shape", "", f"The body cannot be looked into: {str(error)[:MAX_MESSAGE]}.")


def _value_findings(schemas: Schemas, pointer: str, value: Any, *, big: bool) -> list[Finding]:
    validator = schemas.validator(pointer, "response")
    if not big or validator.is_valid(value):
        return schema_findings(validator, value)
    found = schema_findings(validator, _some(value, [SOME]))
    formless = schemas.validator(pointer, "response", formats=False)
    if formless.is_valid(value):
        return [f for f in found if f.kind == "format"] or _first(validator, value)
    return found if any(f.kind != "format" for f in found) else found + _first(formless, value)


def _some(value: Any, left: list[int]) -> Any:
    """The beginning of a value, of as many values as there are `left`."""
    if isinstance(value, dict):
        pairs = takewhile(lambda _: left[0] > 0, value.items())
        return {key: _some(inner, _counted(left)) for key, inner in pairs}
    if isinstance(value, list):
        items = takewhile(lambda _: left[0] > 0, value)
        return [_some(inner, _counted(left)) for inner in items]
    return value


def _counted(left: list[int]) -> list[int]:
    left[0] -= 1
    return left


def _first(validator: jsonschema_rs.Draft202012Validator, value: Any) -> list[Finding]:
    """The first violation alone."""
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return list(_unfold([error], ""))
    return []


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _event_findings(schemas: Schemas, media: Media, body: bytes) -> Iterator[Finding]:
    """The schema of a stream is that of one event; a plain string is the text of one."""
    if _is_text(media):
        return
    for index, data in enumerate(event_data(body)):
        if data == "[DONE]":
            continue
        for finding in _json_findings(schemas, media.pointer, data.encode()):
            here, field = f"/{index}{finding.pointer}", f"/*{finding.field}"
            yield Finding(finding.kind, here, finding.message, field)


def schema_findings(
    validator: jsonschema_rs.Draft202012Validator, value: Any, prefix: str = ""
) -> list[Finding]:
    """Every violation of a schema, not the first one only."""
    if validator.is_valid(value):
        return []
    found = dict.fromkeys(_unfold(validator.iter_errors(value), prefix))
    return list(found)[:MAX_FINDINGS]


def _unfold(errors: Iterable[jsonschema_rs.ValidationError], prefix: str) -> Iterator[Finding]:
    for error in errors:
        branch = _closest_branch(error)
        if branch is None:
            yield _finding(error, prefix)
        else:
            yield from _unfold(branch, prefix)


def _closest_branch(error: jsonschema_rs.ValidationError) -> list[Any] | None:
    """
    Of a failed `anyOf` the branch that was meant: one that fails by format only, else the one
    that failed deepest, else none.
    """
    kind = error.kind
    if not isinstance(kind, (Kind.AnyOf, Kind.OneOfNotValid)):
        return None
    depth = len(error.instance_path)
    best, best_score = None, (0, 0)
    for branch in kind.context:
        by_format = int(all(_only_format(item) for item in branch))
        deepest = max((len(item.instance_path) - depth for item in branch), default=0)
        if branch and (by_format, deepest) > best_score:
            best, best_score = branch, (by_format, deepest)
    return best


def _only_format(error: jsonschema_rs.ValidationError) -> bool:
    branch = _closest_branch(error)
    if branch is not None:
        return all(_only_format(item) for item in branch)
    return error.kind.name == "format"


def _finding(error: jsonschema_rs.ValidationError, prefix: str) -> Finding:
    kind: FindingKind = "format" if error.kind.name == "format" else "shape"
    message = error.message
    if error.kind.name == "falseSchema":
        message = "This field does not belong in this direction (readOnly or writeOnly)."
    if len(message) > MAX_MESSAGE:
        message = f"{message[: MAX_MESSAGE // 2]} … {message[-MAX_MESSAGE // 2 :]}"
    field = join(*("*" if isinstance(token, int) else token for token in error.instance_path))
    return Finding(kind, prefix + join(*error.instance_path), message, prefix + field)
