"""
Wire: values as they are written into paths, queries, headers and bodies.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smoke.contract.findings import essence_of, is_json
from smoke.plan.values import file_bytes, mark_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smoke.contract import Parameter

File = tuple[str | None, bytes, str | None]


@dataclass(frozen=True, slots=True)
class Body:
    """
    A body in the form a client takes it: JSON, a form, the parts of a multipart form, or bytes.

    `media_type` must be sent as Content-Type where it is set; forms set their own.
    """

    value: Any = None
    has_json: bool = False
    form: Mapping[str, Any] | None = None
    files: Mapping[str, File] | None = None
    content: bytes | None = None
    media_type: str | None = None


def wire_body(media_type: str, value: Any) -> Body:
    """
    A value in a media type.
    """
    essence = essence_of(media_type)
    if mark_of(value) == "$file":
        kind = "application/octet-stream" if "*" in media_type else media_type
        return Body(content=file_bytes(value), media_type=kind)
    if is_json(essence):
        if essence == "application/json" and value is not None:
            return Body(value=value, has_json=True)
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return Body(value=value, content=text.encode(), media_type=media_type)
    if essence == "application/x-www-form-urlencoded":
        return Body(value=value, form=_form(value))
    if essence.startswith("multipart/"):
        return Body(value=value, files=_parts(value))
    return Body(value=value, content=text_of(value).encode(), media_type=media_type)


def _form(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, member in (value if isinstance(value, dict) else {}).items():
        if isinstance(member, list):
            found[name] = [text_of(item) for item in member]
        elif member is not None:
            found[name] = text_of(member)
    return found


def _parts(value: Any) -> dict[str, File]:
    found: dict[str, File] = {}
    for name, member in (value if isinstance(value, dict) else {}).items():
        first = member[0] if isinstance(member, list) and member else member
        if mark_of(first) == "$file":
            content = first["$file"]
            found[name] = (content["name"], file_bytes(first), content["type"] or None)
        elif first is not None:
            kind = "application/json" if isinstance(first, (dict, list)) else None
            found[name] = (None, text_of(first).encode(), kind)
    return found


def text_of(value: Any) -> str:
    """A single value as text: booleans and null as JSON writes them, tables as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, dict)) or value is None:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, (list, tuple)):
        return ",".join(text_of(item) for item in value)
    return str(value)


def query_values(parameter: Parameter, value: Any) -> dict[str, Any]:
    """
    A query parameter as names and values, in the style the contract asks for.

    A list is a repeated name.
    """
    name = parameter.name
    if parameter.media_type is not None:
        return {name: json.dumps(value, ensure_ascii=False, separators=(",", ":"))}
    if mark_of(value):
        return {name: value}
    if isinstance(value, dict):
        return _object(parameter, value)
    if isinstance(value, list):
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


def header_value(parameter: Parameter, value: Any) -> Any:
    """
    A header parameter as it is written: an object in the `simple` style, or as JSON.
    """
    if mark_of(value) or not isinstance(value, dict):
        return value
    if parameter.media_type is not None:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
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
