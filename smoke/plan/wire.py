"""Wire: whole requests, and the notation of values in paths, queries, headers and bodies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smoke.contract.events import Bounds
from smoke.contract.media import essence_of, kind_of
from smoke.contract.operation_id import OperationId, id_text
from smoke.contract.operations import Parameter
from smoke.documents.json import compact_json
from smoke.plan.model import Entry
from smoke.plan.values import file_bytes, mark_of, pick

File = tuple[str | None, bytes, str | None]


@dataclass(frozen=True, slots=True)
class Body:
    """
    A body as the HTTP client expects it: JSON, a form, the parts of a multipart form, or bytes.

    If `media_type` is set, it must be sent as Content-Type; forms set their own.
    """

    value: Any = None
    has_json: bool = False
    form: Mapping[str, Any] | None = None
    files: tuple[tuple[str, File], ...] | None = None
    content: bytes | None = None
    media_type: str | None = None


def wire_body(media_type: str, value: Any) -> Body:
    """A value in a media type."""
    kind = kind_of(media_type)
    if mark_of(value) == "$file":
        sent_as = "application/octet-stream" if "*" in media_type else media_type
        return Body(content=file_bytes(value), media_type=sent_as)
    # A range such as */* cannot be sent as a Content-Type.
    media_type = "application/json" if "*" in media_type else media_type
    if essence_of(media_type) == "application/json" and value is not None:
        return Body(value=value, has_json=True)
    if kind == "form":
        return Body(value=value, form=_form(value))
    if kind == "parts":
        return Body(value=value, files=tuple(_parts(value)))
    if kind in {"lines", "sequence"}:
        # Each item of a JSON sequence begins with a record separator (RFC 7464, 2.2).
        mark = "" if kind == "lines" else "\x1e"
        items = value if isinstance(value, list) else [value]
        text = "".join(f"{mark}{compact_json(item)}\n" for item in items)
    else:
        # YAML bodies are sent as JSON, which is valid YAML (YAML 1.2.2, 1.3).
        text = compact_json(value) if kind in {"json", "yaml"} else text_of(value)
    return Body(value=value, content=text.encode(), media_type=media_type)


def _form(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, member in (value if isinstance(value, dict) else {}).items():
        if isinstance(member, list):
            found[name] = [text_of(item) for item in member]
        elif member is not None:
            found[name] = text_of(member)
    return found


def _parts(value: Any) -> Iterator[tuple[str, File]]:
    """The parts of a form; a list has one for each item (OpenAPI 3.1.0, 4.8.14.4)."""
    for name, member in (value if isinstance(value, dict) else {}).items():
        for item in member if isinstance(member, list) else [member]:
            if item is not None:
                yield name, _part(item)


def _part(item: Any) -> File:
    if mark_of(item) == "$file":
        return (item["$file"]["name"], file_bytes(item), item["$file"]["type"] or None)
    if mark_of(item) == "$part":
        as_json = kind_of(item["type"]) in {"json", "yaml"}
        text = compact_json(item["$part"]) if as_json else text_of(item["$part"])
        return (None, text.encode(), item["type"])
    kind = "application/json" if isinstance(item, (dict, list)) else None
    return (None, text_of(item).encode(), kind)


def text_of(value: Any) -> str:
    """A value as text, as an id is written; a list has commas between its items."""
    if isinstance(value, (list, tuple)):
        return ",".join(text_of(item) for item in value)
    return id_text(value)


def query_values(parameter: Parameter, value: Any) -> dict[str, Any]:
    """
    A query parameter as names and values, in the style of the contract.

    A list is a repeated name.
    """
    name = parameter.name
    if parameter.media_type is not None:
        return {name: compact_json(value)}
    if mark_of(value):
        return {name: value}
    if isinstance(value, dict):
        return _object(parameter, value)
    if isinstance(value, list):
        # The client repeats the name for each item of a list.
        if parameter.explode:
            return {name: value}
        mark = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(parameter.style, ",")
        return {name: joined(value, mark)}
    return {name: value}


def _object(parameter: Parameter, value: Mapping[str, Any]) -> dict[str, Any]:
    if parameter.style == "deepObject":
        return {f"{parameter.name}[{key}]": member for key, member in value.items()}
    if parameter.explode:
        return dict(value)
    return {parameter.name: joined([part for pair in value.items() for part in pair], ",")}


def form_field(name: str, value: Any, encoding: Mapping[str, Any]) -> dict[str, Any]:
    """
    A field of a URL-encoded form in its style; without one, an object is JSON and a list repeats.
    """
    if not {"style", "explode"} & set(encoding) or mark_of(value):
        return {name: value}
    style = str(encoding.get("style", "form"))
    explode = bool(encoding.get("explode", style == "form"))
    return query_values(Parameter(name, "query", True, {}, "", (), style, explode), value)


def part(value: Any, encoding: Mapping[str, Any]) -> Any:
    """A field of a multipart form in the media type that its encoding names."""
    kind = str(encoding.get("contentType", "")).partition(",")[0].strip()
    first = value[0] if isinstance(value, list) and value else value
    usual = "application/json" if isinstance(first, dict) else "text/plain"
    if not kind or "*" in kind or kind == usual or mark_of(first) == "$file":
        return value
    if isinstance(value, list) and kind_of(kind) != "json":
        return [{"$part": item, "type": kind} for item in value]
    return {"$part": value, "type": kind}


def header_value(parameter: Parameter, value: Any) -> Any:
    """A header parameter as it is written: an object in the `simple` style, or as JSON."""
    if mark_of(value) or not isinstance(value, dict):
        return value
    if parameter.media_type is not None:
        return compact_json(value)
    return joined(_pairs(parameter, value), ",")


def path_value(parameter: Parameter, value: Any) -> Any:
    """
    A path parameter as it is written (OpenAPI 3.1.0, 4.8.12.4), not percent-encoded.

    The style `matrix` is left to a person: its signs would be encoded like those of a value.
    """
    several = isinstance(value, (dict, list)) and not mark_of(value)
    parts = [value]
    if isinstance(value, dict) and several:
        parts = _pairs(parameter, value)
    elif isinstance(value, list):
        parts = value
    if parameter.style == "label":
        mark = "." if parameter.explode else ","
        return joined(["", joined(parts, mark)], ".")
    return joined(parts, ",") if isinstance(value, dict) and several else value


def _pairs(parameter: Parameter, value: Mapping[str, Any]) -> list[Any]:
    """The members of an object as the parts of a list."""
    if parameter.explode:
        return [joined([name, member], "=") for name, member in value.items()]
    return [part for pair in value.items() for part in pair]


def joined(parts: list[Any], mark: str) -> Any:
    """Parts with a mark between them; a `$text` where one of them is only known in the run."""
    if not any(mark_of(part) for part in parts):
        return mark.join(text_of(part) for part in parts)
    mixed = [piece for part in parts for piece in (mark, part)][1:]
    return {"$text": mixed}


@dataclass(frozen=True, slots=True)
class Blocked:
    """An entry that cannot be sent; `by` names the missing entry or known value."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class FilledRequest:
    """
    A request with all its values, ready to send; at most one of `body`'s parts is set.

    `secrets` are its values that must be masked. `owned` means that this run created the resource
    that its path names.
    """

    entry: str
    operation: str
    actor: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: "Body"
    stream: Bounds | None = None
    secrets: tuple[str, ...] = ()
    owned: bool = False

    @property
    def target(self) -> str:
        """The path template with its values, for comparing; not percent-encoded."""
        return OperationId(self.operation).shown(self.path)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Bytes to send to a URL of an answer; such URLs are signed, so no credentials are sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes


def follow_up(entry: "Entry", json: Any) -> FollowUp | None:
    """The follow-up request of an entry; None if it has none, or if the answer has no HTTP URL."""
    then = entry.then
    if then is None:
        return None
    url = pick(json, then.url, {})
    method = pick(json, then.method, {}) if then.method else "PUT"
    headers = pick(json, then.headers, {}) if then.headers else {}
    # Safety: an answer must not make the run open a file or another protocol.
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return None
    named = {str(k): text_of(v) for k, v in headers.items()} if isinstance(headers, dict) else {}
    text = method if isinstance(method, str) else "PUT"
    return FollowUp(text, url, named, then.text.encode())
