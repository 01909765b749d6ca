"""Rules about headers: what caches and pages of other sites may do with an answer."""

import re
from collections.abc import Iterator

from smoke.contract import Contract, Finding
from smoke.results.exchange import Exchange

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
    """Every origin together with credentials is never right (Fetch standard, CORS protocol)."""
    headers = exchange.headers
    credentials = headers.get("access-control-allow-credentials", "").lower() == "true"
    if credentials and headers.get("access-control-allow-origin") == "*":
        message = "Every site is allowed to send credentials: name the origins that may."
        yield Finding("behaviour", "header access-control-allow-origin", message)
