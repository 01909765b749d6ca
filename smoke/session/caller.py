"""
Callers: they call operations of the contract, with the credential that they have, if any.

A caller without an account is `anonymous`; one with an account is an actor.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from smoke.contract.events import Bounds
from smoke.http.client import Client, Request
from smoke.results.exchange import Exchange


class Caller:
    """A caller of operations; without a token it is `anonymous`."""

    def __init__(self, client: Client, name: str = "anonymous", token: str = "") -> None:
        self.client = client
        self.name = name
        # Headers that the rules add to every request of this caller.
        self.headers: Mapping[str, str] = {}
        self._token = token

    async def credential(self) -> dict[str, str]:
        """The headers that authenticate the caller."""
        return bearer(self._token) if self._token else {}

    async def signed(self, request: Request) -> Request:
        """The request with the headers that authenticate the caller."""
        return replace(request, credential={**self.headers, **await self.credential()})

    async def call(
        self,
        operation: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        stream: Bounds | None = None,
        at_once: bool = False,
        timeout_s: float | None = None,
        **path: Any,
    ) -> Exchange:
        """
        Call `METHOD /path/{template}`; the template's parameters are keyword arguments.

        With `at_once`, the client returns a 429 or 503 without a repeat, also if it has
        `Retry-After`. `timeout_s` replaces the timeout of the target.
        """
        request = Request(
            operation=operation,
            actor=self.name,
            path=path,
            query=query or {},
            headers=headers or {},
            json=json,
            content=content,
            form=form,
            files=files,
            stream=stream,
            at_once=at_once,
            timeout_s=timeout_s,
        )
        return await self.client.send(await self.signed(request))

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Exchange:
        """Send to a URL the service handed out (a presigned one); no credential goes with it."""
        parts = urlsplit(url)
        # Not the whole URL: its beginning is the address of the service, which all URLs share.
        segment = max(parts.path.split("/"), key=len)
        secret = max(parts.query, segment, key=len)
        self.client.run.secrets.register(secret, "SMOKE_TOKEN_PRESIGNED_URL")
        operation = f"{method.upper()} (presigned URL)"
        return await self.client.send(
            Request(operation, self.name, url=url, headers=headers or {}, content=content)
        )

    def bearing(self, token: str) -> "Caller":
        """A caller that sends another token; the run masks it like any other."""
        name = f"{self.name} (another token)"
        self.client.run.secrets.register(token, f"SMOKE_TOKEN_{self.name.upper()}_OTHER")
        return Caller(self.client, name, token)


def bearer(token: str) -> dict[str, str]:
    """The header of a bearer token (RFC 6750 §2.1)."""
    return {"Authorization": f"Bearer {token}"}
