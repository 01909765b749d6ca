"""Masking by value: what the run learned as a secret never reaches any output.

A secret is registered once, with the name that stands for it, and is masked in every form in
which it may come back: plain, URL-encoded (RFC 3986), escaped in JSON (RFC 8259 §7, also twice),
in HTML and in a Python repr, and base64 (RFC 4648) at any of the three offsets a base64 text has.
"""

import html
import io
import json
import logging
import re
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable

SHORTEST = 6
"""Characters below which a value is not masked: it would hit ordinary words."""

REPEATED, MOST_SEEN = 1000, 2000
"""Characters of a text that may well come again, such as a header's value; and how many of them
are remembered with what they were masked to."""

ALIKE = 5
"""Characters that forms of one group begin with."""

RUN = re.compile(r"[^\s\"'<>,{}()\[\]\\]{16,}")
"""Where a long form can stand: most of a text is shorter words, and need not be searched for it."""

TALKATIVE = ("httpcore", "httpx")
"""Loggers that write down whole URLs and headers."""

Groups = dict[str, list[str]]
"""Forms by how they begin."""

PROVISIONAL = "SMOKE_SECRET_"
"""How names begin that only say where a secret was found; a better name replaces them."""


class Secrets:
    """The secrets one run knows, and the text that stands for each."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._forms: dict[str, str] = {}
        self._short: Groups = {}
        self._long: Groups = {}
        self._seen: dict[str, str] = {}

    def register(self, value: str, name: str) -> None:
        """Mask `value` as `$name` from now on; short values are ignored."""
        known = self._names.get(value)
        if len(value) < SHORTEST or (known and not known.startswith(PROVISIONAL)):
            return
        self._names[value] = name
        self._seen.clear()
        for form in _forms(value):
            if form not in self._forms:
                groups = self._long if RUN.fullmatch(form) else self._short
                groups.setdefault(form[:ALIKE], []).append(form)
            elif not known:
                continue
            self._forms[form] = f"${name}"

    def mask(self, text: str) -> str:
        """Return `text` with every known secret replaced by its name."""
        if len(text) < SHORTEST:
            return text
        if len(text) > REPEATED:
            return self._masked(text)
        if text not in self._seen:
            if len(self._seen) > MOST_SEEN:
                self._seen.clear()
            self._seen[text] = self._masked(text)
        return self._seen[text]

    def _masked(self, text: str) -> str:
        found = _found(self._short, text) if self._short else []
        if self._long:
            found += _found(self._long, "\n".join(RUN.findall(text)))
        for form in sorted(found, key=len, reverse=True):
            text = text.replace(form, self._forms[form])
        return text


def _found(groups: Groups, text: str) -> list[str]:
    """The forms that occur in a text.

    Plain searches are many times faster than one pattern of a thousand alternatives, and tokens
    begin alike, so that most groups are ruled out at once: one by one where they are few, else by
    everything the text has that is as long as a beginning.
    """
    if len(groups) * 2 < len(text):
        begun = [begin for begin in groups if begin in text]
    else:
        pieces = {text[at : at + ALIKE] for at in range(len(text) - ALIKE + 1)}
        begun = list(groups.keys() & pieces)
    return [form for begin in begun for form in groups[begin] if form in text]


def _forms(value: str) -> set[str]:
    """Every spelling of a secret that an output may carry."""
    encoded = {quote(value, safe=""), quote(value), quote_plus(value)}
    escaped = json.dumps(value)[1:-1]
    spelled = {value, *encoded, *(_lower_hex(form) for form in encoded)}
    spelled |= {escaped, json.dumps(escaped)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    spelled |= {escaped.translate(_AS_UNICODE), html.escape(value), repr(value)[1:-1]}
    return spelled | {form for form in _base64_forms(value) if len(form) >= SHORTEST}


_AS_UNICODE = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'"}
"""How encoders that are careful with HTML write these in JSON."""


def _lower_hex(encoded: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda hit: hit.group().lower(), encoded)


def _base64_forms(value: str) -> set[str]:
    """The part of a base64 text that depends on the secret alone, for each of three offsets."""
    forms = set()
    for offset in range(3):
        padded = b"\0" * offset + value.encode()
        start = -(-offset * 8 // 6)
        stop = len(padded) * 8 // 6
        forms |= {encode(padded).decode()[start:stop] for encode in (b64encode, urlsafe_b64encode)}
    return forms


class MaskedStream(io.TextIOBase):
    """A text stream that masks what is written to it; everything else is the real one's."""

    def __init__(self, stream: TextIO, mask: "Callable[[str], str]") -> None:
        self._stream = stream
        self._mask = mask

    def write(self, text: str) -> int:
        """Write the text, masked; returns the length that was asked for."""
        self._stream.write(self._mask(text))
        return len(text)

    def flush(self) -> None:
        """Flush the real stream."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether the real stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The descriptor of the real stream."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the real stream."""
        return self._stream.encoding


def mask_logs(secrets: Secrets) -> "Callable[[], None]":
    """Mask every log record made from now on, whoever handles it; returns what undoes that.

    The HTTP library logs an answer's headers before anyone can know what is secret in them, and
    the record has them anyway: it is silenced below warnings.
    """
    before = logging.getLogRecordFactory()
    levels = {name: logging.getLogger(name).level for name in TALKATIVE}

    def masked(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        record.msg, record.args = secrets.mask(record.getMessage()), ()
        return record

    def undo() -> None:
        logging.setLogRecordFactory(before)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)

    logging.setLogRecordFactory(masked)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    return undo
