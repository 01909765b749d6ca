"""A request as a line to paste in a shell, from texts that are masked already."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

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

EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True)
class Repeat:
    """
    What a pasted line needs beside the request itself.

    `sign_in` prints the actor's header, such as `smoke token owner --target staging`; it is empty
    where no command can sign in. `answered_s` are the seconds that the answer took, or
    `unanswered_s` those after which the run gave up.
    """

    actor: str = ""
    sign_in: str = ""
    streams: bool = False
    answered_s: float = 0.0
    unanswered_s: float = 0.0


def seconds(status: int | None, elapsed_ms: float) -> tuple[float, float]:
    """Return the seconds of an exchange with an answer, and those of one without."""
    elapsed_s = elapsed_ms / 1000
    return (elapsed_s, 0.0) if status else (0.0, elapsed_s)


def curl_line(
    method: str, url: str, headers: Mapping[str, str], body: str, repeat: Repeat | None = None
) -> str:
    """
    Return the line: it shows the answer's head (`-i`) and ends after a while (`-m`).

    A stream is shown as it arrives (`-N`). The actor's token comes from the command that signs in;
    any other secret is a variable such as `$SMOKE_USER_PASSWORD`, which the shell expands.
    """
    repeat = repeat or Repeat()
    patience_s = max(PATIENCE_S, ceil(repeat.answered_s * MARGIN))
    if repeat.unanswered_s >= 1:  # the service was too slow: the line gives up when the run did
        patience_s = min(patience_s, round(repeat.unanswered_s))
    words = [f"curl -sS -i {'-N ' if repeat.streams else ''}-m {patience_s}"]
    if method == "HEAD":
        words.append("-I")
    elif method != "GET" or body:  # with a body, curl would make it a POST
        words.append(f"-X {method}")
    words.append(quoted(url))
    words += dict.fromkeys(_header(name, value, repeat) for name, value in _shown(headers))
    if body:
        words.append(f"--data-raw {quoted(body)}")
    return " ".join(words)


def _shown(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in headers.items()
        if name.lower() not in HIDDEN_HEADERS and (name.lower(), value) != ("accept", "*/*")
    ]


def _header(name: str, value: str, repeat: Repeat) -> str:
    own = f"$SMOKE_TOKEN_{repeat.actor.upper()}"
    if repeat.sign_in and own in VARIABLE.findall(value):
        return f'-H "$({repeat.sign_in})"'
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
