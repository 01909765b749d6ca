"""
Actors: who calls, their sessions, and the tokens that prove them.

An actor signs in once per run, when it first calls, and renews its session before the token
expires. If the rules name a key set, the actor verifies every token against it, so that a wrong
signing key is reported at the first sign-in and not as many failed requests.
"""

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from smoke.config.rules import Call, Login
from smoke.config.rules.values import render
from smoke.contract.pointers import at
from smoke.errors import BrokenError, SmokeError, UnverifiedError
from smoke.http.client import Client, Request
from smoke.http.policy import writes
from smoke.results.causes import must_be_the_api
from smoke.results.exchange import Exchange
from smoke.results.secrets import PROVISIONAL
from smoke.session.caller import Caller
from smoke.session.credentials import Account, Session
from smoke.session.readiness import NOT_FOUND, must_be_there
from smoke.session.sign_in import (
    Proof,
    called,
    cookies_of,
    csrf_of,
    proof_of,
    renewal_of,
    request_of,
    secrets_in,
)
from smoke.session.tokens import Verifier


class Actor(Caller):
    """A caller with an account; it signs in when it first calls."""

    def __init__(self, client: Client, account: Account, login: Login, verifier: Verifier) -> None:
        super().__init__(client, account.name)
        self.account = account
        self.login = login
        self.verifier = verifier
        self._session: Session | None = None
        self._failure: SmokeError | None = None
        self._lock = asyncio.Lock()

    @property
    def is_signed_in(self) -> bool:
        """Whether the actor has a session of its own."""
        return self._session is not None

    async def credential(self) -> dict[str, str]:
        """The headers of the actor's session: a token (RFC 6750 §2.1), or cookies (RFC 6265)."""
        return self._shown(await self.session())

    async def signed(self, request: Request) -> Request:
        """The request with the session's headers; a write also carries the CSRF token."""
        session = await self.session()
        credential = {**self.headers, **self._shown(session)}
        csrf = self.login.csrf
        if csrf and csrf.header and session.proof.csrf and writes(request.operation):
            credential[csrf.header] = session.proof.csrf
        return replace(request, credential=credential)

    def _shown(self, session: Session) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in session.proof.cookies.items())
        shown = {"Cookie": cookies} if cookies else {}
        if session.access:
            shown["Authorization"] = f"{self.login.prefix or 'Bearer'} {session.access}"
        return shown

    async def session(self) -> Session:
        """
        The actor's own session, signed in on first use and renewed before it ends.

        Raises:
            BrokenError: the service refused good credentials, or its token cannot be verified.
            SmokeError: it refused credentials the user gave.
            UnverifiedError: no answer came.
        """
        # Checks that run beside each other share one sign-in.
        async with self._lock:
            if self._failure is not None:
                raise self._failure
            try:
                if self._session is None:
                    self._session = await self.sign_in()
                elif self._session.stale:
                    self._session = await self._again(self._session)
            except SmokeError as error:
                # Another attempt would be refused as well, and could lock the account.
                self._failure = error
                raise
            return self._session

    async def _again(self, session: Session) -> Session:
        """A new session in place of one that ends: renewed if possible, else a new sign-in."""
        if self.login.renew and session.refresh:
            return await self.renewed(session)
        request = self._renewal(session)
        exchange = await self._send(request) if request else None
        if exchange is not None and self._proves(exchange, session.proof):
            renewed = await self.verified(exchange, session.proof)
            return replace(renewed, first=session.signed_in)
        return await self.sign_in()

    async def sign_in(self) -> Session:
        """Sign in again and return that session, verified; the actor keeps its own session."""
        before = await self._opened()
        base_url, contract = self.client.target.base_url, self.client.contract
        values = {**self._values(), "csrf": before.csrf or None}
        request = request_of(self.login, contract, base_url, values, self.name)
        exchange = await self._send(self._with_csrf(request, before))
        if exchange.status is None:
            raise UnverifiedError(
                f"{self.name} could not sign in: {exchange.method} {exchange.url}: {exchange.error}"
            )
        must_be_the_api(contract, exchange)
        if exchange.status == NOT_FOUND and not request.url:
            await must_be_there(self.client, exchange)
        if not self._proves(exchange, before):
            raise self._refused(exchange)
        return await self.verified(exchange, before)

    async def _opened(self) -> Proof:
        """The cookies and the CSRF token of the page before the sign-in."""
        csrf = self.login.csrf
        if csrf is None or not csrf.page:
            return Proof()
        url = urljoin(self.client.target.base_url.rstrip("/") + "/", csrf.page)
        exchange = await self._send(Request(f"GET {urlsplit(url).path}", self.name, url=url))
        cookies = cookies_of(exchange)
        return Proof(cookies=cookies, csrf=csrf_of(self.login, exchange, cookies))

    def _with_csrf(self, request: Request, before: Proof) -> Request:
        headers = dict(request.headers)
        if before.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in before.cookies.items())
        if self.login.csrf and self.login.csrf.header and before.csrf:
            headers[self.login.csrf.header] = before.csrf
        return replace(request, headers=headers)

    def _proves(self, exchange: Exchange, before: Proof) -> bool:
        """Whether a response is a sign-in: any success with a token, or with a new cookie."""
        status, proof = exchange.status or 0, proof_of(self.login, exchange, before)
        if self.login.kind != "cookie":
            return 200 <= status < 300 and bool(proof.access)
        # The page before the sign-in sets cookies, too: only a new or changed one proves a session.
        fresh = {name for name, value in proof.cookies.items() if before.cookies.get(name) != value}
        wanted = {self.login.cookie} if self.login.cookie else fresh
        return 200 <= status < 400 and bool(wanted & fresh)

    async def verified(self, exchange: Exchange, before: Proof | None = None) -> Session:
        """Return the session of a response, with its access token verified and masked."""
        proof = proof_of(self.login, exchange, before or Proof())
        secrets, name = self.client.run.secrets, f"SMOKE_TOKEN_{self.name.upper()}"
        secrets.register(proof.access, name)
        secrets.register(proof.refresh, f"{name}_REFRESH")
        for secret in (proof.csrf, *proof.cookies.values()):
            secrets.register(secret, f"{name}_COOKIE")
        kid = at(exchange.json, self.login.kid) if self.login.kid else None
        claims = await self.verifier.claims(proof.access, kid) if proof.access else {}
        return Session(proof.access, proof.refresh, claims, exchange, proof)

    async def renewed(self, session: Session) -> Session:
        """Trade the session's refresh token for a new session."""
        exchange = await self.renew(session)
        if not self._proves(exchange, session.proof):
            raise self._refused(exchange)
        return replace(await self.verified(exchange), first=session.signed_in)

    async def renew(self, session: Session) -> Exchange:
        """Send the session's refresh token and return the exchange, whatever the answer."""
        request = self._renewal(session)
        if request is None:
            raise self._undeclared("login.renew")
        return await self._send(request)

    def _renewal(self, session: Session) -> Request | None:
        values = {**self._values(), "refresh": session.refresh}
        base_url, contract = self.client.target.base_url, self.client.contract
        return renewal_of(self.login, contract, base_url, values, self.name)

    async def sign_out(self, session: Session) -> Exchange:
        """End one session, as its own owner."""
        call = self._declared(self.login.end, "login.end")
        body = render(call.body, {**self._values(), "refresh": session.refresh}, frozenset())
        credential = self._shown(session)
        if self.login.csrf and self.login.csrf.header and session.proof.csrf:
            credential[self.login.csrf.header] = session.proof.csrf
        return await self._send(
            Request(operation=call.operation, actor=self.name, json=body, credential=credential)
        )

    async def leave(self) -> None:
        """End the actor's own session, if it has one; any response is accepted."""
        session = self._session
        if session and self.login.end and (session.refresh or session.proof.cookies):
            await self.sign_out(session)

    def _values(self) -> dict[str, Any]:
        """The values for the templates of the rules."""
        account = self.account
        own = {"email": account.email, "password": account.password, "tenant_id": account.tenant_id}
        return {**account.more, **own}

    def _declared(self, call: Call | None, name: str) -> Call:
        if call is None:
            raise self._undeclared(name)
        return call

    def _undeclared(self, name: str) -> SmokeError:
        return SmokeError(f"The rules declare no [{name}], which a check needs.")

    async def _send(self, request: Request) -> Exchange:
        """Send a sign-in or sign-out; secrets of any response are masked before it is recorded."""
        return await self.client.send(replace(request, before_record=self._mask))

    def _mask(self, exchange: Exchange) -> None:
        secrets = self.client.run.secrets
        places = [self.login.access, self.login.refresh or ""]
        values = [at(exchange.json, place) for place in places if place]
        for value in (*values, *secrets_in(exchange)):
            if isinstance(value, str) and not secrets.knows(value):
                secrets.register(value, f"{PROVISIONAL}{self.name.upper()}_SIGN_IN")

    def _refused(self, exchange: Exchange) -> SmokeError:
        body = self.client.run.shorten(exchange.body)[:200]
        who = f"{self.name} ({self.account.email})" if self.account.email else self.name
        text = f"{who} could not sign in: {exchange.status} {body}"
        if self.account.given and exchange.status in (400, 401, 403, 423):
            return SmokeError(
                f"{text}\nThe service refused the credentials. Check SMOKE_USER_EMAIL and "
                "SMOKE_USER_PASSWORD, and that the target's accounts exist."
            )
        if exchange.succeeded and self.login.kind != "cookie":
            place = self.login.access or "/access_token"
            text += f"\nThe answer to {called(self.login)} has no token at {place}."
        return BrokenError(text)
