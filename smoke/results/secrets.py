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
from array import array
from base64 import b64encode, urlsafe_b64encode
from sys import byteorder
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SHORTEST = 6
"""Characters below which a value is not masked: it would hit ordinary words."""

WORD = array("I").itemsize
"""Bytes that are looked at at once when a text is searched."""

ENDING = 2 * WORD - 1
"""Bytes at the end of a form: wherever in a text they stand, an aligned word is among them."""

TALKATIVE = ("httpcore", "httpx")
"""Loggers that write down whole URLs and headers."""

SIMPLE = re.compile(r"[\w.~-]+", re.ASCII)
"""Values that are spelled alike in URLs, JSON, HTML and Python (RFC 3986 §2.3)."""

BASE64 = re.compile(r"[\w.~+/=-]+", re.ASCII)
"""Forms that are spelled alike in JSON."""

BEARER = "Bearer "

BETWEEN = "\0"
"""What stands between texts that are searched as one."""

PROVISIONAL = "SMOKE_SECRET_"
"""How names begin that only say where a secret was found; a better name replaces them."""

Spelled = tuple[str, str]
"""A form as it stands in a JSON text (RFC 8259 §7), or as it is; and the form."""


class Secrets:
    """The secrets one run knows, and the text that stands for each.

    A run learns hundreds, and masks thousands of texts of which few hold one. So a text is cut into
    words of four bytes, and only the forms whose end has one of them are searched for.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._forms: dict[str, str] = {}
        self._by_word: dict[int, list[Spelled]] = {}
        self._words: set[int] = set()
        self._short: list[Spelled] = []

    def knows(self, value: str) -> bool:
        """Whether a value is registered."""
        return value in self._names

    def mask_credential(self, text: str) -> str:
        """Return `text` masked; a known bearer token (RFC 6750 §2.1) without a search."""
        name = self._names.get(text.removeprefix(BEARER))
        return f"{BEARER}${name}" if name and text.startswith(BEARER) else self.mask(text)

    def register(self, value: str, name: str) -> None:
        """Mask `value` as `$name` from now on; short values are ignored."""
        known = self._names.get(value)
        if len(value) < SHORTEST or (known and not known.startswith(PROVISIONAL)):
            return
        self._names[value] = name
        for form in _forms(value):
            if form not in self._forms:
                self._index(form)
            elif not known:
                continue
            self._forms[form] = f"${name}"

    def _index(self, form: str) -> None:
        """Have a form found by the words at its end, also where it stands in a JSON text."""
        simple = BASE64.fullmatch(form)
        for spelled in {form} if simple else {form, json.dumps(form, ensure_ascii=False)[1:-1]}:
            end = _bytes(spelled)[-ENDING:]
            if len(end) < ENDING:
                self._short.append((spelled, form))
                continue
            for word in {int.from_bytes(end[at : at + WORD], byteorder) for at in range(WORD)}:
                self._by_word.setdefault(word, []).append((spelled, form))
                self._words.add(word)

    def mask(self, text: str) -> str:
        """Return `text` with every known secret replaced by its name."""
        found = {form for _, form in self._candidates(text) if form in text}
        for form in sorted(found, key=lambda form: (-len(form), form)):
            text = text.replace(form, self._forms[form])
        return text

    def mask_all(self, texts: "Sequence[str]") -> list[str]:
        """Return the texts, each of them masked; searched as one, which costs less."""
        whole = BETWEEN.join(texts)
        if whole.count(BETWEEN) == len(texts) - 1:
            masked = self.mask(whole).split(BETWEEN)
            if len(masked) == len(texts):
                return masked
        return [self.mask(text) for text in texts]

    def are_in(self, json_text: str) -> bool:
        """Whether there is something to mask in a text that a JSON text holds."""
        return any(spelled in json_text for spelled, _ in self._candidates(json_text))

    def _candidates(self, text: str) -> list[Spelled]:
        """The forms that may be in a text: those whose end shares a word with it."""
        found = list(self._short)
        words = _bytes(text)
        words += bytes(-len(words) % WORD)
        for word in self._words.intersection(array("I", words)):
            found += self._by_word[word]
        return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _forms(value: str) -> set[str]:
    """Every spelling of a secret that an output may carry."""
    return _spelled(value) | {form for form in _base64_forms(value) if len(form) >= SHORTEST}


def _spelled(value: str) -> set[str]:
    if SIMPLE.fullmatch(value):
        return {value}
    encoded = {quote(value, safe=""), quote(value), quote_plus(value)}
    escaped = json.dumps(value)[1:-1]
    spelled = {value, *encoded, *(_lower_hex(form) for form in encoded)}
    spelled |= {escaped, json.dumps(escaped)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    spelled |= {escaped.translate(_AS_UNICODE), html.escape(value), repr(value)[1:-1]}
    return spelled


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
