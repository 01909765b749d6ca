"""
Detection of likely secrets in a request or its answer, before the exchange is written.

A token first appears in the answer that hands it out, before any code has registered it. This
module registers its findings at once, so that not even that answer shows them. The time is linear
in the size of a body: each pattern begins at a boundary, and each of its parts is bounded.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from smoke.results.exchange import pairs_of
from smoke.results.secrets import PROVISIONAL, Secrets
from smoke.results.spelling import undone

# Names of members, parameters, headers and variables whose text is a secret.
NAMED = re.compile(
    r"(pass(word|phrase|wd|code)|(^|_)pwd($|_)|secret|token|jwt|api_?key|access_?key|private_?key"
    r"|(signing|encryption|master|shared|storage|account|service|license|auth)_?key|credential"
    r"|recovery_?code|(^|_)otp($|_)|authorization|signature|(^|_)sig$|bearer|(csrf|xsrf)"
    r"|connection_?string|(^|_)dsn$|mnemonic|seed_?phrase)",
    re.IGNORECASE,
)

# Names of facts about a secret, or of a page.
NOT_NAMED = re.compile(
    r"(_(type|use|kind|id|ids|name|hint|count|limit|at|in|expires?|ttl|status|policy|length|url|uri"
    r"|endpoint|scope|scopes|required|enabled|strength|algorithm|alg|version|provider|remaining)"
    r"|^(next|page|continuation|sync)_?.*token|method_?type)$",
    re.IGNORECASE,
)

# Names that are secret as parameters of a URL (RFC 6749 §4.1.2), but common elsewhere.
IN_URL = re.compile(r"^(code|ticket|session|sid|saml_?response|assertion|key)$", re.IGNORECASE)

# Names whose value may be a number.
CODE = re.compile(r"pass|pwd|otp|code|(^|_)pin($|_)", re.IGNORECASE)

# Headers that always carry a secret.
HEADERS = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "api-key", "x-auth-key", "x-amz-security-"
     "token", "x-functions-key", "ocp-apim-subscription-key"}
)  # fmt: skip

CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# Words that describe a state: such a value is not a secret.
WORDS = frozenset(
    """
    accepted access active allowed always anonymous approved available basic bearer blocked
    cancelled changed client completed confirmed contract correct created current customer
    default deferred deleted deprecated disabled empty enabled environment error example
    expired external failed failure false forbidden forgotten granted green harness hidden
    ignored inactive incorrect internal invalid invited known local locked managed mandatory
    manual member missing misused never none notset null optional owner partial passed
    password pending permanent plain present private processing protected provided public
    queued reader received redacted refused rejected required reset restricted revoked running
    secret secure service shared skipped standard started stored string strong succeeded
    success suspended system temporary token true unchanged undefined unknown unset unverified
    updated username valid verified viewer weak writer
    """.split()  # noqa: SIM905  (a list of them would take two pages)
)


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a name marks its value as a secret: `DB_PASSWORD`, `accessToken`, `X-Api-Key`."""
    snake = CAMEL.sub("_", name).replace("-", "_").replace(".", "_")
    return bool(NAMED.search(snake)) and not NOT_NAMED.search(snake)


def is_secret(name: str, value: str) -> bool:
    """
    Return whether a named text is a secret, and not only a word or number about one.

    A provider's name, a state or the count of remaining tokens is not a secret under any name.
    """
    if " " in value or value.lower() in WORDS or not is_secret_name(name):
        return False
    if value.isdigit():
        return bool(CODE.search(name))
    return "pass" in name.lower() or len(value) >= 20 or any(map(str.isdigit, value))


def is_secret_in_url(name: str, value: str) -> bool:
    """Return whether a URL parameter grants access to anyone who has the URL."""
    return is_secret(name, value) or (bool(IN_URL.match(name)) and is_random(value))


def is_random(value: str) -> bool:
    """Return whether a text looks random: long, with at least one digit, but not a number."""
    return len(value) >= 12 and any(map(str.isdigit, value)) and not value.isdigit()


# Bytes of a body that are looked at to be shown; an output shows far less.
READ = 64 * 1024

# Bytes of a body that are searched: a check may quote a value from far behind.
SEARCHED = 1024 * 1024

# Bytes of a body that may well come again, as a refusal does.
USUAL = 512

# One of these, in small letters, is in every text with a name of a secret, with a URL, or with an
# escape that may hide a letter of it; where none is, the text need not be taken apart.
SIGNS = ("pass", "pwd", "secret", "token", "jwt", "key", "credential", "recovery", "otp",
         "authorization", "sig", "bearer", "basic ", "srf", "://", "dsn", "connection", "mnemonic",
         "seed", "\\u", "&#", "%")  # fmt: skip

# Shapes of secrets that need no name.
SHAPED = re.compile(
    r"(?<![\w-])(?:eyJ[\w-]{8,16000}\.[\w-]{8,16000}\.[\w-]{0,16000}"  # JSON Web Token (RFC 7519)
    r"|[spr]k_(?:live|test)_\w{8,250}|whsec_\w{8,250}"  # Stripe
    r"|gh[opusr]_\w{20,250}|github_pat_\w{20,250}|glpat-[\w-]{20,250}|xox[abeprs]-[\w-]{10,250}"
    r"|AKIA[0-9A-Z]{16}(?!\w)|AIza[\w-]{35}|sk-[\w-]{20,250})"
    r"|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{1,16000}"
)

# One of these is in every text of such a shape, in small letters; to look for them is cheap.
MARKS = ("eyj", "k_live_", "k_test_", "whsec_", "gho_", "ghp_", "ghr_", "ghs_", "ghu_",
         "github_pat_", "glpat-", "xox", "akia", "aiza", "sk-", "private key")  # fmt: skip

VALUE = r"""(?:"([^"\n]{6,4096})"|'([^'\n]{6,4096})'|([^\s"'<>,;&(){}\[\]]{6,4096}))"""

# `name=value`, `name: value`, `"name": "value"`, in whatever language.
ASSIGNED = re.compile(
    rf"""(?<![\w.-])([\w.-]{{1,64}})["']?[ \t]{{0,8}}(?::|=>?)[ \t]{{0,8}}{VALUE}"""
)

# A name and a value as attributes of their own: `<add key="DbPassword" value="…"/>`.
PAIRED = re.compile(
    r"""(?<!\w)["']?(?:name|key|id|field|variable|label)["']?\s?[:=]\s?["']([\w.-]{1,64})["']"""
    r"""[^\n<>{}]{0,80}?["']?(?:value|val|content|text|data)["']?\s?[:=]\s?["']([^"'\n]{6,4096})"""
)

# `<password>value</password>`.
ELEMENT = re.compile(r"<([\w:.-]{1,64})(?:\s[^<>]{0,256})?>\s{0,8}([^<>]{6,4096}?)\s{0,8}</")

# A credential with its scheme, wherever it stands (RFC 9110 §11.4).
SCHEME = re.compile(r"(?i)(?<!\w)(bearer|basic|token|apikey)[ \t]{1,4}([\w.~+/=-]{8,16000})")

# The password of a URL with an account, as of a database.
ACCOUNT = re.compile(
    r"(?<!\w)[a-zA-Z][\w+.-]{0,30}://([^\s/@:\"'<>]{0,256}):([^\s/@\"'<>]{3,1024})@"
)

PARAMETER = re.compile(r"[?&#;]([\w.~-]{1,64})=([^\s\"'<>&#;]{6,4096})")

# Members of an object that have a name, and members that have its value.
NAMES = ("name", "key", "id", "field", "variable", "label", "header")
VALUES = ("value", "val", "content", "text", "data")

# A secret and the name of the place it was found in.
Named = tuple[str, str]


def learn(
    secrets: Secrets, actor: str, headers: "Iterable[Mapping[str, str]]", bodies: "Iterable[bytes]"
) -> None:
    """Register likely secrets in the headers and bodies of one exchange."""
    for value, name in (*_in_all_headers(headers), *_in_all_bodies(bodies)):
        if not secrets.knows(value):
            secrets.register(value, f"{PROVISIONAL}{_place(actor)}_{_place(name).strip('_')}")


def _place(text: str) -> str:
    return re.sub(r"\W+", "_", text).upper()


def _in_all_headers(headers: "Iterable[Mapping[str, str]]") -> Iterator[Named]:
    for table in headers:
        for name, value in pairs_of(table):
            yield from _in_header(name.lower(), value)


def _in_header(name: str, value: str) -> Iterator[Named]:
    """The value after its scheme, the values of cookies, or the secrets in any other text."""
    if name in ("cookie", "set-cookie"):
        yield from _in_cookies(name, value)
    elif name in HEADERS:
        yield from _in_credential(value, name)
    elif is_secret(name, value.rpartition(" ")[2]):
        yield value.rpartition(" ")[2], name
    elif _may_hold(value.lower()):
        yield from _in_text(value, name)


def _in_cookies(name: str, value: str) -> Iterator[Named]:
    """The values of cookies; of an answer's cookie not its attributes (RFC 6265 §4.1)."""
    pairs = value.split(";")[: 1 if name == "set-cookie" else None]
    for pair in pairs:
        key, _, text = pair.strip().partition("=")
        text = text.strip('"')
        if (len(text) >= 12 and " " not in text) or is_secret(key, text):
            yield text, name


def _in_credential(value: str, name: str) -> Iterator[Named]:
    """A credential, and of a Basic one the password alone (RFC 7617 §2)."""
    scheme, _, text = value.rpartition(" ")
    yield text, name
    if scheme.lower() == "basic":
        try:
            account = b64decode(text, validate=True).decode()
        except ValueError:
            return
        if ":" in account:
            yield account.partition(":")[2], f"{name}_password"


def _in_all_bodies(bodies: "Iterable[bytes]") -> Iterator[Named]:
    for body in filter(None, bodies):
        yield from _in_usual(body) if len(body) <= USUAL else _in_body(body)


@lru_cache(maxsize=256)
def _in_usual(body: bytes) -> tuple[Named, ...]:
    """Cache the secrets of short bodies: half of the answers, mostly refusals, repeat."""
    return tuple(_in_body(body))


def _in_body(body: bytes) -> Iterator[Named]:
    text = body[:SEARCHED].decode("utf-8", "replace")
    if _may_hold(text.lower()):
        try:
            yield from _in_json(text)
        except (ValueError, RecursionError):
            yield from _in_text(text, "")


def _may_hold(small: str) -> bool:
    """Whether a text in small letters has anything that makes it worth a closer look."""
    return any(map(small.__contains__, SIGNS)) or any(map(small.__contains__, MARKS))


def _in_json(text: str) -> Iterator[Named]:
    """Likely secrets in the members of all objects; items of a list have the list's name."""
    members: list[tuple[str, Any]] = []
    pairs: list[Named] = []

    def read(found: list[tuple[str, Any]]) -> None:
        members.extend(found)
        pairs.extend(_named_by_value(found))

    outermost = json.loads(text, object_pairs_hook=read)
    members.append(("", outermost))
    yield from ((value, name) for name, value in pairs if is_secret(name, value))
    for name, value in members:
        if isinstance(value, str):
            yield from _in_value(name, value)
        elif isinstance(value, list):
            members += [(name, inner) for inner in value if inner is not None]


def _named_by_value(members: list[tuple[str, Any]]) -> Iterator[Named]:
    """The value of an object such as `{"name": "DB_PASSWORD", "value": "…"}`, under that name."""
    found = {key.lower(): text for key, text in members if isinstance(text, str)}
    names = [found[key] for key in NAMES if key in found and is_secret_name(found[key])]
    yield from ((name, found[key]) for name in names for key in VALUES if key in found)


def _in_value(name: str, value: str) -> Iterator[Named]:
    if "://" not in value and is_secret(name, value):
        yield value, name
    elif len(value) > 7 and _may_hold(value.lower()):
        yield from _in_text(value, name)


def _in_text(text: str, name: str) -> Iterator[Named]:
    """Likely secrets in a text of any kind, also in its unescaped form."""
    yield from _in_plain_text(text, name)
    without = undone(text)
    if without != text:
        yield from _in_plain_text(without, name)


def _in_plain_text(text: str, name: str) -> Iterator[Named]:
    yield from ((found.group(), name or "value") for found in SHAPED.finditer(text))
    for found in ASSIGNED.finditer(text):
        value = found[2] or found[3] or found[4]
        if is_secret(found[1], value):
            yield value, found[1]
    for pattern in (PAIRED, ELEMENT):
        yield from ((value, key) for key, value in pattern.findall(text) if is_secret(key, value))
    for scheme, value in SCHEME.findall(text):
        if is_random(value) or len(value) >= 20:
            yield from _in_credential(f"{scheme} {value}", name or scheme)
    if "://" in text or "=" in text:
        yield from ((password, name or "url") for _, password in ACCOUNT.findall(text))
        for key, value in PARAMETER.findall(text):
            if is_secret_in_url(key, value):
                yield value, f"{name}_{key}"
