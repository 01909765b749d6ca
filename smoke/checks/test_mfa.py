"""Second factor: a sign-in needs its code once it is enrolled."""

import time
from typing import Any

from smoke import Caller, Cleanup, Expect, Lists, Run, exercises, totp
from smoke.checks.accounts import MemberAccount, caller_address, not_limited, secret

METHODS = "GET /api/v1/auth/mfa"
ENROLL = "POST /api/v1/auth/mfa/totp/enroll"
VERIFY = "POST /api/v1/auth/mfa/totp/verify"
COMPLETE = "POST /api/v1/auth/mfa/complete"
CODES = "POST /api/v1/auth/mfa/recovery/regenerate"
DELETE = "DELETE /api/v1/auth/mfa/{method_id}"
STEP_S = 30


@exercises(ENROLL, VERIFY, METHODS, COMPLETE, DELETE)
async def test_sign_in_needs_the_code(
    account: MemberAccount, anonymous: Caller, expect: Expect, run: Run, cleanup: Cleanup,
    lists: Lists,
) -> None:  # fmt: skip
    """With a second factor the password gives no session; the challenge and its code do."""
    method_id, key = await _enroll(account, expect, run, cleanup)
    challenge = expect(await account.sign_in(), 202)
    challenge.that("no session", "access_token" not in challenge.json)
    challenge.lists("/methods/*/id", method_id)
    challenge.that("no key of a method", key not in challenge.exchange.text)
    token = secret(run, challenge.value("/challenge_token"))
    answer, address = {"challenge_token": token, "method_id": method_id}, caller_address(run)
    wrong = {**answer, "code": _wrong_code(key)}
    refused = await anonymous.call(COMPLETE, json=wrong, headers=address)
    expect(not_limited(refused), 400, 401, 403, 422)
    right = {**answer, "code": totp(key, time.time())}
    session = expect(not_limited(await anonymous.call(COMPLETE, json=right, headers=address)))
    account.use_session(session).holds("/user_id", account.user_id)
    session.holds("/tenant_id", account.tenant_id)
    expect(await account.call(DELETE, method_id=method_id))
    left = await lists.until(account.caller, METHODS, _none_in_force)
    expect.that("no method in force", _none_in_force(left), left)


@exercises(CODES)
async def test_recovery_codes_differ(account: MemberAccount, expect: Expect, run: Run) -> None:
    """New recovery codes are all different, also from those before."""
    first, second = [expect(await account.call(CODES)).value("/codes") for _ in range(2)]
    codes = [secret(run, code) for code in first + second]
    expect.that("some codes", bool(first) and bool(second))
    expect.that("each code once", len(set(codes)) == len(codes))


async def _enroll(
    account: MemberAccount, expect: Expect, run: Run, cleanup: Cleanup
) -> tuple[str, str]:
    """Enroll and verify a second factor; return its id and its key."""
    if not account.access:
        await account.start_session(expect)
    enrolled = expect(await account.call(ENROLL, query={"label": f"smoke {run.id}"}))
    method_id, key = str(enrolled.value("/method_id")), secret(run, enrolled.value("/secret"))
    cleanup(account.caller, DELETE, method_id=method_id)
    body = {"method_id": method_id, "code": totp(key, time.time())}
    expect(not_limited(await account.call(VERIFY, json=body, headers=caller_address(run))))
    return method_id, key


def _none_in_force(methods: list[dict[str, Any]]) -> bool:
    return all(row.get("revoked_at") for row in methods)


def _wrong_code(key: str) -> str:
    """A code of no step near the present one."""
    near = {totp(key, time.time() + step * STEP_S) for step in range(-3, 4)}
    return next(code for code in (f"{n:06}" for n in range(10)) if code not in near)
