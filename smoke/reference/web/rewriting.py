"""Answers as another deployment would write them: with more fields, or times without an offset."""

import json
import re
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..variants import Variant

_AWARE = re.compile(rb'("\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z"')
EXTRA_FIELD = "x_newer_version"


class Rewriting:
    """An ASGI layer that rewrites JSON answers as the variant has them."""

    def __init__(self, app: ASGIApp, variant: Variant) -> None:
        self._app = app
        self._variant = variant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        chunks: list[bytes] = []

        async def rewritten(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_json(message):
                start.update(message)
                return
            if not start:
                await send(message)
                return
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                body = self._rewritten(b"".join(chunks), scope)
                MutableHeaders(scope=start)["content-length"] = str(len(body))
                await send(start)
                await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, rewritten)

    def _rewritten(self, body: bytes, scope: Scope) -> bytes:
        if self._variant.naive_times:
            body = _AWARE.sub(rb'\1"', body)
        # Only what the contract documents: libraries read the key set. A 204 has no body.
        if self._variant.extra_fields and body and scope["path"].startswith("/api/"):
            body = json.dumps(_with_extra(json.loads(body))).encode()
        return body


def _is_json(message: Message) -> bool:
    headers = MutableHeaders(scope=message)
    return headers.get("content-type", "").startswith("application/json")


def _with_extra(value: Any) -> Any:
    """Return an answer with one field more, or a list of answers with one more each.

    What is inside stays as it is: streams carry the same things, and views must agree.
    """
    if isinstance(value, list):
        return [_with_extra(one) for one in value]
    return {**value, EXTRA_FIELD: True} if isinstance(value, dict) else value
