"""A service that answers with everything that breaks readers, terminals and reports."""

import asyncio
import gzip
import json
from collections.abc import Callable
from typing import Any

from tests.loopback import Heard

Answer = bytes | Callable[[asyncio.StreamWriter], Any]

ESCAPES = "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil.example\x07\x9b31m\x08\x08\r\x7f\u202eowned"
"""What a terminal obeys: it clears the screen, sets the title, links, colours, goes back."""

PAGE = "</script><script>window.owned=1</script><img src=x onerror=owned()>]]>--><!--{{7*7}}${7*7}"
MARKS = (
    "| a | b |\n\n# owned\n\n```\n[x](javascript:owned()) @everyone <details> &lt; ![i](http://e)"
)
COMMANDS = "\n::error::owned\n::stop-commands::x\r\n::set-output name=a::b%0A::warning::owned%25"
MARKUP = "[bold red]owned[/] [/] [link=http://evil.example]x [/not opened] \\[x]"
LINES = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\ufeffh\ufffei\uffffj\u0000k"
TEXTS = {
    "escapes": ESCAPES, "page": PAGE, "marks": MARKS, "commands": COMMANDS, "markup": MARKUP,
    "lines": LINES, "halves": "\ud800\udfff \udc80", "long": "owned " * 20_000,
    "template": "%s %(x)s {0} {name} %n %d", "quotes": "'\"`$(owned)`\\';\n|& owned",
}  # fmt: skip
"""Texts that a service may put wherever it puts text, by what they are made for."""


def reply(body: bytes, status: bytes = b"200 OK", *headers: bytes, media: bytes = b"") -> bytes:
    """A whole answer as it goes over the wire."""
    rows = [b"Content-Type: " + (media or b"application/json"), *headers]
    if not any(row.lower().startswith((b"content-length", b"transfer-encoding")) for row in rows):
        rows.append(b"Content-Length: %d" % len(body))
    return b"HTTP/1.1 " + status + b"\r\n" + b"\r\n".join(rows) + b"\r\n\r\n" + body


def thing(**members: Any) -> bytes:
    """A thing as the contract has it, but for what it says."""
    return json.dumps({"id": "7", "name": "thing", **members}).encode()


def nested(depth: int, opening: bytes, closing: bytes) -> bytes:
    """Something in itself, many times."""
    return opening * depth + b"1" + closing * depth


async def _line_without_end(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ")
    while not writer.is_closing():
        writer.write(b"x" * 65536)
        await writer.drain()


async def _informed_for_ever(writer: asyncio.StreamWriter) -> None:
    for _ in range(10_000):
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        await writer.drain()


GOOD = thing()
ANSWERS: dict[str, Answer] = {
    **{f"text-{name}": reply(thing(name=text)) for name, text in TEXTS.items()},
    **{f"key-{name}": reply(json.dumps({text: {text: 1}}).encode())
       for name, text in TEXTS.items()},
    **{f"error-{name}": reply(json.dumps({"error": text}).encode(), b"500 Broken")
       for name, text in TEXTS.items()},
    **{f"plain-{name}": reply(text.encode("utf-8", "surrogatepass"), b"418 Teapot",
                              media=b"text/plain") for name, text in TEXTS.items()},
    "deep-list": reply(nested(100_000, b"[", b"]")),
    "deep-object": reply(nested(100_000, b'{"a":', b"}")),
    "deep-open": reply(b"[" * 1_000_000),
    "deep-300": reply(nested(300, b'{"id":', b"}")),
    "deep-900": reply(nested(900, b"[", b"]")),
    "many-formats": reply(json.dumps({"id": "7", "name": "thing", "items": [
        {"id": "7", "name": "thing", "at": "yesterday"}] * 50_000}).encode()),
    "many-and-one": reply(json.dumps({"id": "7", "name": "thing", "items": [
        *[{"id": "7", "name": "thing", "at": "yesterday"}] * 50_000, {"id": 7}]}).encode()),
    "deep-name": reply(b'{"id": "7", "name": ' + nested(20_000, b"[", b"]") + b"}"),
    "not-utf-8": reply(b'{"id": "7", "name": "\xff\xfe\xc3(\xed\xa0\x80\xf8"}'),
    "not-utf-8-error": reply(b"\xff\xfe\x80 broken \xc3(", b"500 \xff\xfe", media=b"text/plain"),
    "utf-16": reply('{"id": "7", "name": "ü"}'.encode("utf-16")),
    "huge-integer": reply(b'{"id": ' + b"9" * 100_000 + b', "name": "thing"}'),
    "huge-exponent": reply(b'{"id": 1e999999999, "name": -1e-999999999}'),
    "no-number": reply(b'{"id": NaN, "name": -Infinity}'),
    "twice-the-key": reply(b'{"id": "7", "id": {"id": 8}, "name": "a", "name": 1}'),
    "many-things": reply(b"[" + b",".join([b"{}"] * 500_000) + b"]"),
    "many-keys": reply(json.dumps({f"k{n}": n for n in range(200_000)}).encode()),
    "many-wrong": reply(json.dumps({"items": [{"id": None}] * 100_000}).encode()),
    "long-key": reply(json.dumps({"k" * 1_000_000: 1}).encode()),
    "header-huge": reply(GOOD, b"500 X", b"X-Request-Id: " + b"r" * 90_000),
    "header-too-huge": reply(GOOD, b"200 OK", b"X-Big: " + b"b" * 400_000),
    "headers-many": reply(GOOD, b"500 X", *(b"X-%d: %d" % (n, n) for n in range(4000))),
    "headers-too-many": reply(GOOD, b"200 OK", *(b"X-%d: %d" % (n, n) for n in range(100_000))),
    "header-bytes": reply(GOOD, b"500 X", b"X-Request-Id: \xff\xfe\x9b31m\xc3\xbc", b"X-\x80: 1"),
    "header-c1": reply(GOOD, b"500 X", b"X-Request-Id: \x9b31mowned\x9d0;owned\x9c",
                       b"X-Page: " + PAGE.encode(), b"X-Commands: ::error::owned"),
    "header-folded": reply(GOOD, b"500 X", b"X-Request-Id: a\r\n ::error::owned"),
    "header-names": reply(GOOD, b"500 X", b"__proto__: 1", b"constructor: 2", b"X-Request-Id: 1",
                          b"X-Request-Id: 2"),
    "length-too-long": reply(GOOD, b"200 OK", b"Content-Length: 99999"),
    "length-too-short": reply(GOOD, b"200 OK", b"Content-Length: 3"),
    "length-negative": reply(GOOD, b"200 OK", b"Content-Length: -1"),
    "length-twice": reply(GOOD, b"200 OK", b"Content-Length: 3", b"Content-Length: 300"),
    "length-words": reply(GOOD, b"200 OK", b"Content-Length: many"),
    "chunks-bad": reply(b"ZZ\r\nowned", b"200 OK", b"Transfer-Encoding: chunked"),
    "chunks-huge": reply(b"F" * 40 + b"\r\nowned", b"200 OK", b"Transfer-Encoding: chunked"),
    "coding-lies": reply(GOOD, b"200 OK", b"Content-Encoding: gzip"),
    "coding-cut": reply(gzip.compress(GOOD * 99)[:40], b"200 OK", b"Content-Encoding: gzip"),
    "coding-many": reply(GOOD, b"200 OK", b"Content-Encoding: " + b"gzip," * 5000),
    "coding-unknown": reply(GOOD, b"200 OK", b"Content-Encoding: br, owned, \xff"),
    "charset-unknown": reply(GOOD, b"500 X", media=b"application/json; charset=made-up"),
    "charset-utf-7": reply(b"+ADw-script+AD4-", b"500 X", media=b"text/html; charset=utf-7"),
    "charset-odd": reply(GOOD, media=b'application/json; charset="\\"; charset=\xff;;;='),
    "media-odd": reply(GOOD, media=b";;;,,, / \xff"),
    "media-long": reply(GOOD, media=b"application/" + b"x" * 50_000),
    "media-page": reply(PAGE.encode(), media=b"text/html"),
    "status-zero": reply(GOOD, b"000 Nothing"),
    "status-high": reply(GOOD, b"999 More"),
    "status-words": reply(GOOD, b"fine OK"),
    "status-reason": reply(GOOD, b"500 " + ESCAPES.encode("utf-8")),
    "switches": reply(b"", b"101 Switching Protocols", b"Upgrade: owned"),
    "redirects": reply(b"", b"302 Found", b"Location: javascript:owned()//" + PAGE.encode()),
    "redirects-nowhere": reply(b"", b"302 Found", b"Location: http://[::owned"),
    "comes-later": reply(GOOD, b"503 Later", b"Retry-After: " + b"9" * 5000),
    "signs": reply(GOOD, b"401 No", b"Set-Cookie: a=" + b"c" * 5000 + b"; ;;=;",
                   b"WWW-Authenticate: \xff"),
    "no-http": b"owned\r\n" * 100,
    "tls": b"\x15\x03\x01\x00\x02\x02\x28",
    "nothing": b"",
    "half-a-head": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "events-line": _line_without_end,
    "events-odd": reply(b"\xef\xbb\xbfdata\n\ndata: \xff\r\rid: \0\n:\n\ndata:{\n\n"
                        b"data: \xed\xa0\x80\n\n", media=b"text/event-stream"),
    "early-hints": _informed_for_ever,
}  # fmt: skip
"""What `GET /NAME` is answered with; bytes are sent as they are, and the connection is closed."""


def contract() -> dict[str, Any]:
    """A contract in which each answer should be a thing."""
    schema = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": {"type": "string", "pattern": "^[0-9]+$"},
            "name": {"enum": ["thing"]},
            "at": {"type": "string", "format": "date-time"},
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
        },
        "additionalProperties": False,
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    responses = {"200": {"description": "a thing", "content": content}}
    paths = {f"/{name}": {"get": {"responses": responses}} for name in ["ready", *ANSWERS]}
    info = {"title": "hostile", "version": "1"}
    components = {"schemas": {"Thing": schema}}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": components}


async def handle(heard: Heard, writer: asyncio.StreamWriter) -> None:
    """Give the answer of a path, and close the connection: what came is not to be relied on."""
    answer = ANSWERS.get(heard.line.split(" ")[1].lstrip("/"), reply(GOOD))
    if isinstance(answer, bytes):
        writer.write(answer)
        await writer.drain()
    else:
        await answer(writer)
    writer.close()
