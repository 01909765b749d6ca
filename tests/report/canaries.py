"""A service that shows two secrets in every spelling, in every place of an answer."""

import asyncio
import json
from typing import Any

from tests.loopback import Heard
from tests.results.spellings import SPELLINGS

KNOWN = "Zq7/oPaque+cAnary=w1th&odd<chArs>\"q'u0tes~2345678"
"""The key that the suite signs in with."""

FOUND = "Wx3/aN0ther+sEcret=w1th&odd<chArs>\"q'u0tes~8765432"
"""A secret of the service, which only its answers show."""

NAMES = tuple(SPELLINGS)

RULES = """\
login = { kind = "key" }
ready.operation = "GET /ready"
[actors.owner]
key = "CANARY_KEY"
"""

CHECKS = '''
"""Checks that spread what the service answers."""

import logging

import pytest

from tests.report.canaries import NAMES

SPELLED = pytest.mark.parametrize("number", range(len(NAMES)))


@pytest.fixture(scope="session")
async def shared(owner):
    """Fails with a text of the service, for two checks."""
    exchange = await owner.call("GET /show/{number}", number=0)
    shown = exchange.text
    raise RuntimeError(shown)


@SPELLED
async def test_answer_is_expected(number, owner, expect):
    """The answer is as documented."""
    expect(await owner.call("GET /show/{number}", number=number))


@SPELLED
async def test_answer_is_looked_at(number, owner, expect):
    """The message is fine."""
    exchange = await owner.call("GET /show/{number}", number=number)
    expect(exchange, 500, shape=False).holds("/message", "fine")


@SPELLED
async def test_answer_is_raised(number, owner):
    """The text is no error."""
    exchange = await owner.call("GET /show/{number}", number=number)
    headers, shown, key = list(exchange.headers.pairs), exchange.text, owner.key
    print(shown)
    logging.getLogger("careless").debug("came %s %s", headers, shown)
    assert shown == "fine", shown


@pytest.mark.parametrize("again", [1, 2])
async def test_fixture_is_shared(again, shared):
    """The fixture works."""
'''


def contract() -> dict[str, Any]:
    """One operation that shows, and one that says that the service is there."""
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "fine", "content": content}}
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "canaries", "version": "1"},
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}}
        },
        "security": [{"key": []}],
        "paths": {
            "/ready": {"get": {"security": [], "responses": responses}},
            "/show/{number}": {"get": {"parameters": [number], "responses": responses}},
        },
    }


def places(spelled: str) -> tuple[list[tuple[str, str]], str]:
    """Headers and a body with a text in a dozen places."""
    line = "".join(part.strip() for part in spelled.splitlines()).encode("ascii", "ignore").decode()
    headers = [
        ("Location", f"https://a.example/cb?state={line}#{line}"),
        ("Set-Cookie", "lang=en; Path=/"),
        ("Set-Cookie", f'shown="{line}"; HttpOnly'),
        ("X-Debug", f"Bearer {line}"),
        ("X-Request-Id", line),
    ]
    shown = {
        "message": f"denied: {spelled} is not {spelled}",
        "nested": {"deep": [[{"a": spelled}], spelled]},
        spelled: "the name of a member",
        "log": json.dumps({"headers": {"authorization": spelled}}),
        "page": f"<pre>{spelled}</pre>",
        "link": f"https://a.example/{spelled}?q={spelled}",
        "trace": [f"  File x, line 1\n    {spelled}\n{spelled}"],
        "long": f"{'x' * 1400}{spelled}{'y' * 2000}{spelled}",
    }
    return headers, json.dumps(shown)


async def handle(heard: Heard, writer: asyncio.StreamWriter) -> None:
    """Show both secrets in the spelling with this number; the second is learned from its name."""
    path = heard.line.split(" ")[1]
    if not path.startswith("/show/"):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                     b"Content-Length: 8\r\n\r\n" + b'{"id":1}')  # fmt: skip
        return
    spell = SPELLINGS[NAMES[abs(int(path.rpartition("/")[2])) % len(NAMES)]]
    first, body = places(spell(KNOWN))
    second, more = places(spell(FOUND))
    whole = json.dumps([{"client_secret": FOUND}, json.loads(body), json.loads(more)])
    whole = whole.replace("[{", '{"message": "is not fine", "all": [{', 1) + "}"
    raw = whole.encode()
    rows = [("Content-Type", "application/json"), ("Content-Length", str(len(raw))),
            *first, *second]  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in rows)
    writer.write(f"HTTP/1.1 500 No\r\n{head}\r\n".encode() + raw)
