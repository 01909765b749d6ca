"""Validate answers against the contract: status, headers, and bodies of every known kind."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers import expat

from smoke.contract.events import event_data
from smoke.contract.findings import MAX_MESSAGE, Finding, text_findings, value_findings
from smoke.contract.media import kind_of, match_media
from smoke.contract.operations import Header, Media, Operation, Response
from smoke.contract.pointers import follow
from smoke.contract.schemas import Schemas
from smoke.documents import TextError, parse_yaml

# The size in bytes above which a body's findings are only sampled.
BIG = 64 * 1024

# Statuses whose answers have no body (RFC 9110, 15).
BODILESS = frozenset({204, 205, 304})

RECORD_SEPARATOR = b"\x1e"
# The most items of one streamed body that are validated.
MOST_ITEMS = 100_000


def answer_findings(
    schemas: "Schemas",
    operation: "Operation",
    status: int,
    content_type: str | None,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    whole: bool = True,
) -> list[Finding]:
    """
    All findings of one answer.

    Headers are only validated when given. An answer that is not `whole` was truncated by its
    reader, so its last item may be incomplete.
    """
    response = operation.response(status)
    if response is None:
        documented = ", ".join(operation.responses) or "none"
        return [Finding("behaviour", "", f"Status {status} is not documented ({documented} are).")]
    found = [] if headers is None else list(_header_findings(schemas, response, headers))
    if not response.content or operation.method == "HEAD" or status in BODILESS:
        return found
    media = match_media(response.content, content_type)
    if media is None:
        return [*found, _undocumented(response, content_type, body)]
    return [*found, *_body_findings(schemas, media, content_type or "", body, whole)]


def _header_findings(
    schemas: "Schemas", response: "Response", headers: Mapping[str, str]
) -> Iterator[Finding]:
    given = {name.lower(): value for name, value in headers.items()}
    for header in response.headers.values():
        place = f"/header/{header.name}"
        # The content type is checked with the body (OpenAPI 3.1.0, 4.8.17).
        if header.name.lower() == "content-type":
            continue
        if header.name.lower() not in given:
            if header.required:
                message = f"The header {header.name!r} is missing; it is documented as required."
                yield Finding("shape", place, message, place)
        elif header.pointer:
            yield from _header_value(schemas, header, given[header.name.lower()], place)


def _header_value(schemas: "Schemas", header: "Header", text: str, place: str) -> list[Finding]:
    schema = _resolved(schemas, header.pointer)
    if schema.get("type") == "object" or "properties" in schema:
        # Too many notations of objects in headers exist to parse them reliably.
        return []
    return text_findings(schemas.validator(header.pointer, "response"), text, place)


def _resolved(schemas: "Schemas", pointer: str) -> dict[str, Any]:
    """The schema at a pointer, references followed."""
    schema = follow(schemas.view("response"), schemas.at(pointer, "response"))
    return schema if isinstance(schema, dict) else {}


def _undocumented(response: "Response", content_type: str | None, body: bytes) -> Finding:
    allowed = ", ".join(response.content)
    if not body:
        return Finding("shape", "", f"The body is missing; {allowed} is documented.")
    return Finding("shape", "", f"Content type {content_type!r} is not documented ({allowed} is).")


def _body_findings(
    schemas: "Schemas", media: "Media", content_type: str, body: bytes, whole: bool
) -> Iterator[Finding]:
    kind = kind_of(content_type)
    if kind == "json":
        yield from _json_findings(schemas, media.pointer, body)
    elif kind == "events":
        yield from _event_findings(schemas, media, body)
    elif kind in {"lines", "sequence"}:
        mark = b"\n" if kind == "lines" else RECORD_SEPARATOR
        yield from _item_findings(schemas, media, body, mark, whole)
    elif kind == "yaml":
        yield from _yaml_findings(schemas, media.pointer, body)
    elif kind == "xml" and whole:
        yield from _xml_findings(body)
    elif kind == "text" and media.pointer:
        text = body.decode("utf-8", "replace")
        yield from text_findings(schemas.validator(media.pointer, "response"), text)


def _json_findings(schemas: "Schemas", pointer: str, body: bytes) -> Iterator[Finding]:
    if not body.strip():
        yield Finding("shape", "", "The body is missing.")
        return
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        yield Finding("shape", "", f"The body is not JSON: {str(error)[:MAX_MESSAGE]}.")
        return
    if not pointer:
        return
    try:
        yield from value_findings(schemas, pointer, value, big=len(body) > BIG)
    except (ValueError, RecursionError) as error:
        # The validator refuses values that nest too deeply, and unpaired surrogates.
        yield Finding("shape", "", f"The body cannot be validated: {str(error)[:MAX_MESSAGE]}.")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _event_findings(schemas: "Schemas", media: "Media", body: bytes) -> Iterator[Finding]:
    """
    Validate the data of each event.

    A plain string schema describes the raw text of the stream (FastAPI), so it is skipped.
    """
    schema = _resolved(schemas, media.pointer) if media.pointer else {}
    if not schema or schema.get("type") == "string" or "data" in schema.get("properties", {}):
        # OpenAPI 3.2 may describe the event itself, of which `data` is one field.
        return
    items = [data.encode() for data in event_data(body) if data != "[DONE]"]
    yield from _each(schemas, media.pointer, items)


def _item_findings(
    schemas: "Schemas", media: "Media", body: bytes, mark: bytes, whole: bool
) -> Iterator[Finding]:
    """Each line or record is JSON; an array schema describes all of them, any other schema one."""
    # The reader may have cut the stream inside its last item.
    *items, last = body.split(mark)
    if whole:
        items.append(last)
    items = [item for item in items if item.strip()][:MOST_ITEMS]
    listed = bool(media.pointer) and not media.per_item
    if listed and _resolved(schemas, media.pointer).get("type") == "array":
        # Each item must be JSON before the items together can be validated as one array.
        found = list(_each(schemas, "", items))
        joined = b"[" + b",".join(items) + b"]"
        yield from found or _json_findings(schemas, media.pointer, joined)
    else:
        yield from _each(schemas, media.pointer, items)


def _each(schemas: "Schemas", pointer: str, items: list[bytes]) -> Iterator[Finding]:
    for index, item in enumerate(items):
        for finding in _json_findings(schemas, pointer, item):
            here, field = f"/{index}{finding.pointer}", f"/*{finding.field}"
            yield Finding(finding.kind, here, finding.message, field)


def _yaml_findings(schemas: "Schemas", pointer: str, body: bytes) -> Iterator[Finding]:
    try:
        text = body.decode("utf-8-sig")
        value = parse_yaml(text)
    except (TextError, UnicodeDecodeError) as error:
        yield Finding("shape", "", f"The body is not YAML: {str(error)[:MAX_MESSAGE]}.")
        return
    if pointer and _resolved(schemas, pointer).get("type") == "string":
        # The schema describes the file as one text, not the values in it.
        yield from text_findings(schemas.validator(pointer, "response"), text)
    elif pointer:
        yield from value_findings(schemas, pointer, value, big=len(body) > BIG)


def _xml_findings(body: bytes) -> Iterator[Finding]:
    """XML is only checked for being well-formed: OpenAPI schemas give mere hints about XML."""
    if not body.strip():
        yield Finding("shape", "", "The body is missing.")
        return
    try:
        expat.ParserCreate().Parse(body, True)
    except expat.ExpatError as error:
        yield Finding("shape", "", f"The body is not XML: {error}.")
