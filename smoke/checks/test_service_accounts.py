"""Is a service account's token signed, listed, and over when it is revoked?"""

import jwt

from smoke.auth import Actor, Caller
from smoke.checks import exercises
from smoke.checks.conftest import ReadAll
from smoke.checks.guests import REFRESH, secret
from smoke.expect import Expect
from smoke.run import Run

ISSUE = "POST /api/v1/auth/service-accounts/browser-issue"
TOKENS = "GET /api/v1/auth/service-accounts/tokens"
REVOKE = "POST /api/v1/auth/service-accounts/tokens/{jti}/revoke"
KEYS = "GET /.well-known/jwks.json"
WANTED = {"account": "analytics-batch", "scopes": ["conversations:read"]}


@exercises(ISSUE, TOKENS, REVOKE)
async def test_revoked_token_is_over(
    owner: Actor, anonymous: Caller, expect: Expect, run: Run, read_all: ReadAll
) -> None:
    """A token verifies against the published keys, is listed, and is revoked for good."""
    mark = {"fingerprint": f"smoke-{run.id}"}
    body = {**WANTED, **mark, "reason": "a smoke run tries it out"}
    issued = expect(await owner.call(ISSUE, json=body))
    token = secret(run, issued.value("/refresh_token"))
    keys = jwt.PyJWKSet.from_dict((await anonymous.call(KEYS)).json)
    claims = jwt.decode(
        token,
        keys[issued.value("/kid")],
        algorithms=["EdDSA"],
        leeway=5,
        options={"verify_aud": False},
    )
    issued.that("the account's own", "analytics-batch" in str(claims.get("account")), claims)
    jti = str(claims["jti"])
    run.own(REVOKE, {"jti": jti})
    active = [row["jti"] for row in await read_all(owner, TOKENS, **mark)]
    expect.that("the token listed as active", active == [jti], active)
    expect(await owner.call(REVOKE, json={"reason": "the check is over"}, jti=jti))
    left = await read_all(owner, TOKENS, **mark)
    expect.that("no active token left", not left, len(left))
    revoked = await read_all(owner, TOKENS, **mark, status="revoked")
    expect.that("the token listed as revoked", [row["jti"] for row in revoked] == [jti])
    expect.that("the moment of it", bool(revoked[0]["revoked_at"]))
    expect(await anonymous.call(REFRESH, json={"refresh_token": token}), 401)


async def test_tokens_are_for_admins(member: Actor, expect: Expect) -> None:
    """A member neither issues nor lists tokens of service accounts."""
    body = {**WANTED, "reason": "a smoke run tries it out"}
    expect(await member.call(ISSUE, json=body), 403)
    expect(await member.call(TOKENS), 403)
