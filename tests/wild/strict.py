"""A server that takes nothing but what a contract allows, by other means than the engine's own."""

import asyncio
import json
from email import message_from_bytes
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml
from jsonschema import Draft202012Validator

from tests.loopback import answer

if TYPE_CHECKING:
    from tests.loopback import Heard


class Strict:
    """Validates each request against the one operation of a document; `refused` has the reasons."""

    def __init__(self, document: dict[str, Any], operation: dict[str, Any]) -> None:
        self._document = document
        self._operation = operation
        self.refused: list[str] = []
        self.taken = 0

    async def __call__(self, heard: "Heard", writer: asyncio.StreamWriter) -> None:
        """Answer 200 to a request that keeps the contract, 422 to any other."""
        try:
            self._parameters(heard)
            self._body(heard)
        except Exception as error:  # whatever is wrong with it, it is refused
            self.refused.append(f"{heard.line}: {type(error).__name__}: {str(error)[:300]}")
            await answer(422)(heard, writer)
        else:
            self.taken += 1
            await answer(200)(heard, writer)

    def _check(self, value: Any, schema: Any) -> None:
        schema = {**schema, "components": self._document["components"]}
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
            value
        )

    def _parameters(self, heard: "Heard") -> None:
        url = urlsplit(heard.line.split(" ")[1])
        query = parse_qsl(url.query, keep_blank_values=True)
        cookies = SimpleCookie(heard.headers.get("cookie", ""))
        last = unquote(url.path.rpartition("/")[2])
        given = {
            "query": lambda p: _of_query(p, query),
            "header": lambda p: _typed(heard.headers[p["name"].lower()], p["schema"]),
            "cookie": lambda p: _typed(cookies[p["name"]].value, p["schema"]),
            "path": lambda p: _typed(last, p["schema"]),
        }
        for parameter in self._operation["parameters"]:
            self._check(given[parameter["in"]](parameter), parameter["schema"])
        known = {p["name"] for p in self._operation["parameters"] if p["in"] == "query"}
        assert all(name.partition("[")[0] in known for name, _ in query), query

    def _body(self, heard: "Heard") -> None:
        ((kind, media),) = self._operation["requestBody"]["content"].items()
        sent_as = heard.headers["content-type"].partition(";")[0]
        assert sent_as == ("application/json" if kind == "*/*" else kind), sent_as
        for value in _values(kind, heard, media["schema"]):
            self._check(value, media["schema"])


def _typed(text: str, schema: dict[str, Any]) -> Any:
    """A text as the type that a schema names; other notations do not count as such a value."""
    if schema.get("type") == "array":
        return [_typed(part, schema["items"]) for part in text.split(",")]
    return text if schema.get("type", "string") == "string" else json.loads(text)


def _of_query(parameter: dict[str, Any], query: list[tuple[str, str]]) -> Any:
    name, schema, style = parameter["name"], parameter["schema"], parameter.get("style", "form")
    if style == "deepObject":
        members = {key[len(name) + 1 : -1]: text for key, text in query if key.startswith(name)}
        return {key: _typed(text, schema["properties"][key]) for key, text in members.items()}
    texts = [text for key, text in query if key == name]
    if schema.get("type") != "array":
        (text,) = texts
        return _typed(text, schema)
    if style == "pipeDelimited":
        texts = texts[0].split("|")
    return [_typed(text, schema["items"]) for text in texts]


def _values(kind: str, heard: "Heard", schema: dict[str, Any]) -> list[Any]:
    """The values of a body as its media type has them."""
    if kind == "text/plain":
        return [_typed(heard.body.decode(), schema)]
    if kind == "application/x-ndjson":
        assert heard.body.endswith(b"\n")
        return [json.loads(line) for line in heard.body.splitlines()]
    if kind == "application/yaml":
        return [yaml.safe_load(heard.body)]
    if kind == "multipart/form-data":
        return [_multipart(heard, schema)]
    if kind == "application/x-www-form-urlencoded":
        pairs = parse_qsl(heard.body.decode(), keep_blank_values=True, strict_parsing=True)
        return [_fields([(name, text) for name, text in pairs], schema)]
    return [json.loads(heard.body)]


def _multipart(heard: "Heard", schema: dict[str, Any]) -> dict[str, Any]:
    head = f"Content-Type: {heard.headers['content-type']}\r\n\r\n".encode()
    parts: Any = message_from_bytes(head + heard.body).get_payload()
    pairs = []
    for part in parts:
        name = str(part.get_param("name", header="content-disposition"))
        pairs.append((name, part.get_payload(decode=True).decode()))
    return _fields(pairs, schema)


def _fields(pairs: list[tuple[str, str]], schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in pairs:
        member = schema["properties"][name]
        if member.get("type") == "array":
            found.setdefault(name, []).append(_typed(text, member["items"]))
        else:
            assert name not in found, name
            found[name] = _typed(text, member)
    return found
