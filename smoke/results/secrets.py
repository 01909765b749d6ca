"""
Masking by value: no output shows a secret that the run has registered.

A secret is registered once, with the name that stands for it. Texts are searched in their plain
form (see `spelling`), so it is found however it is spelled; its base64 at any of the three offsets
that a base64 text has and its hexadecimal digits are searched for as well. So are the first and the
last characters of a long one, which are left of it where a text was cut.
"""

import html
import json
import re
from array import array
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from sys import byteorder
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from smoke.results.spelling import ALIKE, forms_of, places, plain, small

# Characters below which a value is not masked: it would hit ordinary words.
SHORTEST = 6

# Bytes at either end of a secret that are masked where the rest of it was cut off.
PART = 16

# Bytes a secret must have for a part of it to be recognised.
CUT_FROM = 2 * PART

# Bytes that are looked at at once when a text is searched.
WORD = array("I").itemsize

# Bytes at the end of a form: wherever in a text they stand, an aligned word is among them.
ENDING = 2 * WORD - 1

BEARER = "Bearer "

# The separator of texts that are searched as one.
BETWEEN = "\0"

# Names with this prefix only state where a secret was found; a better name replaces them.
PROVISIONAL = "SMOKE_SECRET_"

# Values without a character that an encoder would escape.
SIMPLE = re.compile(r"[\w.~+/=-]+", re.ASCII)

# How the plain form of a key in PEM begins (RFC 7468): many harmless texts begin like it.
ARMOUR = b"     "


class Form(NamedTuple):
    """Bytes that are searched for: all of a secret in some coding, or its `head` or `tail`."""

    data: bytes
    part: str = ""


class Span(NamedTuple):
    """Where a secret, or a part of it, stands."""

    begin: int
    end: int
    secret: str
    is_whole: bool = True


class Secrets:
    """
    The secrets one run knows, and the text that stands for each.

    A run learns hundreds, and masks thousands of texts of which few hold one. So a text is cut into
    words of four bytes, and only the forms whose end has one of them are searched for.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._plain: dict[str, bytes] = {}
        self._owners: dict[Form, list[str]] = {}
        self._by_word: dict[int, list[Form]] = {}
        self._words: set[int] = set()
        self._short: list[Form] = []
        # Whether a secret is mostly quotes or escapes, which the plain form of a text leaves out.
        self._has_odd = False

    def knows(self, value: str) -> bool:
        """Return whether a value is registered."""
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
        if known:
            return
        self._plain[value] = plain(value)
        self._has_odd |= len(self._plain[value]) < SHORTEST
        for form in _forms(value):
            if form not in self._owners:
                self._index(form)
            self._owners.setdefault(form, []).append(value)

    def _index(self, form: Form) -> None:
        """Index a form by the words at its end."""
        end = form.data[-ENDING:]
        if len(end) < ENDING:
            self._short.append(form)
            return
        for word in {int.from_bytes(end[at : at + WORD], byteorder) for at in range(WORD)}:
            self._by_word.setdefault(word, []).append(form)
            self._words.add(word)

    def mask(self, text: str) -> str:
        """Return `text` with every known secret replaced by its name."""
        data, *as_it_is = forms_of(text, both=self._has_odd)
        found = self._spans(data)
        if found:
            where = places(text, [(span.begin, span.end) for span in found])
            found = [Span(*place, span.secret) for place, span in zip(where, found, strict=True)]
        found += [span for same in as_it_is for span in self._spans(same) if span.is_whole]
        return self._replaced(text, _apart(found)) if found else text

    def mask_all(self, texts: Sequence[str]) -> list[str]:
        """Return the texts, each of them masked; searched as one, which costs less."""
        # A text may have that character, or a secret may span two texts: then one by one.
        whole = BETWEEN.join(texts)
        if whole.count(BETWEEN) == len(texts) - 1:
            masked = self.mask(whole).split(BETWEEN)
            if len(masked) == len(texts):
                return masked
        return [self.mask(text) for text in texts]

    def are_in(self, json_text: str) -> bool:
        """Return whether a JSON text, escaped or not, may contain a secret."""
        return any(
            form.data in data
            for data in forms_of(json_text, both=self._has_odd)
            for form in self._candidates(data)
        )

    def _candidates(self, data: bytes) -> list[Form]:
        """The forms that may be in a text: those whose end shares a word with it."""
        found = list(self._short)
        for word in self._words.intersection(array("I", data + bytes(-len(data) % WORD))):
            found += self._by_word[word]
        return found

    def _spans(self, data: bytes) -> list[Span]:
        """Where secrets stand in a text of small letters."""
        forms = [form for form in self._candidates(data) if form.data in data]
        whole = _apart([s for form in forms if not form.part for s in self._whole(data, form)])
        cut = [span for form in forms if form.part for span in self._cut(data, form, whole)]
        return whole + cut

    def _whole(self, data: bytes, form: Form) -> Iterator[Span]:
        secret = self._owners[form][0]
        at = data.find(form.data)
        while at >= 0:
            yield Span(at, at + len(form.data), secret)
            at = data.find(form.data, at + len(form.data))

    def _cut(self, data: bytes, form: Form, whole: list[Span]) -> Iterator[Span]:
        """The remaining parts of a secret that was cut, as long as possible."""
        begins = [span.begin for span in whole]
        at = data.find(form.data)
        while at >= 0:
            after = at + len(form.data)
            around = whole[bisect_right(begins, at) - 1] if begins and begins[0] <= at else None
            if around and after <= around.end:
                after = max(after, around.end - len(form.data) + 1)
            else:
                begin, after, secret = self._longest(data, at, form)
                yield Span(begin, after, secret, is_whole=False)
            at = data.find(form.data, after)

    def _longest(self, data: bytes, at: int, form: Form) -> tuple[int, int, str]:
        """The longest part of a secret with this head or tail at a place, and which one it is."""
        sizes = {one: _common(data, at, self._plain[one], form) for one in self._owners[form]}
        secret = max(sizes, key=sizes.__getitem__)
        if form.part == "head":
            return at, at + sizes[secret], secret
        after = at + len(form.data)
        return after - sizes[secret], after, secret

    def _replaced(self, text: str, spans: list[Span]) -> str:
        data = text.encode("utf-8", "surrogatepass")
        parts, done = [], 0
        for span in spans:
            begin, end = _with_quotes(data, span)
            parts += [data[done : max(begin, done)], f"${self._names[span.secret]}".encode()]
            done = end
        return b"".join([*parts, data[done:]]).decode("utf-8", "surrogatepass")


def _apart(spans: list[Span]) -> list[Span]:
    """Return spans of which none touches another: of two that overlap the longer has the name."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.begin, -span.end)):
        if not found or span.begin >= found[-1].end:
            found.append(span)
        elif span.end > found[-1].end:
            found[-1] = found[-1]._replace(end=span.end)
    return found


def _with_quotes(data: bytes, span: Span) -> tuple[int, int]:
    """Where a secret stands with the quotes at its ends, which its plain form does not have."""
    whole = span.secret.encode("utf-8", "surrogatepass")
    at = data.find(whole, max(0, span.begin - len(whole)), span.end + len(whole))
    same = 0 <= at <= span.begin and span.end <= at + len(whole)
    return (at, at + len(whole)) if same else (span.begin, span.end)


def _common(data: bytes, at: int, value: bytes, form: Form) -> int:
    """
    How many bytes at a place are those of a value, from its head on or back from its tail.

    Found by halves, as to compare many bytes at once is quick and one by one is not.
    """
    low, high = len(form.data), len(value)
    after = at + low
    while low < high:
        size = (low + high + 1) // 2
        if form.part == "head":
            same = data[at : at + size] == value[:size]
        else:
            same = after >= size and data[after - size : after] == value[-size:]
        low, high = (size, high) if same else (low, size - 1)
    return low


def _forms(value: str) -> set[Form]:
    """The search forms of a secret: as it is, in common codings, and its two ends."""
    raw, whole = value.encode("utf-8", "surrogatepass"), plain(value)
    escaped = json.dumps(value)[1:-1].encode()
    # Base64 in base64 is common: an account for Basic authentication, in a stored secret.
    cores = [*_base64_cores(raw), *(() if SIMPLE.fullmatch(value) else _base64_cores(escaped))]
    nested = [core for inner in cores for core in _base64_cores(inner.encode())]
    codings = (*cores, *nested, raw.hex(), raw.hex(":"), raw.hex(" "))
    found = {whole, *(coded.encode().lower().translate(ALIKE) for coded in codings)}
    if not SIMPLE.fullmatch(value):
        # An escaped line end leaves its letter behind (see `spelling`), and languages escape more.
        found |= {small(value), plain(json.dumps(value)[1:-1]), plain(repr(value)[1:-1])}
    if len(whole) < SHORTEST:  # mostly escapes and quotes: its plain form is too short
        found |= {small(spelled) for spelled in _escaped(value)}
    forms = {Form(data) for data in found if len(data) >= SHORTEST}
    if len(whole) >= CUT_FROM and not whole.startswith(ARMOUR):
        forms |= {Form(whole[:PART], "head"), Form(whole[-PART:], "tail")}
    return forms


def _base64_cores(raw: bytes) -> Iterator[str]:
    """The part of a base64 text that depends on the secret alone, for each of three offsets."""
    for offset in range(3):
        padded = b"\0" * offset + raw
        yield b64encode(padded).decode()[-(-offset * 8 // 6) : len(padded) * 8 // 6]


def _escaped(value: str) -> set[str]:
    """A value as the usual encoders escape it, once and twice."""
    escaped = json.dumps(value)[1:-1]
    once = {escaped, quote(value, safe=""), quote(value), quote_plus(value), html.escape(value),
            json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}  # fmt: skip
    careful = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'"}
    once.add(escaped.translate(careful))
    return once | {json.dumps(spelled, ensure_ascii=False)[1:-1] for spelled in once}
