"""The client keeps to a target's rate limit, and sends once more after a short `Retry-After`."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from smoke.config.targets import Target
from smoke.contract.events import Bounds
from smoke.errors import UnverifiedError
from smoke.http.client import Client, Request
from smoke.http.pace import LONGEST_S, Pace, patience, retry_after_s
from smoke.results.exchange import Exchange
from smoke.results.expectations import Expect, Mismatch
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.session.caller import Caller
from tests.contracts import shelf
from tests.loopback import Handler, Heard, answer, listening
from tests.unlike.projects import lockers_run

DATE = datetime(2030, 1, 1, tzinfo=UTC)


def client_of(url: str, **more: Any) -> Client:
    return Client(Target("t", base_url=url, **more), shelf(), Run("t", Secrets()))


def first(status: int, then: int = 200, **headers: Any) -> Handler:
    """A handler that gives one answer to the first request, and another one to the others."""
    answers = [answer(status, **headers), answer(then, **headers)]

    async def handle(heard: Heard, writer: asyncio.StreamWriter) -> None:
        await answers[0](heard, writer)
        del answers[:-1]

    return handle


def test_turns_are_evenly_spaced_however_many_ask_at_once() -> None:
    now = [100.0]
    pace = Pace(4, lambda: now[0])
    assert [pace.turn() for _ in range(4)] == [0.0, 0.25, 0.5, 0.75]
    now[0] += 0.9
    assert pace.turn() == pytest.approx(0.1)
    now[0] += 9
    assert pace.turn() == 0.0


def test_without_a_rate_no_request_waits() -> None:
    pace = Pace(0)
    assert [pace.turn() for _ in range(9)] == [0.0] * 9


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        (format_datetime(DATE + timedelta(seconds=3), usegmt=True), 3),
        (format_datetime(DATE - timedelta(seconds=3), usegmt=True), 0),
        ("Tuesday, 01-Jan-30 00:00:04 GMT", 4),
        ("9" * 6000, float("inf")),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("\u0661", None),
        ("Tue, 99 Jan 2030 00:00:00 GMT", None),
        ("1, 2", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    headers = {"retry-after": header, "date": format_datetime(DATE, usegmt=True)}
    assert retry_after_s(headers) == seconds


def test_date_is_compared_with_this_machine_s_clock_where_the_answer_has_none() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 50 < (retry_after_s({"retry-after": later}) or 0) <= 60


@pytest.mark.parametrize(
    ("status", "header", "wait", "words"),
    [
        (429, "2", 2, "Retry-After asks for 2 s: sent once more"),
        (503, "0", 0, "Retry-After asks for 0 s: sent once more"),
        (429, "11", None, "Retry-After asks for 11 s; the run waits 10 s at most"),
        (429, "9", None, "Retry-After asks for 9 s, which ends after the run's deadline"),
        (429, "", None, ""),
        (500, "1", None, ""),
        (301, "1", None, ""),
        (None, "1", None, ""),
    ],
)
def test_wait_is_short_and_reported(
    status: int | None, header: str, wait: float | None, words: str
) -> None:
    assert patience(status, {"retry-after": header}, 8.5) == (wait, words)


async def test_rate_is_kept_by_requests_at_once() -> None:
    came: list[float] = []

    async def clocked(heard: Heard, writer: asyncio.StreamWriter) -> None:
        came.append(perf_counter())
        await answer()(heard, writer)

    async with listening(clocked) as server:
        client = client_of(server.url, max_rate=40)
        await asyncio.gather(*(client.send(Request("GET /books")) for _ in range(9)))
        await client.close()
    assert max(came) - min(came) > 8 / 40 - 0.02
    sent = [exchange.started_s for exchange in client.run.exchanges]
    assert max(sent) - min(sent) > 8 / 40 - 0.02  # what was waited for is no time of the answer's


async def test_turn_behind_the_deadline_is_not_waited_for() -> None:
    async with listening(answer()) as server:
        client = client_of(server.url, max_rate=0.01, deadline_s=1.5)
        await client.send(Request("GET /books"))
        began = perf_counter()
        with pytest.raises(UnverifiedError, match=r"deadline of 1\.5 s has passed"):
            await client.send(Request("GET /books"))
        await client.close()
    assert perf_counter() - began < 5
    assert len(server.heard) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_service_that_asks_to_come_again_is_asked_once_more(status: int) -> None:
    async with listening(first(status, Retry_After="1")) as server:
        client = client_of(server.url)
        began = perf_counter()
        exchange = await client.send(Request("POST /books", json={"n": 1}))
        await client.close()
    assert perf_counter() - began >= 1
    assert (exchange.status, exchange.elapsed_ms < 900) == (200, True)
    assert [heard.body for heard in server.heard] == [b'{"n":1}', b'{"n":1}']
    assert [(one.status, one.remark) for one in client.run.exchanges] == [
        (status, "Retry-After asks for 1 s: sent once more"),
        (200, "sent again after 1 s, as the previous response requested"),
    ]
    assert client.run.notes == ["POST /books: Retry-After asks for 1 s: sent once more"]


async def test_it_is_asked_once_more_and_not_twice() -> None:
    async with listening(answer(429, Retry_After="0")) as server:
        client = client_of(server.url)
        exchange = await client.send(Request("GET /books"))
        await client.close()
    assert (exchange.status, len(server.heard)) == (429, 2)


@pytest.mark.parametrize(
    ("request_", "headers"),
    [
        (Request("GET /books", at_once=True), {"Retry_After": "0"}),
        (Request("GET /books"), {"Retry_After": "3600"}),
        (Request("GET /books"), {"Retry_After": "9"}),
        (Request("GET /books"), {}),
    ],
    ids=["at once", "in an hour", "behind the deadline", "not stated"],
)
async def test_client_does_not_wait_for(request_: Request, headers: dict[str, Any]) -> None:
    async with listening(answer(503, **headers)) as server:
        client = client_of(server.url, deadline_s=8)
        began = perf_counter()
        exchange = await client.send(request_)
        await client.close()
    assert perf_counter() - began < 5
    assert (exchange.status, len(server.heard), client.run.notes) == (503, 1, [])


async def test_stream_that_is_refused_for_now_is_asked_once_more() -> None:
    async with listening(first(429, Retry_After="0")) as server:
        client = client_of(server.url)
        exchange = await client.send(Request("GET /books", stream=Bounds(time_s=1)))
        await client.close()
    assert (exchange.status, len(server.heard)) == (200, 2)


async def test_failure_shows_why_the_client_did_not_wait() -> None:
    async with listening(answer(429, Retry_After="3600")) as server:
        client = client_of(server.url)
        caller, expect = Caller(client), Expect(shelf(), client.run, lambda _: (200,))
        with pytest.raises(
            Mismatch, match="Retry-After asks for 3600 s; the run waits 10 s at most"
        ):
            expect(await caller.call("GET /books"))
        assert (await caller.call("GET /books", at_once=True)).remark == ""
        await client.close()


def test_exchange_of_an_answer_with_a_remark_has_it_in_its_line(tmp_path: Path) -> None:
    run = Run("t", Secrets(), tmp_path / "run.jsonl")
    exchange = Exchange(1, "", "a", "GET /x", "GET", "http://x", 0.0, {}, status=429)
    run.saw(exchange)
    run.saw(replace(exchange, remark=f"the run waits {LONGEST_S:g} s at most"))
    run.close()
    before, after = (tmp_path / "run.jsonl").read_text().splitlines()[-2:]
    assert "remark" not in before
    assert '"remark": "the run waits 10 s at most"' in after


AUDIT = """
[tool.smoke.gates.audit]
covers = ["tag:audit"]
shut = "is not bought everywhere"
refusal = [503]
"""


@pytest.mark.parametrize(("state", "code", "asked"), [("absent", 0, 1), ("on", 1, 2)])
def test_refusal_that_is_expected_is_taken_at_once(
    state: str, code: int, asked: int, tmp_path: Path
) -> None:
    only = ("--gate", f"audit={state}", "-k", "absent or operation")
    run, _ = lockers_run(tmp_path, *only, fault="audit_comes_later", more=AUDIT)
    sent = [row for row in run.record("exchange") if row["operation"] == "GET /audit"]
    assert (run.code, len(sent)) == (code, asked), run.out
