"""A request as a line to paste in a shell, from texts that are masked already."""

import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Request headers that a pasted line does not need.
HIDDEN_HEADERS = frozenset(
    {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length",
     "traceparent", "x-smoke-run"}
)  # fmt: skip

# A masked secret: the shell puts the value back if the variable is set.
VARIABLE = re.compile(r"(\$SMOKE_\w+)")

# Characters with a meaning to a shell inside double quotes.
TOUCHY = re.compile(r'["\\`!]|\$(?!SMOKE_)')


def curl_line(method: str, url: str, headers: "Mapping[str, str]", body: str) -> str:
    """Return the line; `$SMOKE_TOKEN_OWNER` and its like are left for the shell to expand."""
    words = ["curl -sS"]
    if method != "GET":
        words.append(f"-X {method}")
    words.append(quoted(url))
    words += [
        f"-H {quoted(f'{name}: {value}')}"
        for name, value in headers.items()
        if name.lower() not in HIDDEN_HEADERS
    ]
    if body:
        words.append(f"--data-raw {quoted(body)}")
    return " ".join(words)


def quoted(text: str) -> str:
    """Quote for a POSIX shell, so that variables of secrets are expanded and nothing else is."""
    if not VARIABLE.search(text):
        return shlex.quote(text)
    if not TOUCHY.search(text):
        return f'"{text}"'
    parts = (part for part in VARIABLE.split(text) if part)
    return "".join(f'"{part}"' if VARIABLE.fullmatch(part) else shlex.quote(part) for part in parts)
