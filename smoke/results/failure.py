"""
The words of a failure, put together once: every report, file and screen shows these.

The sentence names the operation, the expected and the actual result. The details are the lines of
a plain pytest report, which shows nothing else of ours.
"""

import re
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
