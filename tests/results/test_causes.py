"""Attribution: planted causes, each through the real client over a real socket."""

import asyncio
import gc
import sys
import warnings
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pytest

from smoke.config.targets import Target
from smoke.contract.events import Bounds
from smoke.errors import Cause, RefusedError, SmokeError
from smoke.http.client import Client
from smoke.results.causes import cause_of_error
from smoke.results.expectations import Expect
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.session.caller import Caller
from tests.contracts import shelf
from tests.loopback import Handler, Heard, answer, listening

BOOK = b'{"id": "7", "title": "Solaris"}'
PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
READ = "GET /books/{book_id}"


def page(status: int, body: bytes = PAGE, media: str = "text/html; charset=utf-8") -> Handler:
    return answer(status, body, Content_Type=media)


async def hangs_up(_heard: Heard, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def says_nothing(_heard: Heard, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def stalls(_heard: Heard, writer: asyncio.StreamWriter) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    )
    await writer.drain()
    await asyncio.Event().wait()


async def breaks_off(_heard: Heard, writer: asyncio.StreamWriter) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    )
    await writer.drain()
    writer.close()


async def no_check(_caller: Caller, _expect: Expect) -> None:
    raise KeyError("typo")


async def refused(_caller: Caller, _expect: Expect) -> None:
    raise RefusedError("DELETE /books/{book_id} was not sent.")


async def misused(_caller: Caller, _expect: Expect) -> None:
    raise SmokeError("The rules declare no actor 'owmer'.")


async def typed(_caller: Caller, _expect: Expect) -> None:
    none: Any = None
    none.attribute  # noqa: B018


async def library(_caller: Caller, _expect: Expect) -> None:
    shelf().operations["GET /no/such/operation"]


async def reads(caller: Caller, expect: Expect) -> None:
    expect(await caller.call(READ, book_id="7")).holds("/title", "Solaris")


async def asserts(caller: Caller, _expect: Expect) -> None:
    exchange = await caller.call(READ, book_id="7")
    assert exchange.status == 200


async def looks_for_none(caller: Caller, expect: Expect) -> None:
    expect(await caller.call(READ, book_id="8"), 404)


async def streams(caller: Caller, expect: Expect) -> None:
    exchange = await caller.call(READ, book_id="7", stream=Bounds(time_s=0.2))
    expect.that("the stream ends by itself", exchange.ended)


@dataclass(frozen=True)
class Planted:
    """A cause that is planted: what the service does, how it is asked, and the right cause."""

    name: str
    cause: Cause
    handler: Handler = field(default_factory=answer)
    check: Any = reads
    url: str = ""


S, C, E, H = Cause.SERVICE, Cause.CONTRACT, Cause.ENVIRONMENT, Cause.HARNESS

PLANTED = [
    Planted("500 with JSON", S, answer(500)),
    Planted("500 with the framework's own page", S, page(500)),
    Planted("503 with JSON", S, answer(503)),
    Planted("404 with JSON", S, answer(404)),
    Planted("401 with JSON", S, answer(401)),
    Planted("another title", S, answer(200, b'{"id": "7", "title": "Eden"}')),
    Planted("200 instead of the refusal", S, answer(200, BOOK), looks_for_none),
    Planted("plain assertion of a check", S, answer(500), asserts),
    Planted("body stalls", S, stalls),
    Planted("body breaks off", S, breaks_off),
    Planted("stream never ends", S, stalls, streams),
    Planted("member missing", C, answer(200, b'{"id": "7"}')),
    Planted("member of another type", C, answer(200, b'{"id": 7, "title": "Solaris"}')),
    Planted("not JSON though its media type is", C, answer(200, b"{oops")),
    Planted("another media type", C, page(200, b"id,title", "text/csv")),
    Planted("no listener", E, url="http://127.0.0.1:9"),
    Planted("no such host", E, url="http://smoke-test.invalid"),
    Planted("TLS spoken to plain HTTP", E, answer(200, BOOK), url="https"),
    Planted("no byte in time", E, says_nothing),
    Planted("hangs up before any byte", E, hangs_up),
    Planted("proxy's 502 page", E, page(502)),
    Planted("proxy's 503 in plain text", E, page(503, b"no healthy upstream", "text/plain")),
    Planted("proxy's 504 without a body", E, page(504, b"", "text/html")),
    Planted("proxy's 504 where 404 was expected", E, page(504), looks_for_none),
    Planted("edge's 522", E, page(522, b"error code: 522", "text/plain")),
    Planted("sign-in page of a portal", E, page(200, b"<!doctype html><title>Sign in</title>")),
    Planted("404 page of the wrong host", E, page(404, PAGE), looks_for_none),
    Planted("check with a typo", H, check=no_check),
    Planted("check with a wrong attribute", H, check=typed),
    Planted("check that asks the contract for nothing", H, check=library),
    Planted("request that must not be sent", H, check=refused),
    Planted("misuse", H, check=misused),
]


@asynccontextmanager
async def asking(url: str) -> AsyncIterator[tuple[Caller, Expect]]:
    run = Run("t", Secrets())
    target = Target("t", base_url=url, timeout_s=0.3)
    client = Client(target, shelf(), run)
    try:
        yield Caller(client), Expect(shelf(), run, lambda _operation: (200,))
    finally:
        await client.close()
        with warnings.catch_warnings(action="ignore"):
            gc.collect()  # a failed TLS handshake leaves anyio's transport to the collector


async def found(planted: Planted) -> Cause:
    """The cause that the engine finds."""
    async with nullcontext() if "://" in planted.url else listening(planted.handler) as here:
        url = here.url if here else planted.url
        url = url.replace("http://", "https://") if planted.url == "https" else url
        async with asking(url) as (caller, expect):
            try:
                await planted.check(caller, expect)
            except Exception as error:
                return cause_of_error(error)
    raise AssertionError(f"{planted.name}: nothing was wrong")


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
async def test_cause_is_right(planted: Planted) -> None:
    assert await found(planted) is planted.cause


async def test_confusion_matrix_has_nothing_off_its_diagonal() -> None:
    pairs = [(planted.cause, await found(planted)) for planted in PLANTED]
    matrix = Counter(pairs)
    rows = [f"{row:<12}" + "".join(f"{matrix[row, found]:>12}" for found in Cause) for row in Cause]
    head = " " * 12 + "".join(f"{cause:>12}" for cause in Cause)
    table = "\n".join(("planted in rows, found in columns", head, *rows))
    sys.stdout.write(table + "\n")  # shown by pytest -rP
    assert len(pairs) >= 20
    assert sum(matrix[cause, cause] for cause in Cause) == len(pairs), table


def test_assertion_of_our_own_engine_is_ours() -> None:
    code = compile("assert False", str(cause_of_error.__code__.co_filename), "exec")
    with pytest.raises(AssertionError) as caught:
        exec(code)  # noqa: S102
    assert cause_of_error(caught.value) is Cause.HARNESS


def test_pytest_fail_in_a_check_speaks_about_the_service() -> None:
    with pytest.raises(pytest.fail.Exception) as caught:
        pytest.fail("the balance is wrong")
    assert cause_of_error(caught.value) is Cause.SERVICE


def test_timeout_of_a_check_is_ours() -> None:
    with pytest.raises(pytest.fail.Exception) as caught:
        pytest.fail("Timeout (>60.0s) from pytest-timeout.")
    assert cause_of_error(caught.value) is Cause.HARNESS


def stumbles_over(text: str) -> BaseException:
    """The error of a check that reads a text as what it is not."""
    try:
        ElementTree.fromstring(text)  # noqa: S314  (our own text)
    except ElementTree.ParseError as error:
        return error
    raise AssertionError(text)


def fails_in_the_engine() -> BaseException:
    """An error that our engine raises for a check."""
    try:
        Secrets().register(None, "NAME")  # type: ignore[arg-type]
    except (TypeError, AttributeError) as error:
        return error
    raise AssertionError


def has_a_typo() -> BaseException:
    """A check that is wrong whatever the service answers."""
    try:
        _ = unheard_of  # type: ignore[name-defined]
    except NameError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("error", "answered", "cause"),
    [
        (stumbles_over("no feed"), True, Cause.SERVICE),
        (stumbles_over("no feed"), False, Cause.HARNESS),
        (fails_in_the_engine(), True, Cause.HARNESS),
        (has_a_typo(), True, Cause.HARNESS),
    ],
    ids=["unreadable answer", "nothing answered", "engine", "typo"],
)
def test_check_that_stumbles_over_an_answer_blames_the_service(
    error: BaseException, answered: bool, cause: Cause
) -> None:
    assert cause_of_error(error, answered=answered) is cause
