"""
The words of a failure, put together once: every report, file and screen shows these.

The sentence names the operation, the expected and the actual result. The details are the lines of
a plain pytest report, which shows nothing else of ours.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from smoke.errors import SmokeError
from smoke.results.curl import curl_line
from smoke.results.exchange import Exchange
from smoke.results.run import Run

# Characters of the expected, and of the actual, value that the sentence repeats.
VALUE_MOST = 160

# Characters of an error's own message that the reason repeats.
OWN_MOST = 2000

# Characters of a body that the details show.
BODY_MOST = 600

# Part of the path of every module that is neither ours nor the user's.
LIBRARY = re.compile(r"[/\\](site-packages|lib[/\\]python3[^/\\]*)[/\\]")


def asked(exchange: Exchange) -> str:
    """Return the operation and the actor of a request."""
    what = exchange.operation or f"{exchange.method} {exchange.url}"
    return f"{what} as {exchange.actor}"


def sentence(what: str, expected: str, got: str) -> str:
    """Return `GET /books/{book_id} as owner: expected 200, got 500`."""
    return f"{what}: expected {_short(expected)}, got {_short(got)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= VALUE_MOST else f"{line[: VALUE_MOST - 1]}…"


def reason_of(error: BaseException) -> str:
    """
    Return why a check failed, for an error of any kind.

    A mismatch has its own sentence, and a misuse its whole message. Any other error is named by its
    type, its message and the place that raised it.
    """
    if hasattr(error, "reason") and error.reason:
        return str(error.reason)
    message = str(error).strip()[:OWN_MOST]
    if isinstance(error, SmokeError) or hasattr(error, "cause"):
        return message or type(error).__name__
    name = type(error).__name__
    words = f"{name}: {message.splitlines()[0]}" if message else name
    place = _place(error)
    return f"{words} ({place})" if place else words


def _place(error: BaseException) -> str:
    """Where an error was raised in a file of the project, as `checks/test_books.py:33`."""
    found = ""
    traceback = error.__traceback__
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if Path(name).is_file() and not LIBRARY.search(name):
            found = f"{_near(Path(name))}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return found


def _near(path: Path) -> Path:
    """A path relative to the current directory, if it is inside."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def details(run: Run, exchange: Exchange, expected: str, got: str) -> str:
    """Return the lines of a failure, masked: request, expected, got, and how to send it again."""
    body = " ".join(run.shorten(exchange.body)[:BODY_MOST].split())
    rows = {
        "expected": expected,
        "got": f"{got}  ({exchange.elapsed_ms:.0f} ms)",
        "remark": exchange.remark,
        "body": body,
        "request": exchange.request_id,
        "trace": exchange.request_headers.get("traceparent", ""),
        "again": curl(run, exchange),
    }
    lines = [asked(exchange), *(f"  {name:<10}{text}" for name, text in rows.items() if text)]
    return run.secrets.mask("\n".join(lines))


def curl(run: Run, exchange: Exchange) -> str:
    """Return a line to paste in a shell; it contains no secret."""
    mask = run.secrets.mask
    headers = {name: mask(value) for name, value in exchange.request_headers.items()}
    body = exchange.request_body.decode("utf-8", "replace")
    return curl_line(
        exchange.method,
        mask(exchange.url),
        headers,
        mask(body),
        actor=exchange.actor,
        sign_in=run.header.get("tokens", {}).get(exchange.actor, ""),
        content_type=exchange.content_type,
        status=exchange.status,
        elapsed_ms=exchange.elapsed_ms,
    )


# From this many milliseconds on, the report states when the first byte came.
SLOW_MS = 2000.0

# Headers in which load balancers and platforms name the replica that answered.
REPLICAS = (
    "x-served-by", "x-replica", "x-instance-id", "x-instance", "x-pod-name", "x-pod",
    "x-backend-server", "x-backend", "x-server-id",
)  # fmt: skip


# Facts from other requests of the run save the reader of a failure a search in the record.
def facts_of(run: Run, exchange: Exchange) -> tuple[str, ...]:
    """Return what the run knows of the failing exchange, a sentence each."""
    # In the suite's order: what runs beside the check would make the facts differ from run to run.
    now = exchange.place, exchange.number
    before = [other for other in run.exchanges if (other.place, other.number) < now]
    found = (
        *_repeats(exchange, before),
        *_replica(exchange, before),
        *_token(exchange, before),
        *_from_the_answer(exchange),
    )
    return tuple(map(run.secrets.mask, found))


def _repeats(exchange: Exchange, before: list[Exchange]) -> Iterator[str]:
    """How the same operation answered the same actor before."""
    same = [
        other
        for other in before
        if (other.operation, other.actor) == (exchange.operation, exchange.actor)
        and exchange.operation
    ]
    good = [other.status for other in same if other.status and other.status < 400]
    # A refusal after a success is an answer; only an error, or silence, may come and go.
    if not good or (exchange.status and exchange.status < 500):
        return
    times = {1: "once", 2: "twice"}.get(len(good), f"{len(good)} times")
    now = exchange.status or "no answer"
    yield f"answered {good[-1]} {times} before, now {now}: intermittent"


def _replica(exchange: Exchange, before: list[Exchange]) -> Iterator[str]:
    """The replica that failed, where others answered the same operation well."""
    name = next((name for name in REPLICAS if name in exchange.headers), "")
    good = [
        other.headers[name]
        for other in before
        if other.operation == exchange.operation and other.succeeded and name in other.headers
    ]
    if name and good and exchange.headers[name] not in good:
        others = ", ".join(sorted(set(good))[:5])
        this = f"this answer came from {name} {exchange.headers[name]}"
        yield f"{this}, those that succeeded ({len(good)}) from {others}"


def _token(exchange: Exchange, before: list[Exchange]) -> Iterator[str]:
    """When the service last accepted the credential that it now refuses."""
    credential = exchange.request_headers.get("authorization", "")
    if exchange.status != 401 or not credential:
        return
    # The last use says the most: a token that has just worked has not simply expired.
    for other in reversed(before):
        if other.request_headers.get("authorization") == credential and other.succeeded:
            gone = exchange.started_s - other.started_s
            worked = f"{other.operation} answered {other.status}"
            yield f"this token worked {gone:.1f} s before: {worked}"
            return


def _from_the_answer(exchange: Exchange) -> Iterator[str]:
    """The answer's `Retry-After`, and how late its first byte came."""
    after = exchange.headers.get("retry-after", "")
    if after:
        unit = " s" if after.isdigit() else ""
        yield f"the service asks to come again after {after[:40]}{unit} (Retry-After)"
    if exchange.first_byte_ms and exchange.first_byte_ms >= SLOW_MS:
        yield f"the first byte came after {exchange.first_byte_ms / 1000:.1f} s"
