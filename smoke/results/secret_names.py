"""Names that mark their value as a secret, and values that are not secret under any name."""

import re
from functools import lru_cache

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
