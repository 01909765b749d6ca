"""Suspects: what looks like a secret in a request or its answer, found before it is written down.

A token first appears in the answer that hands it out, when nobody has registered it yet. What is
found here is registered at once, so that not even that answer shows it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from smoke.results.secrets import PROVISIONAL, Secrets

NAMED = re.compile(
    r"(pass(word|phrase|wd)|secret|token|jwt|api_?key|access_?key|private_?key|signing_?key"
    r"|credential|recovery_?code|(^|_)otp($|_)|authorization|signature|(^|_)sig$)",
    re.IGNORECASE,
)
"""Names of members and parameters whose text is a secret."""

TELLS = ("pass", "secret", "token", "jwt", "key", "credential", "recovery", "otp", "authorization",
         "sig", "://", "\\u")  # fmt: skip
"""One of these is in every body with such a name or a URL (`\\u` may hide a letter of it); where
none is, the body need not be taken apart."""

NOT_NAMED = re.compile(
    r"(_(type|use|kind|id|ids|name|hint|count|limit|at|in|expires?|ttl|status|policy|length)"
    r"|^(next|page|continuation|sync)_?.*token|method_?type)$",
    re.IGNORECASE,
)
"""Names that only speak of a secret, or of a page."""

SHAPED = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"  # JSON Web Token (RFC 7519)
    r"|\b[spr]k_(?:live|test)_\w{8,}|\bwhsec_\w{8,}"  # Stripe
    r"|\bgh[opusr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{20,}|\bxox[abeprs]-[\w-]{10,}"
    r"|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{35}|\bsk-[\w-]{20,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+"
)
"""Texts whose shape alone says that they are secret."""

MARKS = ("eyj", "k_live_", "k_test_", "whsec_", "gho_", "ghp_", "ghr_", "ghs_", "ghu_",
         "github_pat_", "glpat-", "xox", "akia", "aiza", "sk-", "private key")  # fmt: skip
"""One of these is in every text of such a shape, in small letters; to look for them is cheap."""

SIGNED = re.compile(
    r"[?&](X-Amz-Signature|X-Goog-Signature|Signature|sig|token|X-Amz-Security-Token)=",
    re.IGNORECASE,
)
"""Query parameters that make a URL a key: who has the URL has the object."""

HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key",
     "x-auth-token", "x-csrf-token", "x-amz-security-token"}
)  # fmt: skip
"""Headers that carry a secret."""

READ = 64 * 1024
"""Bytes of a body that are searched; an output shows far less."""

USUAL = 512
"""Bytes of a body that may well come again, as a refusal does."""

Named = tuple[str, str]
"""A secret and the name of the place it was found in."""


def learn(
    secrets: Secrets, actor: str, headers: "Iterable[Mapping[str, str]]", bodies: "Iterable[bytes]"
) -> None:
    """Register what looks secret in the headers and bodies of one exchange."""
    for value, name in (*_in_all_headers(headers), *_in_all_bodies(bodies)):
        if not secrets.knows(value):
            secrets.register(value, f"{PROVISIONAL}{_place(actor)}_{_place(name).strip('_')}")


def _place(text: str) -> str:
    return re.sub(r"\W+", "_", text).upper()


def _in_all_headers(headers: "Iterable[Mapping[str, str]]") -> Iterator[Named]:
    for table in headers:
        for name, value in table.items():
            if name.lower() in HEADERS:
                yield from _in_header(name, value)
            elif "://" in value and SIGNED.search(value):
                yield from _in_url(value, name)


def _in_header(name: str, value: str) -> Iterator[Named]:
    """The value behind its scheme; of cookies, each cookie's value."""
    if "cookie" in name.lower():
        pairs = (part.partition("=") for part in value.split(";"))
        yield from ((text, name) for key, _, text in pairs if len(text) >= 12 and " " not in text)
    else:
        yield value.rpartition(" ")[2], name


def _in_all_bodies(bodies: "Iterable[bytes]") -> Iterator[Named]:
    for body in filter(None, bodies):
        yield from _in_usual(body) if len(body) <= USUAL else _in_body(body)


@lru_cache(maxsize=256)
def _in_usual(body: bytes) -> tuple[Named, ...]:
    """What is in a short body: half of the answers, refusals above all, are like one before."""
    return tuple(_in_body(body))


def _in_body(body: bytes) -> Iterator[Named]:
    text = body[:READ].decode("utf-8", "replace")
    small = text.lower()
    if any(map(small.__contains__, TELLS)):
        yield from _in_members(text)
    if any(map(small.__contains__, MARKS)):
        yield from ((found.group(), "value") for found in SHAPED.finditer(text))


def _in_members(text: str) -> Iterator[Named]:
    """What looks secret by its name, in JSON, in what was JSON before it was cut, or in a form."""
    try:
        yield from _in_json(text)
    except (ValueError, RecursionError):
        yield from _in_pairs(text)
        if "=" in text[:200]:
            yield from _in_form(text)


def _in_json(text: str) -> Iterator[Named]:
    """What looks secret in the members of all objects, however deep; a list's have its name."""
    members: list[tuple[str, Any]] = []
    outermost = json.loads(text, object_pairs_hook=members.extend)
    members.append(("", outermost))
    for name, value in members:
        if isinstance(value, str):
            if "://" in value:
                yield from _in_url(value, name) if SIGNED.search(value) else ()
            elif _secret_name(name) and _secret_text(name, value):
                yield value, name
        elif isinstance(value, list):
            members += [(name, inner) for inner in value if inner is not None]


PAIR = re.compile(r'"(\w+)"\s*:\s*"((?:[^"\\\n]|\\.)+)')


def _in_pairs(text: str) -> Iterator[Named]:
    """What stands like JSON members in a text that is not JSON, such as one that was cut."""
    for found in PAIR.finditer(text):
        if _secret_text(found.group(1), found.group(2)):
            yield found.group(2), found.group(1)


def _in_form(text: str) -> Iterator[Named]:
    yield from ((value, key) for key, value in parse_qsl(text) if _secret_text(key, value))


def _in_url(url: str, name: str) -> Iterator[Named]:
    """A signed URL, and each parameter that signs it: the URL may come back spelled otherwise."""
    yield url, name or "url"
    for key, value in parse_qsl(urlsplit(url).query):
        if len(value) >= 16 and (SIGNED.match(f"?{key}=") or _secret_name(key)):
            yield value, f"{name}_{key}"


@lru_cache(maxsize=4096)
def _secret_name(name: str) -> bool:
    return bool(NAMED.search(name)) and not NOT_NAMED.search(name)


def _secret_text(name: str, value: str) -> bool:
    """Words such as a provider's name are not secrets, whatever their member is called."""
    if " " in value or not _secret_name(name):
        return False
    return "pass" in name.lower() or len(value) >= 20 or any(map(str.isdigit, value))
