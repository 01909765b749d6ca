"""Masking by value: what the run learned as a secret never reaches any output.

A secret is registered once, with the name that stands for it, and is masked in every form in
which it may come back: plain, URL-encoded (RFC 3986), escaped in JSON (RFC 8259 §7) and base64
(RFC 4648), at any of the three offsets a base64 text can have.
"""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

SHORTEST = 6
"""Characters below which a value is not masked: it would hit ordinary words."""


class Secrets:
    """The secrets one run knows, and the text that stands for each."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._forms: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def register(self, value: str, name: str) -> None:
        """Mask `value` as `$name` from now on; short values are ignored."""
        if len(value) < SHORTEST or value in self._names:
            return
        self._names[value] = name
        for form in _forms(value):
            self._forms.setdefault(form, f"${name}")
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def mask(self, text: str) -> str:
        """Return `text` with every known secret replaced by its name."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._forms[found.group()], text)


def _forms(value: str) -> set[str]:
    """Every spelling of a secret that an output may carry."""
    spelled = {value, quote(value, safe=""), quote(value), quote_plus(value)}
    spelled |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    return spelled | {form for form in _base64_forms(value) if len(form) >= SHORTEST}


def _base64_forms(value: str) -> set[str]:
    """The part of a base64 text that depends on the secret alone, for each of three offsets."""
    forms = set()
    for offset in range(3):
        padded = b"\0" * offset + value.encode()
        start = -(-offset * 8 // 6)
        stop = len(padded) * 8 // 6
        forms |= {encode(padded).decode()[start:stop] for encode in (b64encode, urlsafe_b64encode)}
    return forms
