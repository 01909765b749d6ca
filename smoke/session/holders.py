"""Callers without a sign-in: each request carries a key, a password, a token or a signature."""

import asyncio
import shlex
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jwt

from smoke.errors import SmokeError
from smoke.http.aws_signature import Signature
from smoke.http.client import Client, Request
from smoke.session.caller import Caller
from smoke.session.credentials import RENEW_BEFORE_S

# Seconds that a command may take to print a token.
COMMAND_S = 60.0


class KeyHolder(Caller):
    """
    A caller with keys of its own, each sent as a security scheme of the contract describes.

    `key` under `scheme` is the usual one; `others` are further keys with their schemes, by scheme
    name. An operation gets the first of its alternatives for which the caller has all keys.
    """

    def __init__(
        self, client: Client, name: str, key: str, scheme: Mapping[str, Any], prefix: str = "",
        others: Mapping[str, tuple[str, Mapping[str, Any]]] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(client, name)
        self._usual = shown(scheme, key, prefix) if key else ({}, {})
        self._others = {n: shown(s, k, prefix) for n, (k, s) in (others or {}).items()}
        for headers, query in (self._usual, *self._others.values()):
            for secret in (*headers.values(), *query.values()):
                client.run.secrets.register(secret, f"SMOKE_TOKEN_{name.upper()}")
        for secret in (key, *(k for k, _ in (others or {}).values())):
            client.run.secrets.register(secret, f"SMOKE_TOKEN_{name.upper()}")

    async def credential(self) -> dict[str, str]:
        """Return the header with the usual key; empty if the key goes into the query."""
        return self._usual[0]

    async def signed(self, request: Request) -> Request:
        """Return the request with the keys that its operation requires."""
        headers, query = self._shown(request.operation)
        signed = await super().signed(request)
        credential = {**signed.credential, **headers}
        return replace(signed, credential=credential, query={**request.query, **query})

    def _shown(self, operation: str) -> tuple[dict[str, str], dict[str, str]]:
        """The headers and the query of the first alternative for which all keys are known."""
        documented = self.client.contract.operations.get(operation)
        for names in documented.alternatives if documented else ():
            if names and all(name in self._others for name in names):
                pairs = [self._others[name] for name in names]
                headers = [pair[0] for pair in pairs]
                return _merged(headers), {k: v for _, query in pairs for k, v in query.items()}
        return self._usual


def _merged(tables: list[dict[str, str]]) -> dict[str, str]:
    """Headers of several keys; cookies are joined (RFC 6265 §4.2.1)."""
    found: dict[str, str] = {}
    for name, value in (pair for table in tables for pair in table.items()):
        found[name] = f"{found[name]}; {value}" if name == "Cookie" and name in found else value
    return found


def shown(
    scheme: Mapping[str, Any], key: str, prefix: str = ""
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the headers and the query parameters that carry a key under a security scheme."""
    if (scheme.get("type"), scheme.get("in")) == ("apiKey", "query"):
        return {}, {str(scheme["name"]): key}
    return dict([key_header(scheme, key, prefix)]), {}


def key_header(scheme: Mapping[str, Any], key: str, prefix: str = "") -> tuple[str, str]:
    """
    Return the header that carries a key under a security scheme (OpenAPI 3.1 §4.8.27).

    `basic` takes `user:password` (RFC 7617); `bearer`, OAuth2 and OpenID Connect take a token;
    `apiKey` uses a header or a cookie. `prefix` stands before a key, as in `Token abc`.

    Raises:
        SmokeError: the scheme carries its key in another way.
    """
    kind, where = scheme.get("type"), scheme.get("in")
    http = str(scheme.get("scheme")).lower() if kind == "http" else ""
    if http == "basic":
        return "Authorization", basic(key)
    if http == "bearer" or kind == "oauth2" or kind == "openIdConnect":
        return "Authorization", f"{prefix or 'Bearer'} {key}"
    if kind == "apiKey" and where == "header":
        return str(scheme["name"]), f"{prefix} {key}".strip()
    if kind == "apiKey" and where == "cookie":
        return "Cookie", f"{scheme['name']}={key}"
    raise SmokeError(
        f"A key cannot be sent as {dict(scheme)!r}. "
        "Allowed: http basic, http bearer, oauth2, openIdConnect, apiKey."
    )


def basic(pair: str) -> str:
    """Return the header value for `user:password` (RFC 7617 §2)."""
    return f"Basic {b64encode(pair.encode()).decode()}"


class CommandHolder(Caller):
    """A caller with a bearer token from a command, such as the client of a vault or a cloud."""

    def __init__(self, client: Client, name: str, command: str, prefix: str = "") -> None:
        super().__init__(client, name)
        self._command = command
        self._prefix = prefix or "Bearer"
        self._printed = ""
        self._lock = asyncio.Lock()

    async def credential(self) -> dict[str, str]:
        """
        Return the header with the token; the command runs again before a JSON Web Token ends.

        Raises:
            SmokeError: the command failed, or printed nothing that a header can carry.
        """
        # Parallel requests must not start the command several times.
        async with self._lock:
            if not self._printed or _ends_soon(self._printed):
                self._printed = await self._ask()
                self.client.run.secrets.register(self._printed, f"SMOKE_TOKEN_{self.name.upper()}")
        return {"Authorization": f"{self._prefix} {self._printed}"}

    async def _ask(self) -> str:
        where = f"The token_command of {self.name}"
        try:
            child = await asyncio.create_subprocess_exec(
                *shlex.split(self._command), stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise SmokeError(f"{where} cannot be started: {error}.") from None
        try:
            out, err = await asyncio.wait_for(child.communicate(), COMMAND_S)
        except TimeoutError:
            child.kill()
            await child.wait()
            raise SmokeError(f"{where} did not end within {COMMAND_S:g} s.") from None
        token = out.decode("utf-8", "replace").strip()
        if child.returncode:
            errors = err.decode("utf-8", "replace").strip()[-300:]
            raise SmokeError(f"{where} ended with exit code {child.returncode}: {errors}")
        if not token.isascii() or not token.isprintable() or " " in token or not token:
            raise SmokeError(f"{where} must print one token and nothing else.")
        return token


def _ends_soon(token: str) -> bool:
    try:
        ends = jwt.decode(token, options={"verify_signature": False}).get("exp")
    except jwt.PyJWTError:
        return False
    return isinstance(ends, (int, float)) and ends - time.time() < RENEW_BEFORE_S


class Signer(Caller):
    """A caller whose requests are signed (AWS Signature Version 4)."""

    def __init__(self, client: Client, name: str, signature: Signature) -> None:
        super().__init__(client, name)
        self._signature = signature
        for secret in (signature.secret, signature.token):
            client.run.secrets.register(secret, f"SMOKE_TOKEN_{name.upper()}")

    async def signed(self, request: Request) -> Request:
        """Return the request with the hook that signs it just before sending."""
        return replace(await super().signed(request), auth=self._signature)
