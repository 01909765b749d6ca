"""The lines of a record, JSON each, masked before they are written.

A line is in the file when the call that writes it returns: a run that is killed leaves what it saw.
"""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from smoke.suspects import READ

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

    from smoke.redact import Secrets
    from smoke.run import Exchange

BODY_SHOWN = 2000
"""Characters of an answer's body that an output shows."""

REQUEST_SHOWN = 16_000
"""Characters of a request's body that an output shows: enough to send most of them again."""

BREAKS = re.compile("[\n\t\r]")
"""What is not printable and does no harm."""


class Lines:
    """The file of a record; without a path nothing is written."""

    def __init__(self, secrets: "Secrets", path: "Path | None") -> None:
        self._secrets = secrets
        self._file: FileIO | None = None
        if path is not None:
            self._file = path.open("wb", buffering=0)

    def write(self, kind: str, **fields: Any) -> None:
        """Append a line."""
        if self._file is None:
            return
        line = _dumps({"kind": kind, **fields})
        if self._secrets.may_be_in(line):
            line = _dumps({"kind": kind, **self._masked(fields)})
        self._put(line)

    def exchange(self, exchange: "Exchange") -> None:
        """Append the line of an exchange, its bodies cut."""
        if self._file is None:
            return
        sent, got = exchange.request_headers, exchange.headers
        texts = [exchange.check, exchange.actor, exchange.operation, exchange.url, exchange.error,
                 exchange.request_id, text_of(exchange.request_body), text_of(exchange.body),
                 *sent, *sent.values(), *got, *got.values()]  # fmt: skip
        masked = self._secrets.mask_all(texts)
        check, actor, operation, url, error, request_id, asked, said, *headers = masked
        sent_headers, got_headers = headers[: 2 * len(sent)], headers[2 * len(sent) :]
        line = {
            "kind": "exchange",
            "number": exchange.number,
            "check": check,
            "actor": actor,
            "operation": operation,
            "method": exchange.method,
            "url": url,
            "started_s": round(exchange.started_s, 4),
            "elapsed_ms": round(exchange.elapsed_ms, 1),
            "status": exchange.status,
            "error": error,
            "resent": exchange.resent,
            "ended": exchange.ended,
            "request_id": request_id,
            "bytes": len(exchange.body),
            "request_headers": _halves(sent_headers),
            "response_headers": _halves(got_headers),
            "request_body": cut(asked, len(exchange.request_body), REQUEST_SHOWN),
            "response_body": cut(said, len(exchange.body)),
        }
        self._put(_dumps(line))

    def _put(self, line: str) -> None:
        if self._file is not None:
            self._file.write(f"{line}\n".encode("utf-8", "replace"))

    def _masked(self, value: Any) -> Any:
        """A value with every text in it masked; what JSON does not know becomes text first."""
        if isinstance(value, str):
            return self._secrets.mask(value)
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, (list, tuple)):
            return [self._masked(inner) for inner in value]
        if isinstance(value, Mapping):
            return {self._masked(key): self._masked(inner) for key, inner in value.items()}
        return self._secrets.mask(str(value))

    def close(self) -> None:
        """Close the file; writing after that is a no-op."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _halves(names_and_values: list[str]) -> dict[str, str]:
    half = len(names_and_values) // 2
    return dict(zip(names_and_values[:half], names_and_values[half:], strict=True))


def text_of(body: bytes) -> str:
    """The part of a body that is read, as text; bytes that are not UTF-8 are replaced."""
    return body[:READ].decode("utf-8", "replace")


def cut(text: str, size: int, most: int = BODY_SHOWN) -> str:
    """Return the masked text of a body of `size` bytes as an output may carry it.

    It is cut, and control characters are shown instead of obeyed.
    """
    if size > READ:
        text = text[:-BODY_SHOWN]  # a secret may have been cut in two at the end
    whole = size <= READ and len(text) <= most
    text = text[:most]
    if not BREAKS.sub("", text).isprintable():
        text = "".join(c if c.isprintable() or c in "\n\t\r" else "\ufffd" for c in text)
    return text if whole else f"{text}… ({size} bytes in all)"


def _plain(value: Any) -> Any:
    """What JSON does not know, as something that it does."""
    return dict(value) if isinstance(value, Mapping) else str(value)


_dumps = json.JSONEncoder(ensure_ascii=False, default=_plain).encode
"""JSON as the record has it: text as it is."""
