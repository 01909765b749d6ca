"""Rules about leaks: errors show no inner workings or credential, no answer a stored password."""

import re
from collections.abc import Iterator

from smoke.contract import Contract, Finding
from smoke.results.exchange import Exchange
from smoke.results.lines import CREDENTIAL

# Bytes of a body that are searched.
READ = 64 * 1024

# The length from which a credential in a body is no coincidence.
LONG = 12

# Inner workings that an error's body must not show, by their name in the finding.
INNER = {
    "a stack trace": re.compile(
        rb"Traceback \(most recent call last\)|File \\?\"/[^\"\n]{1,200}\.py\\?\", line \d+"
        rb"|\bat [\w.$<>]{1,200}\([\w./]{1,200}\.(?:java|kt|scala|cs|js|ts):\d+"
        rb"|goroutine \d+ \[|\bat /?[\w./-]{1,200}\.(?:js|ts|rb|php):\d+:\d+"
    ),
    "a database error": re.compile(
        rb"sqlalchemy\.exc\.|psycopg2?\.errors|asyncpg\.exceptions|SQLSTATE\[|\bORA-\d{5}\b"
        rb"|You have an error in your SQL syntax|sqlite3\.\w*Error|\[SQL: "
    ),
    "a connection string": re.compile(
        rb"\b(?:postgres(?:ql)?|mysql|mongodb|redis|amqp)(?:\+\w{1,20})?://[^\s\"'<>]{3,}"
    ),
    "a setting": re.compile(
        rb"\b(?:SECRET_KEY|DATABASE_URL|AWS_SECRET_ACCESS_KEY|PRIVATE_KEY|DB_PASSWORD)\b\W{0,4}[=:]"
    ),
    "a path on the server": re.compile(rb"/site-packages/|/usr/(?:local/)?lib/python\d|/app/src/"),
}

# Passwords as they are stored: bcrypt, argon2 and Django's own format.
STORED = re.compile(
    rb"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id|i|d)\$v=\d+\$|pbkdf2_sha256\$"
)


def errors_hide_inner_workings(exchange: Exchange, _contract: Contract) -> Iterator[Finding]:
    """An error is for the caller: details that help an attacker belong in the log."""
    if (exchange.status or 0) < 400:
        return
    body = exchange.body[:READ]
    for name, pattern in INNER.items():
        found = pattern.search(body)
        # An error may repeat a part of the request, as validation errors do.
        if found and found.group() not in exchange.request_body:
            yield Finding("behaviour", "", f"The body of a {exchange.status} shows {name}.")


def errors_hide_the_credential(exchange: Exchange, _contract: Contract) -> Iterator[Finding]:
    """Errors are logged and passed on, so they must not contain the caller's credential."""
    credential = exchange.request_headers.get(CREDENTIAL, "").rpartition(" ")[2].encode()
    shown = len(credential) >= LONG and credential in exchange.body[:READ]
    if (exchange.status or 0) >= 400 and shown:
        message = f"The body of a {exchange.status} shows the caller's credential."
        yield Finding("behaviour", "", message)


def answers_hide_stored_passwords(exchange: Exchange, _contract: Contract) -> Iterator[Finding]:
    """The hash of a password is a secret of the service."""
    if STORED.search(exchange.body[:READ]):
        yield Finding("behaviour", "", "The answer shows a password as it is stored.")


# Directives that let a shared cache keep an answer to an authenticated request (RFC 9111 §3.5).
SHARED = re.compile(r"\b(public|s-maxage\s*=\s*\"?[1-9])")


def private_answers_stay_private(exchange: Exchange, contract: Contract) -> Iterator[Finding]:
    """A shared cache must not keep an answer for a single caller."""
    operation = contract.operations.get(exchange.operation)
    credential = "authorization" in exchange.request_headers
    if operation is None or not operation.secured or not credential:
        return  # an operation that is open to everybody may be cached for everybody
    control = exchange.headers.get("cache-control", "").lower()
    if exchange.status == 200 and SHARED.search(control) and "private" not in control:
        message = f"An answer to an authenticated request says {control!r}: shared caches keep it."
        yield Finding("behaviour", "header cache-control", message)


def credentials_are_for_named_origins(exchange: Exchange, _contract: Contract) -> Iterator[Finding]:
    """Allowing every origin together with credentials is always wrong (Fetch standard, CORS)."""
    headers = exchange.headers
    credentials = headers.get("access-control-allow-credentials", "").lower() == "true"
    if credentials and headers.get("access-control-allow-origin") == "*":
        message = "Every site is allowed to send credentials: name the origins that may."
        yield Finding("behaviour", "header access-control-allow-origin", message)
