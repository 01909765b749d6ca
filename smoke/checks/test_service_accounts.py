"""Service accounts: a token is signed, listed, and invalid after it is revoked."""

from collections.abc import Mapping
from typing import Any

import jwt
import pytest

from smoke import (
    Actor,
    Answer,
    Caller,
    Exchange,
    Expect,
    LeftOutError,
    Lists,
    Run,
    exercises,
    together,
)
from smoke.checks.accounts import REFRESH, new_password, not_limited, secret
from smoke.checks.conftest import JWKS

ISSUE = "POST /api/v1/auth/service-accounts/browser-issue"
DIRECT = "POST /api/v1/auth/service-accounts/issue"
TOKENS = "GET /api/v1/auth/service-accounts/tokens"
REVOKE = "POST /api/v1/auth/service-accounts/tokens/{jti}/revoke"
# A right over all tenants, which no service account has.
OPERATOR = "platform:operator"
# The credential that counts where no vault decides who may have a token.
WITHOUT_VAULT = {"Authorization": "Bearer dev-demo"}
REFUSED_BY_VAULT = (401, 403, 503)
# The statuses of a request for a right that no service account has.
NOT_GRANTED = (400, 401, 403, 404, 422)

Wanted = dict[str, Any]


@pytest.fixture
async def wanted(owner: Actor, options: Mapping[str, Any]) -> Wanted:
    """A token for an account of the target's catalogue; without `force` it may be an old one."""
    return {
        "account": options["service_account"],
        "scopes": [options["service_scope"]],
        "tenant_id": str((await owner.session()).answer["tenant_id"]),
        "force": True,
    }


@exercises(ISSUE, TOKENS, REVOKE)
async def test_revoked_token_is_over(
    owner: Actor,
    outsider: Actor,
    anonymous: Caller,
    expect: Expect,
    run: Run,
    lists: Lists,
    wanted: Wanted,
    key_sets: tuple[Exchange, ...],
) -> None:
    """A token verifies against the published keys, is listed, and is revoked for good."""
    mark = {"fingerprint": f"smoke-{run.id}"}
    body = {**wanted, **mark, "reason": "a smoke run tries it out"}
    issued = expect(_known(not_limited(await owner.call(ISSUE, json=body))))
    token = secret(run, issued.value("/refresh_token"))
    row: Wanted = {"jti": await _jti(issued, key_sets[-1], anonymous)}
    given = issued.value("/scopes")
    issued.that("no right but those asked for", set(given) <= set(wanted["scopes"]), given)
    too_much = {**body, "scopes": [OPERATOR]}
    expect(not_limited(await owner.call(ISSUE, json=too_much)), *NOT_GRANTED)
    active = await lists.rows(owner, TOKENS, {}, **mark, status="active")
    ids = [one["jti"] for one in active]
    expect.that("one active token of this mark", ids == [row["jti"]], ids)
    await lists.lack(outsider, TOKENS, row, **mark, status="active")
    run.own(REVOKE, row)
    expect(await owner.call(REVOKE, json={"reason": "the check is over"}, **row))
    await lists.lack(owner, TOKENS, row, **mark, status="active")
    revoked = await lists.row(owner, TOKENS, row, **mark, status="revoked")
    expect.that("the moment of its revocation", bool(revoked["revoked_at"]), revoked)
    expect(await anonymous.call(REFRESH, json={"refresh_token": token}), 400, 401, 403)


async def test_other_tenant_gets_no_token(
    owner: Actor, outsider: Actor, expect: Expect, run: Run, wanted: Wanted
) -> None:
    """The owner of a tenant gets no token for another tenant."""
    if OPERATOR in str((await owner.session()).claims.get("scope", "")).split():
        raise LeftOutError("the owner operates the platform as well, so it may name any tenant")
    theirs = {"tenant_id": str((await outsider.session()).answer["tenant_id"])}
    body = {**wanted, **theirs, "reason": "a smoke run tries another tenant"}
    sent = not_limited(await owner.call(ISSUE, json=body))
    if sent.status == 201:
        run.secrets.register(str(sent.json["refresh_token"]), "SMOKE_ACCOUNT_SECRET")
    expect(sent, *NOT_GRANTED)


@exercises(DIRECT)
async def test_program_gets_a_token(
    owner: Actor,
    anonymous: Caller,
    expect: Expect,
    run: Run,
    wanted: Wanted,
    key_sets: tuple[Exchange, ...],
) -> None:
    """A program gets a signed token without a browser, by its credential; it is revoked at once."""
    body = {**wanted, "fingerprint": f"smoke-machine-{run.id}"}
    unknown = {"Authorization": f"Bearer {new_password(run)}"}
    expect(await anonymous.call(DIRECT, json=body, headers=unknown), *REFUSED_BY_VAULT)
    sent = not_limited(await anonymous.call(DIRECT, json=body, headers=WITHOUT_VAULT))
    if sent.status in REFUSED_BY_VAULT:
        raise LeftOutError("this deployment asks a vault who may have a token")
    issued = expect(_known(sent))
    secret(run, issued.value("/refresh_token"))
    row: Wanted = {"jti": await _jti(issued, key_sets[-1], anonymous)}
    run.own(REVOKE, row)
    expect(await owner.call(REVOKE, json={"reason": "the check is over"}, **row))


async def test_tokens_are_for_admins(member: Actor, expect: Expect, wanted: Wanted) -> None:
    """A member neither issues nor lists tokens of service accounts."""
    body = {**wanted, "reason": "a smoke run tries it out"}
    for exchange in await together([member.call(ISSUE, json=body), member.call(TOKENS)]):
        expect(exchange, 403)


def _known(issued: Exchange) -> Exchange:
    """The answer to a request for a token; skipped if this deployment lacks the account."""
    if issued.status in (400, 404):
        raise LeftOutError(
            "the token was refused: set options.service_account and options.service_scope to an "
            "account of this deployment and what it may do"
        )
    return issued


async def _jti(issued: Answer, known: Exchange, anonymous: Caller) -> str:
    """The id of a token, which verifies against the published keys and is the account's own."""
    if issued.value("/kid") not in [key.get("kid") for key in known.json["keys"]]:
        known = await anonymous.call(JWKS)  # the keys were rotated meanwhile
    keys = jwt.PyJWKSet.from_dict(known.json)
    claims = jwt.decode(
        issued.value("/refresh_token"),
        keys[issued.value("/kid")],
        algorithms=["EdDSA"],
        leeway=5,
        options={"verify_aud": False},
    )
    account = str(issued.value("/account"))
    issued.that("the account's own", account in f"{claims.get('account')} {claims['sub']}", claims)
    return str(claims["jti"])
