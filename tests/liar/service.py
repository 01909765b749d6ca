"""The liar: every operation answers with a valid example of its documented success."""

import json
from itertools import count
from typing import Any

from fastapi import FastAPI, Request, Response

from smoke.contract import Contract, Operation
from smoke.contract.media import is_json
from smoke.contract.pointers import local, lookup, split

TO_EVERYBODY, WITH_TOKEN, ECHOING, REMEMBERING = "everybody", "token", "echo", "remember"
MODES = (TO_EVERYBODY, WITH_TOKEN, ECHOING, REMEMBERING)
"""To whom it lies and how well: it echoes what was sent, or never changes what it remembers."""

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
TEXTS = {
    "date-time": "2024-01-01T00:00:00Z",
    "date": "2024-01-01",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "email": "liar@example.com",
    "uri": "https://example.com/",
}


class Liar:
    """What the liar knows: the contract, and what it remembers by collection."""

    def __init__(self, contract: Contract, mode: str, base: str = "") -> None:
        self.contract, self.mode, self.base = contract, mode, base
        self.numbers = count(1)
        self.made: dict[str, dict[str, Any]] = {}

    def example(self, schema: Any, depth: int = 0) -> Any:
        """The simplest value of a schema."""
        document = self.contract.schemas.view("response")
        if not isinstance(schema, dict) or depth > 8:
            return None
        if "$ref" in schema:
            return self.example(lookup(document, local(schema["$ref"])), depth + 1)
        for key in ("example", "const", "default"):
            if key in schema:
                return schema[key]
        if "enum" in schema:
            return schema["enum"][0]
        if "allOf" in schema:
            parts = [self.example(part, depth + 1) for part in schema["allOf"]]
            return {k: v for part in parts if isinstance(part, dict) for k, v in part.items()}
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            return self.example(next(o for o in options if o != {"type": "null"}), depth + 1)
        return self.plain(schema, depth)

    def plain(self, schema: dict[str, Any], depth: int) -> Any:
        """The simplest value of a schema without alternatives."""
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        kind = kinds if isinstance(kinds, str) else next(k for k in kinds if k != "null")
        if kind == "object":
            rows = schema.get("properties", {}).items()
            return {name: self.example(member, depth + 1) for name, member in rows}
        if kind == "array":
            return [self.example(schema.get("items", {}), depth + 1)]
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        if kind == "string":
            return TEXTS.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))
        return kind == "boolean" or None

    def answer(self, operation: Operation) -> tuple[int, str, Any]:
        """The documented success of an operation: status, media type and an example."""
        status = operation.success[0]
        response = operation.response(status)
        for name, media in (response.content if response else {}).items():
            schema = lookup(self.contract.schemas.view("response"), split(media.pointer))
            return status, name, self.example(schema)
        return status, "", None

    async def handle(self, request: Request) -> Response:
        """Answer a request as if it had been done."""
        path = request.url.path.removeprefix(self.base)
        operation = self.contract.match(request.method, path)
        if operation is None:
            return Response(status_code=404)
        shown = {"authorization", "x-api-key", "x-key"} & set(request.headers)
        if operation.secured and not shown and self.mode != TO_EVERYBODY:
            return self.said(401, "application/json", {"message": "who are you?"})
        status, media, value = self.answer(operation)
        sent = await body_of(request)
        if self.mode in (ECHOING, REMEMBERING) and isinstance(value, dict):
            value = {**value, **{k: v for k, v in sent.items() if k in value}}
        if self.mode == REMEMBERING:
            status, value = self.remembered(operation, path, status, value)
        return self.said(status, media, value)

    def remembered(self, operation: Operation, path: str, status: int, value: Any) -> Any:
        """What it answers about things that it made; nothing changes them."""
        collection, _, name = path.rpartition("/")
        if operation.method == "POST" and isinstance(value, dict):
            thing = path + "/{}"
            key = next((k for k in ("id", "isbn", "number") if k in value), None)
            if key is not None and self.contract.match("GET", thing.replace("{}", "1")):
                if key == "id":
                    number = next(self.numbers)
                    of_uuid = f"00000000-0000-4000-8000-{number:012}"
                    value[key] = of_uuid if isinstance(value[key], str) else number
                self.made.setdefault(path, {})[str(value[key])] = value
        elif operation.path.endswith("}") and operation.method in ("GET", "PUT", "PATCH"):
            known = self.made.get(collection, {})
            return (status, known[name]) if name in known else (404, {"message": "no"})
        elif operation.method == "GET" and path in self.made:
            rows = list(self.made[path].values())
            return status, rows if isinstance(value, list) else {**value, "items": rows}
        return status, value

    def said(self, status: int, media: str, value: Any) -> Response:
        """A response with a value in a media type."""
        if media.startswith("text/event-stream"):
            return Response(f"data: {json.dumps(value)}\n\n" * 5, status, media_type=media)
        text = json.dumps(value) if is_json(media) else str(value)
        headers = {"ETag": '"1"'}
        return Response(text if media else b"", status, headers, media_type=media or None)


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a body; an empty one for anything else."""
    try:
        found = json.loads(await request.body())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def liar(contract: Contract, mode: str, base: str = "") -> FastAPI:
    """The liar of a contract, as an application."""
    app = FastAPI(openapi_url=None)
    app.add_api_route("/{path:path}", Liar(contract, mode, base).handle, methods=METHODS)
    return app
