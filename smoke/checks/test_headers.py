"""Headers: which pages of other sites may read answers of the service (Fetch standard, CORS)."""

from collections.abc import Mapping
from typing import Any

from smoke import Answer, Caller, Exchange, Expect

PREFLIGHT = "OPTIONS /api/v1/users/me"
READ = "GET /health"
# The origin of a page that no deployment trusts (RFC 6761 reserves `.example`).
FOREIGN = "https://smoke-foreign-site.example"
ALLOW = "access-control-allow-origin"
CREDENTIALS = "access-control-allow-credentials"
ANSWERED = (200, 204)
REFUSED = (400, 401, 403, 404, 405)


async def test_foreign_page_reads_nothing(anonymous: Caller, expect: Expect) -> None:
    """A page of a foreign site may not send the user's credentials and read the answer."""
    preflight = expect(await _preflight(anonymous, FOREIGN), *ANSWERED, *REFUSED, shape=False)
    read = expect(await anonymous.call(READ, headers={"Origin": FOREIGN}))
    for answer in (preflight, read):
        _must_not_trust(answer)


async def test_own_pages_may_call(
    anonymous: Caller, health: Exchange, expect: Expect, options: Mapping[str, Any]
) -> None:
    """Pages of the sites that the target names may call the service."""
    expect(health)
    for origin in str(options["cors_origins"]).split():
        preflight = expect(await _preflight(anonymous, origin), *ANSWERED, shape=False)
        read = expect(await anonymous.call(READ, headers={"Origin": origin}))
        for answer in (preflight, read):
            allowed = answer.exchange.headers.get(ALLOW, "")
            answer.that(f"{origin} allowed", allowed in (origin, "*"), allowed)


async def test_required_headers_are_sent(
    health: Exchange, expect: Expect, options: Mapping[str, Any]
) -> None:
    """An answer has the headers that the target requires, such as those of security."""
    read = expect(health)
    wanted = str(options["required_headers"]).lower().split()
    missing = [name for name in wanted if not read.exchange.headers.get(name)]
    read.that("the required headers", not missing, f"missing: {missing}")


async def _preflight(caller: Caller, origin: str) -> Exchange:
    """Ask as a browser does before a page's script may call with a token."""
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization",
    }
    return await caller.call(PREFLIGHT, headers=asked)


def _must_not_trust(answer: Answer) -> None:
    """Expect no foreign origin in the answer, nor every origin together with credentials."""
    headers = answer.exchange.headers
    allowed = headers.get(ALLOW, "")
    answer.that("no foreign origin named", FOREIGN not in allowed, allowed)
    credentials = headers.get(CREDENTIALS, "").lower() == "true"
    answer.that("no credentials for every origin", not (allowed == "*" and credentials), allowed)
