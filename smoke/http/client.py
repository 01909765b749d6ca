"""
The one sender: every request of a run goes through `Client.send`.

It records each exchange, limits time and size, and refuses unsafe requests: a write on a read-only
target, and the removal of a thing that the run did not create.
"""

import asyncio
import secrets as entropy
import ssl
from contextlib import aclosing
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from time import perf_counter
from typing import Any

import httpx

from smoke.config.targets import CLEANUP_S, Target, is_inner
from smoke.contract import Contract
from smoke.contract.events import MAX_BODY
from smoke.contract.operation_id import OperationId
from smoke.errors import UnverifiedError
from smoke.http.certificates import REFUSED, explained, trusted
from smoke.http.decoding import ACCEPTED, DecodingError, read
from smoke.http.pace import AT_ONCE, Pace, patience
from smoke.http.policy import Policy, guard, learn
from smoke.http.proxies import unusable_proxies
from smoke.http.request import Request
from smoke.results.exchange import Exchange, Headers
from smoke.results.run import Run

__all__ = ["Client", "Request"]


# Methods that the client may repeat: a second time has no further effect (RFC 9110 §9.2.2).
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})

# Seconds without a request after which a server may have closed a connection for being idle.
IDLE_S = 1.0

# Seconds that an idle connection is kept. Servers close theirs after 2 s (gunicorn) or 5 s
# (uvicorn, Node.js): a request that crosses such a close on its way gets no answer.
KEPT_S = 1.8


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
            verify=trusted(target, httpx.create_ssl_context),
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
            # Once only: a service that asks again and again would hold up the run.
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
        url = request.url or self.target.base_url.rstrip("/") + path
        try:
            message = self._message(request, method, url)
        except (httpx.InvalidURL, ValueError) as error:
            return self._unsendable(request, method, url, error)
        # The built message has the URL that the server would see.
        guard(self, request, message.method, self._below_base(message.url))
        await self._turn(request.operation)
        # Else a request would wait for a connection within its own time limit.
        async with self._slots:
            exchange = self._begin(request, method, str(message.url))
            exchange.request_headers = dict(message.headers)
            multipart = request.files is not None
            exchange.request_body = b"(multipart)" if multipart else message.content
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
        learn(self, request, path, exchange)
        return exchange

    async def _turn(self, operation: str) -> None:
        """Wait for the target's pace, until the run's deadline at most."""
        pause_s = self._pace.turn()
        if pause_s > 0:
            await asyncio.sleep(min(pause_s, self._remaining_s(operation)))

    def _below_base(self, url: httpx.URL) -> str:
        """The path of a URL below the target's base URL, as it is sent, without its query."""
        path = url.raw_path.partition(b"?")[0].decode("ascii")
        base = httpx.URL(self.target.base_url).raw_path.decode("ascii")
        return path.removeprefix(base.rstrip("/"))

    def _message(self, request: Request, method: str, url: str) -> httpx.Request:
        # A new span of the run's trace (W3C Trace Context §3.2).
        span = f"00-{self.run.trace_id}-{entropy.token_hex(8)}-01"
        headers = {**request.headers, "traceparent": span}
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

    def _begin(self, request: Request, method: str, url: str) -> Exchange:
        return Exchange(
            number=next(self.run.numbers),
            check=self.run.current,
            place=self.run.check.place,
            actor=request.actor,
            operation="" if request.url else request.operation,
            method=method,
            url=url,
            started_s=self.run.elapsed_s,
            request_headers={},
        )

    def _unsendable(self, request: Request, method: str, url: str, error: Exception) -> Exchange:
        """Record a request that cannot be sent, mostly because of a value from the service."""
        exchange = self._begin(request, method, url)
        exchange.error = f"the request cannot be sent: {error}"
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
                async with aclosing(response):
                    coding = response.headers.get("content-encoding", "")
                    await read(response.aiter_raw(), coding, exchange, request.stream)
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


def _http_client(**options: Any) -> httpx.AsyncClient:
    """
    The HTTP library's client, which reads the proxies of the environment.

    Raises:
        ConfigError: the environment names a proxy that cannot be used.
    """
    try:
        return httpx.AsyncClient(**options)
    except (httpx.InvalidURL, ImportError, ValueError) as error:
        raise unusable_proxies(error) from None


def _failed(exchange: Exchange, error: Exception) -> None:
    """Note why no response came, in the words of the network library."""
    ours = isinstance(error, (httpx.UnsupportedProtocol, httpx.LocalProtocolError))
    exchange.environment = exchange.status is None and not ours
    exchange.status = None
    reason = str(error) or type(error).__name__
    exchange.error = f"{type(error).__name__}: {reason}"
