"""
The lines of a record, JSON each, masked before they are written.

A line is in the file when the call that writes it returns, so a killed run leaves its record.
Only expectations wait for the next line.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from smoke.errors import UnverifiedError
from smoke.results.exchange import Exchange, pairs_of
from smoke.results.outcome import Place
from smoke.results.run_dir import open_private
from smoke.results.secret_detection import READ
from smoke.results.secrets import Secrets

# Characters of an answer's body that an output shows.
BODY_SHOWN = 2000

# Characters of a request's body that an output shows: enough to send most of them again.
REQUEST_SHOWN = 16_000

# The kind of lines that state an expectation of the exchange before them.
EXPECTATION = "expectation"

CREDENTIAL = "authorization"

# Headers of a request that our client makes itself: they hold no secret but the credential.
OURS = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "host", "traceparent",
     "user-agent", "x-smoke-run", CREDENTIAL}
)  # fmt: skip

# The kind of lines that a sweep executes: their values are never shortened.
UNDO = "undo"

# Members with our own words: a secret with the same spelling must not mask them.
STRUCTURE = frozenset(
    {"kind", "check", "actor", "operation", "operations", "outcome", "cause", "word", "account",
     "tag", "target", "id", "trace_id", "started", "contract", "gates", "exchange"}
)  # fmt: skip

# Characters that any other text of a line may have: a service may name things at length.
LONGEST = 16_000

# Headers of an answer that are written down.
HEADERS = 100

# Characters that Python calls not printable, but that are harmless in a terminal.
HARMLESS = "\n\t\r\u00a0\u3000"

BREAKS = re.compile(f"[{HARMLESS}]")
# JSON escapes of control characters, which a terminal would obey.
ESCAPED = re.compile(r"\\[bfu]")


class Lines:
    """
    The file of a record; without a path nothing is written.

    `kept` has the lines as they were written, for the reports at the end.
    """

    def __init__(self, secrets: Secrets, path: Path | None) -> None:
        self._secrets = secrets
        self._file: IO[bytes] | None = None
        self._path = path
        self._waiting: list[tuple[Place, dict[str, Any]]] = []
        self.kept: list[dict[str, Any]] = []
        # Where each kept line belongs in the suite's order.
        self._places: list[Place] = []
        if path is not None:
            self._file = open_private(path, "wb", buffering=0)

    def write(self, kind: str, place: Place = (0, 0), /, **fields: Any) -> None:
        """Append a line, which belongs to a place of the suite."""
        if self._file is not None:
            self._waiting.append((place, {"kind": kind, **fields}))
            if kind != EXPECTATION:
                self._put()

    def exchange(self, exchange: Exchange) -> None:
        """Append the line of an exchange, its bodies cut."""
        if self._file is not None:
            line = self._exchange_line(exchange)
            self._put((exchange.place, line))

    def _exchange_line(self, exchange: Exchange) -> dict[str, Any]:
        """The line of an exchange; every text that our client did not make itself is masked."""
        sent, got = dict(exchange.request_headers), pairs_of(exchange.headers)[:HEADERS]
        if CREDENTIAL in sent:
            sent[CREDENTIAL] = self._secrets.mask_credential(sent[CREDENTIAL])
        theirs = [name for name in sent if name not in OURS]
        texts = [exchange.url, exchange.error, exchange.request_id, exchange.remark,
                 text_of(exchange.request_body), text_of(exchange.body),
                 *map(sent.__getitem__, theirs),
                 *(text for pair in got for text in pair)]  # fmt: skip
        masked = iter(self._secrets.mask_all(texts))
        line = {
            "kind": "exchange",
            "number": exchange.number,
            "check": exchange.check,
            "actor": exchange.actor,
            "operation": exchange.operation,
            "method": exchange.method,
            "url": next(masked),
            "started_s": round(exchange.started_s, 4),
            "elapsed_ms": round(exchange.elapsed_ms, 1),
            "status": exchange.status,
            "error": next(masked),
            "resent": exchange.resent,
            "ended": exchange.ended,
            "request_id": next(masked),
            "bytes": len(exchange.body),
        }
        remark = next(masked)
        request_body, response_body = next(masked), next(masked)
        # The masked texts come back in the order in which they were given above.
        sent.update(zip(theirs, masked, strict=False))
        line["request_headers"] = sent
        line["response_headers"] = [[name, next(masked)] for name in masked]
        line["request_body"] = cut(request_body, len(exchange.request_body), REQUEST_SHOWN)
        line["response_body"] = cut(response_body, len(exchange.body))
        if remark:
            line["remark"] = remark
        return line

    def _kept(self, place: Place, line: dict[str, Any], text: str) -> str:
        """Keep a masked line, and return its text as it stands in the file."""
        if line["kind"] == UNDO:
            text = text if text.isascii() else json.dumps(line, default=_plain)
        elif len(text) > LONGEST or not text.isprintable() or ESCAPED.search(text):
            line = shown(line)
            text = _dumps(line)
        self.kept.append(line)
        self._places.append(place)
        return f"{text}\n"

    def _put(self, last: tuple[Place, dict[str, Any]] | None = None) -> None:
        """Write the waiting lines, then one that is masked already, in a single write."""
        text = "".join(self._line(*waiting) for waiting in self._waiting)
        text += self._kept(*last, _dumps(last[1])) if last else ""
        self._waiting.clear()
        if self._file is None:
            return
        try:
            self._file.write(text.encode("utf-8", "replace"))
        except OSError as error:
            self._file.close()
            self._file = None
            raise UnverifiedError(f"The record cannot be written: {error.strerror}.") from error

    def _line(self, place: Place, line: dict[str, Any]) -> str:
        text = _dumps(line)
        if self._secrets.are_in(text):
            line = self._masked(line)
            text = _dumps(line)
        return self._kept(place, line, text)

    def put_in_order(self, numbers: Mapping[int, int]) -> None:
        """
        Put the lines in the suite's order, also in the file, with new numbers of the exchanges.

        Lines of one place keep the order in which they came, but its exchanges the one in which
        they were sent: parallel requests are answered in any order.
        """
        if self._waiting:
            self._put()
        order = sorted(range(len(self.kept)), key=self._places.__getitem__)
        changed = order != list(range(len(order))) or any(a != b for a, b in numbers.items())
        lines = [_renumbered(self.kept[index], numbers) for index in order]
        sent = [line for line in lines if line["kind"] == "exchange"]
        in_turn = iter(sorted(sent, key=lambda line: int(line["number"])))
        self.kept = [next(in_turn) if line["kind"] == "exchange" else line for line in lines]
        changed = changed or sent != [line for line in self.kept if line["kind"] == "exchange"]
        self._places = [self._places[index] for index in order]
        if changed:
            self._write_again()

    def _write_again(self) -> None:
        """Replace the file at once: a run that is killed meanwhile keeps its lines."""
        if self._file is None or self._path is None:
            return
        new = self._path.with_name(f".{self._path.name}.new")
        try:
            file = open_private(new, "wb", buffering=0)
            text = "".join(f"{_text(line)}\n" for line in self.kept)
            file.write(text.encode("utf-8", "replace"))
            new.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                new.unlink()
            raise UnverifiedError(f"The record cannot be written: {error.strerror}.") from error
        self._file.close()
        self._file = file

    def _masked(self, value: Any) -> Any:
        """Mask every text in a value except names; a type that JSON lacks becomes text."""
        if isinstance(value, str):
            return self._secrets.mask(value)
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, (list, tuple)):
            return [self._masked(inner) for inner in value]
        if isinstance(value, Mapping):
            return {
                key: inner if key in STRUCTURE else self._masked(inner)
                for key, inner in value.items()
            }
        return self._secrets.mask(str(value))

    def close(self) -> None:
        """Close the file; writing after that is a no-op."""
        if self._waiting:
            self._put()
        if self._file is not None:
            self._file.close()
            self._file = None


def _renumbered(line: dict[str, Any], numbers: Mapping[int, int]) -> dict[str, Any]:
    """A line with the new number of its exchange, if it names one."""
    name = "number" if line["kind"] == "exchange" else "exchange"
    if name in line:
        line[name] = numbers.get(line[name], line[name])
    return line


def _text(line: dict[str, Any]) -> str:
    """A kept line as it stands in the file."""
    text = _dumps(line)
    return json.dumps(line, default=_plain) if line["kind"] == UNDO and not text.isascii() else text


def text_of(body: bytes) -> str:
    """The part of a body that is read, as text; bytes that are not UTF-8 are replaced."""
    return body[:READ].decode("utf-8", "replace")


def cut(text: str, size: int, most: int = BODY_SHOWN) -> str:
    """
    Return the masked text of a body of `size` bytes as an output may carry it.

    It is shortened, and its control characters are replaced.
    """
    if size > READ:
        text = text[:-BODY_SHOWN]  # a secret may have been cut in two at the end
    whole = size <= READ and len(text) <= most
    text = _seen(text[:most])
    return text if whole else f"{text}… ({size} bytes in all)"


def shown(value: Any) -> Any:
    """Shorten each text in a JSON value and replace its control characters."""
    if isinstance(value, str):
        whole = len(value) <= LONGEST
        return _seen(value if whole else f"{value[:LONGEST]}… ({len(value)} characters in all)")
    if isinstance(value, (list, tuple)):
        return [shown(inner) for inner in value]
    if isinstance(value, Mapping):
        return {shown(key): shown(inner) for key, inner in value.items()}
    return value


def _seen(text: str) -> str:
    """A text without control characters, marks of direction and halves of characters."""
    if BREAKS.sub("", text).isprintable():
        return text
    return "".join(c if c.isprintable() or c in HARMLESS else "\ufffd" for c in text)


def _plain(value: Any) -> Any:
    """Convert a value of a type that JSON lacks."""
    return dict(value) if isinstance(value, Mapping) else str(value)


# JSON as the record has it: text as it is.
_dumps = json.JSONEncoder(ensure_ascii=False, default=_plain).encode
