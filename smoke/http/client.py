"""
The one sender: every request of a run goes through `Client.send`.

It records each exchange, limits time and size, and refuses unsafe requests: a write on a read-only
target, and the removal of a thing that the run did not create.
"""

import asyncio
import os
import re
import secrets as entropy
import ssl
from contextlib import aclosing
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from time import perf_counter
from typing import Any
from urllib.request import getproxies_environment

import httpx

from smoke.config.hosts import is_inner
from smoke.config.targets import CLEANUP_S, Target
from smoke.contract import Contract
from smoke.contract.bounds import MAX_BODY, Bounds
from smoke.contract.events import EVENT_STREAM, event_data
from smoke.contract.operation_id import OperationId, misleads
from smoke.contract.pointers import at
from smoke.errors import ConfigError, LeftOutError, RefusedError, UnverifiedError
from smoke.http.certificates import REFUSED, explained
from smoke.http.decoding import ACCEPTED, DecodingError
from smoke.http.pace import AT_ONCE, Pace, patience
from smoke.http.policy import Policy, left_out, only_for_own
from smoke.http.reading import Reading
from smoke.http.request import Request
from smoke.results.exchange import Exchange
from smoke.results.headers import Headers
from smoke.results.run import Run

__all__ = ["MAX_BODY", "Bounds", "Client", "Request"]


# Methods that the client may repeat: a second time has no further effect (RFC 9110 §9.2.2).
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})

# Seconds without a request after which a server may have closed a connection for being idle.
IDLE_S = 1.0

# Seconds that an idle connection is kept. Servers close theirs after 2 s (gunicorn) or 5 s
# (uvicorn, Node.js): a request that crosses such a close on its way gets no answer.
KEPT_S = 1.8

# The status that confirms a new resource (RFC 9110 §15.3.2).
CREATED = 201


class Client:
    """Sends requests to one target and records each exchange in the run."""

    def __init__(
        self, target: Target, contract: Contract, run: Run, policy: Policy | None = None
    ) -> None:
        self.target = target
        self.contract = contract
        self.run = run
        self.policy = policy or Policy()
        self._pace = Pace(target.max_rate)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._used = perf_counter()
        self._http = _http_client(
            timeout=httpx.Timeout(target.timeout_s),
            verify=_trust(target),
            # A proxy of the environment cannot reach a service on this machine.
            trust_env=not target.loopback,
            follow_redirects=False,
            # Actors share this client, so it must not keep the cookies of one for another.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx.Limits(max_connections=20, keepalive_expiry=KEPT_S),
            headers={
                "accept-encoding": ACCEPTED,
                "user-agent": f"smoke run={run.id}",
                "x-smoke-run": run.id,
            },
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, request: Request) -> Exchange:
        """
        Send one request and return its exchange, whatever the answer is.

        A failed connection gives an exchange without status. So does a request that cannot be sent,
        such as one to an invalid URL that the service returned. The client sends once more if the
        connection broke before any byte came back. It never repeats because of a status, except for
        a 429 or 503 with a short `Retry-After`: it records both exchanges and returns the last.

        Raises:
            RefusedError: it would remove a thing that this run did not create; nothing was sent.
            LeftOutError: the target does not accept it; nothing was sent.
            UnverifiedError: the run's deadline passed before the request or its full answer.
        """
        exchange = await self._sent(request)
        pause_s, _ = self._patience(request, exchange)
        if pause_s is not None:
            self.run.note(f"{exchange.operation or exchange.method}: {exchange.remark}")
            await asyncio.sleep(pause_s)
            remark = f"sent again after {pause_s:g} s, as the previous response requested"
            exchange = await self._sent(replace(request, at_once=True), remark)
        return exchange

    def _patience(self, request: Request, exchange: Exchange) -> tuple[float | None, str]:
        if request.at_once:
            return None, ""
        left_s = self.target.deadline_s - self.run.elapsed_s
        return patience(exchange.status, exchange.headers, left_s)

    async def _sent(self, request: Request, remark: str = "") -> Exchange:
        """Send a request once and record its exchange."""
        wanted = OperationId(request.operation)
        method, path = wanted.method, wanted.fill(request.path)
        url = request.url or self._address(path)
        try:
            message = self._message(request, method, url)
        except (httpx.InvalidURL, ValueError) as error:
            return self._unsendable(request, method, url, error)
        self._guard(request, message)
        await self._turn(request.operation)
        # Else a request would wait for a connection within its own time limit.
        async with self._slots:
            exchange = self._begin(request, message)
            await self._exchange(message, exchange, request)
        exchange.remark = remark or self._patience(request, exchange)[1]
        if exchange.cut and not request.stream:
            exchange.remark = f"only the first {MAX_BODY >> 20} MiB of the body were read"
        # New tokens must be known as secrets before the record is written.
        if request.before_record is not None:
            request.before_record(exchange)
        self.run.saw(exchange)
        if not exchange.ended:
            self._remaining_s(request.operation, unanswered=True)
        self._learn(request, path, exchange)
        if self.policy.takes_away(request.operation) and 200 <= (exchange.status or 0) < 300:
            self.run.took_away(request.operation, path, request.actor)
        return exchange

    async def _turn(self, operation: str) -> None:
        """Wait for the target's pace, until the run's deadline at most."""
        pause_s = self._pace.turn()
        if pause_s > 0:
            await asyncio.sleep(min(pause_s, self._remaining_s(operation)))

    def _address(self, path: str) -> str:
        return self.target.base_url.rstrip("/") + path

    def _guard(self, request: Request, message: httpx.Request) -> None:
        """
        Refuse a request that this run must not send.

        The decision uses the built message: its URL is the one that the server would see.
        """
        method, path = message.method, self._below_base(message.url)
        known = None if request.url else self.contract.match(method, path)
        template = known.path if known else OperationId(request.operation).path
        operation = OperationId(f"{method} {template}")
        refused = left_out(self.target, self.policy, operation)
        if refused:
            raise LeftOutError(refused)
        own = not request.url and self.run.owns(operation, path, request.actor)
        if self.policy.takes_away(operation) and not own:
            raise RefusedError(
                f"{request.operation} was not sent: this run did not create {path!r}. "
                "A run may destroy only what it created."
            )
        if only_for_own(self.target, self.policy, operation) and not own:
            raise LeftOutError(
                f"target {self.target.name!r} is protected, and this run did not create {path!r}; "
                f"to send it all the same: --allow {operation!r}"
            )

    def _below_base(self, url: httpx.URL) -> str:
        """The path of a URL below the target's base URL, as it is sent, without its query."""
        path = url.raw_path.partition(b"?")[0].decode("ascii")
        base = httpx.URL(self.target.base_url).raw_path.decode("ascii")
        return path.removeprefix(base.rstrip("/"))

    def _message(self, request: Request, method: str, url: str) -> httpx.Request:
        headers = {**request.headers, "traceparent": self._traceparent()}
        if not request.url:
            headers = {**self.target.headers, **headers, **request.credential}
        # A service elsewhere must not make us call this machine or its cloud's metadata address.
        elif is_inner(url) and not self.target.loopback:
            raise ValueError("a service elsewhere cannot hand out a URL of this machine")
        usual_s = self.target.timeout_s
        return self._http.build_request(
            method,
            url,
            params={key: value for key, value in request.query.items() if value is not None}
            or None,
            headers=headers,
            json=request.json,
            content=request.content,
            data=dict(request.form) if request.form is not None else None,
            files=request.files,
            timeout=httpx.Timeout(request.head_s(usual_s), read=request.silence_s(usual_s)),
        )

    def _traceparent(self) -> str:
        """A new span of the run's trace (W3C Trace Context §3.2)."""
        return f"00-{self.run.trace_id}-{entropy.token_hex(8)}-01"

    def _begin(self, request: Request, message: httpx.Request) -> Exchange:
        multipart = request.files is not None
        return Exchange(
            number=next(self.run.numbers),
            check=self.run.current,
            place=self.run.check.place,
            actor=request.actor,
            operation="" if request.url else request.operation,
            method=message.method,
            url=str(message.url),
            started_s=self.run.elapsed_s,
            request_headers=dict(message.headers),
            request_body=b"(multipart)" if multipart else message.content,
        )

    def _unsendable(self, request: Request, method: str, url: str, error: Exception) -> Exchange:
        """Record a request that cannot be sent, mostly because of a value from the service."""
        exchange = Exchange(
            number=next(self.run.numbers),
            check=self.run.current,
            place=self.run.check.place,
            actor=request.actor,
            operation="" if request.url else request.operation,
            method=method,
            url=url,
            started_s=self.run.elapsed_s,
            request_headers={},
            error=f"the request cannot be sent: {error}",
        )
        self.run.saw(exchange)
        return exchange

    async def _exchange(self, message: httpx.Request, exchange: Exchange, request: Request) -> None:
        began = perf_counter()
        head_s = request.head_s(self.target.timeout_s)
        budget = request.stream.time_s if request.stream else head_s
        budget = min(budget, self._remaining_s(request.operation))
        try:
            async with asyncio.timeout(budget):
                async with asyncio.timeout(head_s):
                    response = await self._answer(message, exchange, request)
                    exchange.first_byte_ms = (perf_counter() - began) * 1000
                await self._read(response, exchange, request.stream)
        except TimeoutError:
            exchange.ended = False
            if exchange.status is None or not request.stream:
                exchange.error = f"no complete answer within {min(budget, head_s):g} s"
                exchange.environment = exchange.status is None
                exchange.status = None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, DecodingError) as error:
            _failed(exchange, error)
            if REFUSED in exchange.error:
                exchange.error = await asyncio.to_thread(explained, exchange.error, exchange.url)
        exchange.elapsed_ms = (perf_counter() - began) * 1000

    def _remaining_s(self, operation: str, *, unanswered: bool = False) -> float:
        """
        Seconds until the run's deadline; removals and sign-ins have the reserved time, too.

        Raises:
            UnverifiedError: the deadline has passed, which proves nothing about the service; the
                message names an `unanswered` operation.
        """
        remaining = self.target.deadline_s - self.run.elapsed_s
        # The cleanup needs its accounts, which may have to sign in again.
        if self.policy.takes_away(operation) or operation in self.policy.sign_in:
            remaining += CLEANUP_S
        if remaining <= 0:
            where = f" before {operation} was answered in full" if unanswered else ""
            raise UnverifiedError(
                f"The run's deadline of {self.target.deadline_s:g} s has passed{where}; "
                "the remaining operations are not verified."
            )
        return remaining

    async def _answer(
        self, message: httpx.Request, exchange: Exchange, request: Request
    ) -> httpx.Response:
        """
        Return the response's head; send once more if the connection broke before any byte.

        A POST may already have had its effect, so it is sent again only if its connection was old
        and idle: servers close such connections without reading anything.
        """
        idle = perf_counter() - self._used >= IDLE_S
        fresh: list[str] = []

        async def traced(event: str, _info: object) -> None:
            if event.startswith("connection.connect_"):
                fresh.append(event)

        message.extensions = {**message.extensions, "trace": traced}
        try:
            response = await self._http.send(message, stream=True, auth=request.auth)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if message.method not in IDEMPOTENT and (fresh or not idle):
                raise
            exchange.resent = True
            name = exchange.operation or exchange.method
            self.run.note(f"{name}: sent again, as its connection broke before an answer")
            await self._turn(request.operation)
            response = await self._http.send(message, stream=True, auth=request.auth)
        finally:
            self._used = perf_counter()
        exchange.status = response.status_code
        exchange.headers = Headers(response.headers.multi_items())
        return response

    async def _read(
        self, response: httpx.Response, exchange: Exchange, stream: Bounds | None
    ) -> None:
        async with aclosing(response):
            reading = Reading(response.headers.get("content-encoding", ""), stream)
            try:
                async for raw in response.aiter_raw():
                    if reading.take(raw):
                        exchange.ended = False
                        break
            finally:
                exchange.cut, exchange.body = reading.is_cut, reading.body
                if exchange.content_type == EVENT_STREAM:
                    exchange.events = tuple(event_data(exchange.body))

    def _learn(self, request: Request, path: str, exchange: Exchange) -> None:
        """Note the thing that this request created, so that the run may remove it."""
        made = exchange.status is not None and 200 <= exchange.status < 300
        if not made or exchange.method not in ("POST", "PUT") or request.url:
            return
        pointer = self.policy.creates.get(request.operation)
        if pointer is None:
            return
        value = at(exchange.json, pointer)
        # A 200 may name a row that existed before, and the cleanup must not remove that one.
        proven = exchange.status == CREATED or self.run.id in str(value)
        if proven or request.operation not in self.policy.unproven:
            self.made(request.operation, path, value)

    def made(self, operation: str, path: str, value: Any) -> None:
        """Note that an operation created the thing with this id below a path: the run owns it."""
        if not misleads(value):
            self.run.own(f"DELETE {path.rstrip('/')}/{{id}}", {"id": value})
            # Sessions end at the end of the run, and the service forgets those of a killed run.
            if operation not in self.policy.sign_in:
                self.run.creations.creates(self.run.current, operation, path, value)
            self.run.write("created", operation=operation, path=path, id=str(value))


def _http_client(**options: Any) -> httpx.AsyncClient:
    """
    The HTTP library's client, which reads the proxies of the environment.

    Raises:
        ConfigError: the environment names a proxy that cannot be used.
    """
    try:
        return httpx.AsyncClient(**options)
    except (httpx.InvalidURL, ImportError, ValueError) as error:
        named = {**getproxies_environment(), "no": os.environ.get("no_proxy", "")}
        named["no"] = named["no"] or os.environ.get("NO_PROXY", "")
        shown = ", ".join(
            f"{name.upper()}_PROXY={re.sub('//.*@', '//…@', url)!r}"  # it may hold a password
            for name, url in named.items()
            if url
        )
        raise ConfigError(
            [
                f"The proxy settings of the environment cannot be used: {error}. They are {shown}. "
                "In NO_PROXY, write an IPv6 address without brackets and without a prefix length; "
                "a SOCKS proxy needs the package socksio."
            ]
        ) from None


def _trust(target: Target) -> ssl.SSLContext:
    """
    The authorities that TLS trusts, and the client's own certificate (mutual TLS).

    Raises:
        ConfigError: a file cannot be read, or contains no certificate.
    """
    verify = target.verify
    try:
        if isinstance(verify, str):
            context = ssl.create_default_context(cafile=verify)
        else:
            context = httpx.create_ssl_context(verify)
    except OSError as error:
        place = f"verify = {verify!r}" if isinstance(verify, str) else "SSL_CERT_FILE"
        raise ConfigError([f"{place} cannot be trusted: {error}. Name a PEM file."]) from None
    if target.client_cert:
        context.load_cert_chain(target.client_cert, target.client_key or None)
    return context


def _failed(exchange: Exchange, error: Exception) -> None:
    """Note why no response came, in the words of the network library."""
    ours = isinstance(error, (httpx.UnsupportedProtocol, httpx.LocalProtocolError))
    exchange.environment = exchange.status is None and not ours
    exchange.status = None
    reason = str(error) or type(error).__name__
    exchange.error = f"{type(error).__name__}: {reason}"
