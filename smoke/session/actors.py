"""Who calls: actors, their sessions, and the tokens that prove them.

An actor signs in once per run, when it first calls, and renews its session before the token
expires. Every token is verified against the live JWKS, so signing that drifted is found at the
first sign-in and is called by its name.
"""

import asyncio
import time
from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from smoke.config.rules.templates import render
from smoke.contract.pointers import at
from smoke.errors import BrokenError, SmokeError, UnverifiedError
from smoke.http.client import Bounds, Client, Request
from smoke.results.causes import must_be_the_api
from smoke.session.presence import NOT_FOUND, must_be_there

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smoke.config.rules import Call, Login
    from smoke.results.run import Exchange
    from smoke.session.tokens import Verifier

RENEW_BEFORE_S = 60
"""Seconds before `exp` at which a session is renewed."""


@dataclass(frozen=True)
class Account:
    """What an actor signs in with."""

    name: str
    email: str = ""
    password: str = field(default="", repr=False)
    tenant_id: str | None = None
    user_id: str | None = None
    given: bool = False
    """Whether the credentials come from the user: a refusal is then the user's to mend."""


@dataclass(frozen=True)
class Session:
    """One sign-in: the tokens and the verified claims of the access token (RFC 7519 §4)."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    claims: "Mapping[str, Any]"
    exchange: "Exchange" = field(repr=False)

    @property
    def answer(self) -> Any:
        """What the service answered to the sign-in, as JSON."""
        return self.exchange.json

    @property
    def stale(self) -> bool:
        """Whether the access token ends so soon that it must be renewed."""
        expires = self.claims.get("exp")
        return isinstance(expires, (int, float)) and expires - time.time() < RENEW_BEFORE_S


class Caller:
    """Someone who calls operations; without a token it is `anonymous`."""

    def __init__(self, client: Client, name: str = "anonymous", token: str = "") -> None:
        self.client = client
        self.name = name
        self._token = token

    async def credential(self) -> dict[str, str]:
        """The headers that prove who calls."""
        return bearer(self._token) if self._token else {}

    async def signed(self, request: Request) -> Request:
        """The request with what proves who calls."""
        return replace(request, credential=await self.credential())

    async def call(
        self,
        operation: str,
        *,
        json: Any = None,
        query: "Mapping[str, Any] | None" = None,
        headers: "Mapping[str, str] | None" = None,
        content: bytes | None = None,
        form: "Mapping[str, Any] | None" = None,
        files: "Mapping[str, Any] | None" = None,
        stream: Bounds | None = None,
        at_once: bool = False,
        timeout_s: float | None = None,
        **path: Any,
    ) -> "Exchange":
        """Call `METHOD /path/{template}`; the template's parameters are keyword arguments.

        With `at_once`, a 429 or 503 that asks to come again is taken as it is. `timeout_s` is
        waited for the answer in place of the target's.
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
        headers: "Mapping[str, str] | None" = None,
        content: bytes | None = None,
    ) -> "Exchange":
        """Send to a URL the service handed out (a presigned one); no credential goes with it."""
        self.client.run.secrets.register(url, "SMOKE_TOKEN_PRESIGNED_URL")
        operation = f"{method.upper()} (presigned URL)"
        return await self.client.send(
            Request(operation, self.name, url=url, headers=headers or {}, content=content)
        )

    def bearing(self, token: str) -> "Caller":
        """A caller that shows another token; it is masked like any other."""
        name = f"{self.name} (another token)"
        self.client.run.secrets.register(token, f"SMOKE_TOKEN_{self.name.upper()}_OTHER")
        return Caller(self.client, name, token)


class KeyHolder(Caller):
    """A caller with a key of its own, shown as the contract's security scheme says."""

    def __init__(self, client: Client, name: str, key: str, scheme: "Mapping[str, Any]") -> None:
        super().__init__(client, name)
        in_query = (scheme.get("type"), scheme.get("in")) == ("apiKey", "query")
        self._query = {str(scheme["name"]): key} if in_query else {}
        self._headers = {} if in_query else dict([key_header(scheme, key)])
        for secret in (key, *self._headers.values()):
            client.run.secrets.register(secret, f"SMOKE_TOKEN_{name.upper()}")

    async def credential(self) -> dict[str, str]:
        """The header that carries the key; none where the query does."""
        return self._headers

    async def signed(self, request: Request) -> Request:
        """The request with the key in its header or its query."""
        return replace(request, credential=self._headers, query={**request.query, **self._query})


def key_header(scheme: "Mapping[str, Any]", key: str) -> tuple[str, str]:
    """Return the header that carries a key under a security scheme (OpenAPI 3.1 §4.8.27).

    `basic` takes `user:password` (RFC 7617), `bearer` a token, `apiKey` a header or a cookie.

    Raises:
        SmokeError: the scheme carries its key in another way.
    """
    kind, where = scheme.get("type"), scheme.get("in")
    if kind == "http" and str(scheme.get("scheme")).lower() == "basic":
        return "Authorization", f"Basic {b64encode(key.encode()).decode()}"
    if kind == "http" and str(scheme.get("scheme")).lower() == "bearer":
        return "Authorization", f"Bearer {key}"
    if kind == "apiKey" and where == "header":
        return str(scheme["name"]), key
    if kind == "apiKey" and where == "cookie":
        return "Cookie", f"{scheme['name']}={key}"
    raise SmokeError(
        f"A key cannot be sent as {dict(scheme)!r}. Allowed: http basic, http bearer, apiKey."
    )


class Actor(Caller):
    """A caller with an account; it signs in when it first calls."""

    def __init__(
        self, client: Client, account: Account, login: "Login", verifier: "Verifier"
    ) -> None:
        super().__init__(client, account.name)
        self.account = account
        self.login = login
        self.verifier = verifier
        self._session: Session | None = None
        self._failure: SmokeError | None = None
        self._lock = asyncio.Lock()

    async def credential(self) -> dict[str, str]:
        """The bearer header of the actor's session (RFC 6750 §2.1)."""
        return bearer((await self.session()).access)

    async def session(self) -> Session:
        """The actor's own session, signed in on first use and renewed before it ends.

        Raises:
            BrokenError: the service refused good credentials, or its token cannot be verified.
            SmokeError: it refused credentials the user gave.
            UnverifiedError: no answer came.
        """
        async with self._lock:
            if self._failure is not None:
                raise self._failure
            try:
                if self._session is None:
                    self._session = await self.sign_in()
                elif self._session.stale and self.login.renew and self._session.refresh:
                    self._session = await self.renewed(self._session)
            except SmokeError as error:
                self._failure = error
                raise
            return self._session

    async def sign_in(self) -> Session:
        """Sign in anew and return that session, verified; the actor's own one is left alone."""
        values = {
            "email": self.account.email,
            "password": self.account.password,
            "tenant_id": self.account.tenant_id,
        }
        exchange = await self._post(self.login.operation, self.login.body, values)
        if exchange.status is None:
            raise UnverifiedError(
                f"{self.name} could not sign in: {exchange.method} {exchange.url}: {exchange.error}"
            )
        must_be_the_api(self.client.contract, exchange)
        if exchange.status == NOT_FOUND:
            await must_be_there(self.client, exchange)
        access = at(exchange.json, self.login.access)
        if exchange.status != 200 or not isinstance(access, str):
            raise self._refused(exchange)
        return await self.verified(exchange)

    async def verified(self, exchange: "Exchange") -> Session:
        """Return the session an answer carries, its access token verified and masked."""
        secrets = self.client.run.secrets
        access = str(at(exchange.json, self.login.access) or "")
        refresh = (
            str(at(exchange.json, self.login.refresh or "") or "") if self.login.refresh else ""
        )
        secrets.register(access, f"SMOKE_TOKEN_{self.name.upper()}")
        secrets.register(refresh, f"SMOKE_TOKEN_{self.name.upper()}_REFRESH")
        kid = at(exchange.json, self.login.kid) if self.login.kid else None
        claims = await self.verifier.claims(access, kid)
        return Session(access, refresh, claims, exchange)

    async def renewed(self, session: Session) -> Session:
        """Trade the session's refresh token for a new session."""
        exchange = await self.renew(session)
        if exchange.status != 200:
            raise self._refused(exchange)
        return await self.verified(exchange)

    async def renew(self, session: Session) -> "Exchange":
        """Send the session's refresh token and return the exchange, whatever the answer."""
        call = self._declared(self.login.renew, "login.renew")
        return await self._post(call.operation, call.body, {"refresh": session.refresh})

    async def sign_out(self, session: Session) -> "Exchange":
        """End one session, as its own owner."""
        call = self._declared(self.login.end, "login.end")
        values = {"refresh": session.refresh}
        return await self._post(call.operation, call.body, values, bearer(session.access))

    async def leave(self) -> None:
        """End the actor's own session, if it has one; nothing is expected of the answer."""
        if self._session is not None and self._session.refresh and self.login.end:
            await self.sign_out(self._session)

    def _declared(self, call: "Call | None", name: str) -> "Call":
        if call is None:
            raise SmokeError(f"The rules declare no [{name}], which a check needs.")
        return call

    async def _post(
        self,
        operation: str,
        body: Any,
        values: "Mapping[str, Any]",
        credential: "Mapping[str, str] | None" = None,
    ) -> "Exchange":
        return await self.client.send(
            Request(
                operation=operation,
                actor=self.name,
                json=render(body, values, frozenset()),
                credential=credential or {},
            )
        )

    def _refused(self, exchange: "Exchange") -> SmokeError:
        said = self.client.run.shorten(exchange.body)[:200]
        text = f"{self.name} ({self.account.email}) could not sign in: {exchange.status} {said}"
        if self.account.given and exchange.status in (400, 401, 403, 423):
            return SmokeError(
                f"{text}\nThe credentials were refused. Check SMOKE_USER_EMAIL and "
                "SMOKE_USER_PASSWORD, and that the target's accounts exist."
            )
        return BrokenError(text)


def bearer(token: str) -> dict[str, str]:
    """The header of a bearer token (RFC 6750 §2.1)."""
    return {"Authorization": f"Bearer {token}"}
