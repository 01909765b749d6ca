"""
Values in a plan: JSON literals, and tables with a `$` key that the run turns into a value.

- `{"$from": "world.NAME"}`, `"env.NAME"`, `"actor.NAME.FIELD"`, `"run.FIELD"`: known values;
- `{"$from": ENTRY, "pointer": "/…"}`: a value in an entry's answer; `"header": NAME` takes a header
  of it (`"segment": true` only the last path segment), `"sent": "/…"` a value of the request;
  `"owned": true` means that the run created the named resource; `"or": [...]` lists substitutes
  if the first source has no value;
- `"keep": [NAME, …]` takes only these fields of an object, to write back a resource unchanged;
- a `*` in a pointer is the first item of a list; `"where": {FIELD: VALUE}` says which;
- `{"$unique": PREFIX, "suffix": …, "as": …, "label": …}`: a value only this run has;
- `{"$text": [...]}`: its parts, joined; `{"$totp": SECRET}`: the one-time code of a secret;
- `{"$part": VALUE, "type": …}`: a part of a form in a media type of its own;
- `{"$file": {"name": …, "type": …, "text": … | "base64": …}}`: the bytes of a file.
"""

import base64
import hashlib
import hmac
import struct
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smoke.config.rules.values import (
    ACTOR_FIELDS,
    PLACEHOLDER,
    is_from,
    is_text,
    is_totp,
    is_unique,
)
from smoke.contract.operation_id import whole
from smoke.contract.pointers import lookup, split

if TYPE_CHECKING:
    from smoke.plan.wire import FilledRequest


MARKS = ("$from", "$unique", "$text", "$totp", "$file", "$part")
STANDIN_RUN = "00000000"


def mark_of(value: Any) -> str:
    """Which of the special tables a value is; empty for a literal."""
    if isinstance(value, dict):
        return next((mark for mark in MARKS if mark in value), "")
    return ""


def from_rule(value: Any, label: str) -> Any:
    """A rule's value in the notation of a plan; `label` distinguishes unnamed unique values."""
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, list):
        return [from_rule(item, f"{label}/{index}") for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if is_from(value):
        found = {"$from" if key == "from" else key: member for key, member in value.items()}
        return found | {"where": from_rule(value["where"], label)} if "where" in value else found
    if is_unique(value):
        return _unique(value, label)
    if is_totp(value):
        return {"$totp": from_rule(value["totp"], label)}
    if is_text(value):
        return {"$text": from_rule(value["text"], label)}
    return {key: from_rule(member, f"{label}/{key}") for key, member in value.items()}


def _unique(value: Mapping[str, Any], label: str) -> dict[str, Any]:
    """A prefix identifies a unique value; without one, its place does."""
    made = {"$unique" if key == "unique" else key: member for key, member in value.items()}
    return made if value["unique"] else made | {"label": label}


def _from_text(text: str) -> Any:
    parts: list[Any] = []
    end = 0
    for found in PLACEHOLDER.finditer(text):
        parts.append(text[end : found.start()])
        parts.append(_known(found[1], found[2] or "") if found[1] else found[0][0])
        end = found.end()
    parts.append(text[end:])
    parts = _joined([part for part in parts if part != ""])
    if not parts:
        return ""
    return parts[0] if len(parts) == 1 else {"$text": parts}


def _known(name: str, argument: str) -> dict[str, Any]:
    if name in ("world", "env"):
        return {"$from": f"{name}.{argument}"}
    if name in ACTOR_FIELDS:
        return {"$from": f"actor.{argument}.{name}"}
    return {"$from": "run.id" if name == "run" else f"run.{name}"}


def _joined(parts: list[Any]) -> list[Any]:
    """The parts with neighbouring texts joined."""
    found: list[Any] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return found


def references(value: Any) -> Iterator[dict[str, Any]]:
    """Every `$from` inside a value, alternatives included."""
    if isinstance(value, dict):
        if "$from" in value:
            yield value
        for member in value.values():
            yield from references(member)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from references(item)


def primary(value: Any) -> Iterator[dict[str, Any]]:
    """Every `$from` inside a value, without its substitutes."""
    if isinstance(value, dict):
        if "$from" in value:
            yield value
            return
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from primary(item)


def identity(reference: Mapping[str, Any]) -> tuple[str, str]:
    """The source and place of a reference, without its other fields."""
    place = reference.get("pointer") or reference.get("header") or reference.get("sent") or ""
    return (str(reference["$from"]), f"{place} {reference.get('where', '')}".strip())


def thing(reference: Mapping[str, Any]) -> tuple[str, str]:
    """
    The source of a reference, and where in its answer the object lies that the value belongs to.

    `/id` and `/name` of one answer name the same thing, `/items/0/id` another.
    """
    source, place = identity(reference)
    return source, place.split(" ")[0].rpartition("/")[0]


def is_entry(reference: Mapping[str, Any]) -> bool:
    """Whether a reference names the answer of an entry, not a known value of the run."""
    return bool({"pointer", "header", "sent"} & set(reference))


def unique_text(value: Mapping[str, Any], run: str) -> Any:
    """A value unique to this run: the same for the same label and run, on every machine."""
    label = value.get("label") or value["$unique"]
    seed = hashlib.sha256(f"{run}\0{label}".encode()).digest()
    kind = value.get("as", "text")
    if kind == "uuid":
        return str(uuid.UUID(bytes=seed[:16], version=4))
    # A private network (RFC 1918): the address reaches no host of strangers.
    if kind == "ipv4":
        return f"10.{seed[0]}.{seed[1]}.{seed[2] % 254 + 1}"
    if kind == "digits":
        core = str(int.from_bytes(seed[:8], "big") % 10**12).zfill(12)
    elif kind == "hex":
        core = seed.hex()[:32]
    elif kind == "word":
        core = f"{run}_{seed.hex()[:4]}"
    else:
        core = f"{run}-{seed.hex()[:4]}"
    return f"{value['$unique']}{core}{value.get('suffix', '')}"


def file_bytes(value: Mapping[str, Any]) -> bytes:
    """The bytes of a `$file`."""
    content = value["$file"]
    if "base64" in content:
        return base64.b64decode(content["base64"])
    return str(content.get("text", "")).encode()


def totp(secret: str, at_s: float, digits: int = 6, step_s: int = 30) -> str:
    """
    The time-based one-time code of a base32 secret (RFC 6238, SHA-1) at a Unix time.

    Raises:
        ValueError: the secret is not base32.
    """
    key = base64.b32decode(secret.replace(" ", "").upper() + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(at_s) // step_s), hashlib.sha1).digest()
    offset = mac[-1] & 15
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


# No value; null is one.
NOTHING = object()


def pick(json: Any, pointer: str, where: Mapping[str, Any]) -> Any:
    """
    The value at a pointer; a `*` in it is the first list item with the fields of `where`.

    `NOTHING` if the answer has no such place; null is a value.
    """
    try:
        found = _picked(json, split(pointer), where)
    except LookupError:
        return NOTHING
    return whole(found)


def _picked(json: Any, tokens: list[str], where: Mapping[str, Any]) -> Any:
    if "*" not in tokens:
        return lookup(json, tokens)
    # Only the first row that matches counts: a missing field there is not looked for further on.
    star = tokens.index("*")
    rows = lookup(json, tokens[:star])
    for row in rows if isinstance(rows, list) else ():
        if all(isinstance(row, dict) and row.get(k) == v for k, v in where.items()):
            return _picked(row, tokens[star + 1 :], {})
    raise LookupError(where)


def last_of(url: str) -> str:
    """The last path segment of a URL, such as that of a Location header (RFC 9110, 10.2.2)."""
    return url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON and the headers (names in lower case) of an answer, and its request."""

    json: Any
    headers: Mapping[str, str]
    request: "FilledRequest | None"

    def value(self, reference: Mapping[str, Any], pointer: str, where: Mapping[str, Any]) -> Any:
        """The value that a reference names, with its pointer filled; NOTHING if it is absent."""
        if "header" in reference:
            text = self.headers.get(str(reference["header"]).lower())
            return NOTHING if not text else last_of(text) if reference.get("segment") else text
        if "sent" in reference:
            return pick(self._sent(), str(reference["sent"]), {})
        found = pick(self.json, pointer, where)
        if "keep" in reference and isinstance(found, dict):
            return {name: found[name] for name in reference["keep"] if name in found}
        if reference.get("segment") and isinstance(found, str):
            return last_of(found) or NOTHING
        return found

    def _sent(self) -> Any:
        request = self.request
        if request is None:
            return None
        return {
            "path": dict(request.path),
            "query": dict(request.query),
            "headers": dict(request.headers),
            "body": request.body.value,
        }
