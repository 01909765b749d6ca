"""Does a sign-in with a second factor need its code?"""

import time
from typing import Any

from smoke.checks import exercises
from smoke.checks.guests import Guest, Undo, own_address, secret, within_limits
from smoke.plan.values import totp
from smoke.results.expectations import Expect
from smoke.results.run import Run
from smoke.session.actors import Caller

METHODS = "GET /api/v1/auth/mfa"
ENROLL = "POST /api/v1/auth/mfa/totp/enroll"
VERIFY = "POST /api/v1/auth/mfa/totp/verify"
COMPLETE = "POST /api/v1/auth/mfa/complete"
CODES = "POST /api/v1/auth/mfa/recovery/regenerate"
DELETE = "DELETE /api/v1/auth/mfa/{method_id}"
STEP_S = 30


@exercises(ENROLL, VERIFY, METHODS, COMPLETE, DELETE)
async def test_sign_in_needs_the_code(
    guest: Guest, anonymous: Caller, expect: Expect, run: Run, undo: Undo
) -> None:
    """With a second factor the password alone gives no session; code and challenge do."""
    method = await _enrolled(guest, expect, run, undo)
    challenge = expect(await guest.sign_in(), 202)
    challenge.that("no session", "access_token" not in challenge.json)
    challenge.lists("/methods/*/id", method["method_id"])
    token = secret(run, challenge.value("/challenge_token"))
    answer = {"challenge_token": token, "method_id": method["method_id"]}
    address = own_address(run)
    wrong = {**answer, "code": _wrong_code(method["secret"])}
    refused = await anonymous.call(COMPLETE, json=wrong, headers=address)
    expect(within_limits(refused), 400, 401, 403, 422)
    right = {**answer, "code": totp(method["secret"], time.time())}
    session = expect(within_limits(await anonymous.call(COMPLETE, json=right, headers=address)))
    guest.go_on(session).holds("/user_id", guest.user_id)
    expect(await guest.call(DELETE, method_id=method["method_id"]))
    expect(await guest.call(METHODS)).that("none left", not await _open_methods(guest))
    expect(await guest.sign_in(), 200)


@exercises(CODES)
async def test_recovery_codes_differ(guest: Guest, expect: Expect, run: Run) -> None:
    """New recovery codes are all different, also from those before."""
    first, second = [expect(await guest.call(CODES)).value("/codes") for _ in range(2)]
    codes = [secret(run, code) for code in first + second]
    expect.that("some codes", bool(first) and bool(second))
    expect.that("each code once", len(set(codes)) == len(codes))


async def _enrolled(guest: Guest, expect: Expect, run: Run, undo: Undo) -> dict[str, str]:
    enrolled = expect(await guest.call(ENROLL, query={"label": f"smoke {run.id}"}))
    method_id, key = str(enrolled.value("/method_id")), secret(run, enrolled.value("/secret"))
    undo(guest.caller, DELETE, method_id=method_id)
    body = {"method_id": method_id, "code": totp(key, time.time())}
    expect(within_limits(await guest.call(VERIFY, json=body, headers=own_address(run))))
    return {"method_id": method_id, "secret": key}


async def _open_methods(guest: Guest) -> list[dict[str, Any]]:
    """The methods that still count: a list may go on naming those that were revoked."""
    rows: list[dict[str, Any]] = (await guest.call(METHODS)).json
    return [row for row in rows if not row.get("revoked_at")]


def _wrong_code(key: str) -> str:
    """A code of no step near the present one."""
    near = {totp(key, time.time() + step * STEP_S) for step in range(-3, 4)}
    return next(code for code in (f"{n:06}" for n in range(10)) if code not in near)
