"""A request as a line to paste in a shell, from texts that are masked already."""

import re
import shlex
from collections.abc import Mapping
from math import ceil
from urllib.parse import urlsplit

from smoke.contract.media import EVENT_STREAM
from smoke.results.exchange import Headers
from smoke.results.record import Line, Record

# Request headers that a pasted line does not need.
HIDDEN_HEADERS = frozenset(
    {"host", "accept-encoding", "connection", "user-agent", "content-length", "traceparent",
     "x-smoke-run"}
)  # fmt: skip

# A masked secret: the shell puts the value back if the variable is set.
VARIABLE = re.compile(r"(\$SMOKE_\w+)")

# Characters with a meaning to a shell inside double quotes.
TOUCHY = re.compile(r'["\\`!]|\$(?!SMOKE_)')

# Characters that a terminal would execute or change on paste, such as the CRLF of a multipart body.
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

# Seconds after which a pasted line gives up: a service that hangs must not hang the reader.
PATIENCE_S = 10

# A line waits this many times as long as the answer took, so that a slow service is reproduced.
MARGIN = 2


def curl_line(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: str,
    *,
    actor: str = "",
    sign_in: str = "",
    content_type: str = "",
    status: int | None = None,
    elapsed_ms: float = 0.0,
) -> str:
    """
    Return the line: it shows the answer's head (`-i`) and ends after a while (`-m`).

    A stream is shown as it arrives (`-N`). `sign_in` is the command that prints the actor's header,
    such as `smoke token owner --target staging`; empty where no command can sign in. Any other
    secret is a variable such as `$SMOKE_USER_PASSWORD`, which the shell expands.
    """
    streams = "-N " if is_stream(headers, content_type) else ""
    words = [f"curl -sS -i {streams}-m {_patience_s(status, elapsed_ms / 1000)}"]
    if method == "HEAD":
        # Without it curl waits for the body that an answer to HEAD never has.
        words.append("-I")
    elif method != "GET" or body:  # with a body, curl would make it a POST
        words.append(f"-X {method}")
    words.append(quoted(url))
    # The command that signs in prints all headers of its actor, so it stands once.
    words += dict.fromkeys(_header(name, value, actor, sign_in) for name, value in _shown(headers))
    if body:
        words.append(f"--data-raw {quoted(body)}")
    return " ".join(words)


def _patience_s(status: int | None, elapsed_s: float) -> int:
    """The seconds until the line gives up: more for a slow answer, as in the run without one."""
    if status:
        return max(PATIENCE_S, ceil(elapsed_s * MARGIN))
    return min(PATIENCE_S, round(elapsed_s)) if elapsed_s >= 1 else PATIENCE_S


def _shown(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in headers.items()
        if name.lower() not in HIDDEN_HEADERS and (name.lower(), value) != ("accept", "*/*")
    ]


def _header(name: str, value: str, actor: str, sign_in: str) -> str:
    if sign_in and f"$SMOKE_TOKEN_{actor.upper()}" in VARIABLE.findall(value):
        return f'-H "$({sign_in})"'
    return f"-H {quoted(f'{name}: {value}')}"


def is_stream(request_headers: Mapping[str, str], content_type: str) -> bool:
    """Return whether a request asked for server-sent events, or got them."""
    accept = next((v for name, v in request_headers.items() if name.lower() == "accept"), "")
    return EVENT_STREAM in accept.lower() or EVENT_STREAM in content_type.lower()


def quoted(text: str) -> str:
    """Quote for a POSIX shell, so that variables of secrets are expanded and nothing else is."""
    if CONTROL.search(text):
        return _escaped(text)
    if not VARIABLE.search(text):
        return shlex.quote(text)
    if not TOUCHY.search(text):
        return f'"{text}"'
    parts = (part for part in VARIABLE.split(text) if part)
    return "".join(f'"{part}"' if VARIABLE.fullmatch(part) else shlex.quote(part) for part in parts)


def _escaped(text: str) -> str:
    """Quote a text with control characters in one line (`$'…'` of bash, zsh and POSIX 2024)."""
    plain = text.replace("\\", "\\\\").replace("'", "\\'")
    plain = CONTROL.sub(lambda found: f"\\{ord(found.group()):03o}", plain)
    parts = (part for part in VARIABLE.split(plain) if part)
    return "".join(f'"{part}"' if VARIABLE.fullmatch(part) else f"$'{part}'" for part in parts)


# Lines to paste that send recorded exchanges again.
# Methods that read (RFC 9110 §9.2.1).
READS = frozenset({"GET", "HEAD"})

# Statuses of a read that does not show what was written: another value, or nothing.
LOST = frozenset({200, 203, 204, 206, 404, 410})


def curl_of(record: Record, exchange: Line) -> str:
    """The line that sends a recorded exchange again."""
    sent = ("method", "url", "request_headers", "request_body")
    return curl_line(
        *(exchange[name] for name in sent),
        **{name: exchange[name] for name in ("actor", "status", "elapsed_ms")},
        sign_in=record.header.get("tokens", {}).get(exchange["actor"], ""),
        content_type=Headers(exchange["response_headers"]).get("content-type", ""),
    )


def curls_of(record: Record, exchange: Line) -> list[str]:
    """
    The lines that reproduce a failing exchange.

    What was written and cannot be read back needs two: the write, then the read.
    """
    write = _write_before(record, exchange)
    return [curl_of(record, one) for one in (write, exchange) if one is not None]


def _write_before(record: Record, exchange: Line) -> Line | None:
    """The last successful write of the same check to the place that an exchange read."""
    if exchange["method"] not in READS or (exchange["status"] or 500) not in LOST:
        return None
    place = _path(exchange)
    writes = [
        other
        for other in record.sent_by.get(exchange["check"], ())
        if other["number"] < exchange["number"]
        and other["method"] not in READS
        and 200 <= (other["status"] or 0) < 300
        and (place.startswith(_path(other)) or _path(other).startswith(place))
    ]
    return writes[-1] if writes else None


def removed_by(record: Record, exchange: Line) -> str:
    """
    The path of the thing that an exchange asked for and that the run has removed since.

    Seeded rows may be removed under another id; the run's own id in the path shows that they were.
    """
    place = _path(exchange)
    gone = [str(line["path"]) for line in record.removed]
    seeded = gone and record.header["id"] in place and "kept_until" not in record.header
    return next((path for path in gone if f"{path}/" in f"{place}/"), place if seeded else "")


def _path(exchange: Line) -> str:
    return urlsplit(str(exchange["url"])).path.rstrip("/")
