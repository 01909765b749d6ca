"""Sign-up: people request access or register, and the operator decides."""

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
from smoke.checks.accounts import (
    MemberAccount,
    caller_address,
    must_be_writable,
    new_password,
    not_limited,
    secret,
)
from smoke.checks.answered import answered
from smoke.checks.founding import POLICY, REGISTER, Founder
from smoke.checks.pool import Slot

# Rights that no tenant gives.
OPERATORS = frozenset({"platform:operator", "status:manage"})
ASK = "POST /api/v1/auth/request-access"
REQUESTS = "GET /api/v1/auth/signup-requests"
APPROVE = "POST /api/v1/auth/signup-requests/{request_id}/approve"
REJECT = "POST /api/v1/auth/signup-requests/{request_id}/reject"
INVITES = "/api/v1/auth/invites"
LIST = f"GET {INVITES}"
REVOKE = f"POST {INVITES}/{{invite_id}}/revoke"
ME = "GET /api/v1/users/me"
ACCOUNT = "GET /api/v1/tenants/account"
# Policies of which it is known whether they need an invite.
NEEDS_INVITE = {"public": False, "invite_only": True}
# The statuses of a registration without a valid invite.
UNINVITED = (400, 401, 403, 404, 409, 422)
# The statuses of sign-ins after too many wrong passwords.
LOCKED = (423, 429)
# The statuses for deciding a request that was decided before.
DECIDED = (400, 409)


@exercises(POLICY)
async def test_policy_is_consistent(anonymous: Caller, expect: Expect, run: Run) -> None:
    """Everybody may register without an invite, or only the invited, as the policy says."""
    policy = expect(await answered(anonymous, POLICY))
    if policy.value("/policy") in NEEDS_INVITE:
        policy.holds("/invite_required", NEEDS_INVITE[policy.json["policy"]])
    for token in (None, new_password(run)) if policy.value("/invite_required") else ():
        must_be_writable(anonymous, "account")
        account = {"email": _address(run, "uninvited"), "password": new_password(run)}
        body = {**account, "tenant_name": "Smoke", "accept_terms": True, "invite_token": token}
        sent = await anonymous.call(REGISTER, json=body, headers=caller_address(run))
        expect(not_limited(sent), *UNINVITED)


@exercises(ASK, REQUESTS, REJECT)
async def test_rejected_request_is_listed_as_rejected(
    anonymous: Caller, operator: Actor, slot: Slot, expect: Expect, run: Run, lists: Lists
) -> None:
    """A request for access is pending until the operator rejects it; then it is not any more."""
    asked = await _asked("stays-out", anonymous, operator, slot, expect, lists)
    body = {"reason": f"smoke {run.id}"}
    sent = await operator.call(REJECT, json=body, request_id=str(asked["id"]))
    rejected = _decided(sent, asked, expect)
    if rejected:
        rejected.holds("/request/status", "rejected")
    row = {"id": asked["id"], "status": "rejected"}
    listed = await lists.row(operator, REQUESTS, row, status="rejected")
    if rejected:
        expect.that(
            "the reason that was given", listed["decision_reason"] == body["reason"], listed
        )
        await lists.lack(operator, REQUESTS, {"id": asked["id"]}, status="pending")


@exercises(ASK, APPROVE)
async def test_approved_request_makes_an_invite(
    anonymous: Caller, operator: Actor, slot: Slot, expect: Expect, run: Run, lists: Lists
) -> None:
    """An approved request is listed as approved; an invite that it gives is then revoked."""
    asked = await _asked("wants-in", anonymous, operator, slot, expect, lists)
    sent = await operator.call(APPROVE, json={}, request_id=str(asked["id"]))
    approved = _decided(sent, asked, expect)
    if approved:
        approved.holds("/request/status", "approved")
    row = {"id": asked["id"], "status": "approved"}
    await lists.row(operator, REQUESTS, row, status="approved")
    if approved and approved.json.get("invite"):  # none is needed where everybody may register
        secret(run, approved.value("/invite/invite_token"))
        invite_id = str(approved.value("/invite/id"))
        run.own(REVOKE, {"invite_id": invite_id})
        expect(await operator.call(REVOKE, invite_id=invite_id)).holds("/status", "revoked")


@exercises(f"POST {INVITES}", LIST, REVOKE)
async def test_revoked_invite_is_listed_as_revoked(
    operator: Actor, expect: Expect, run: Run, lists: Lists
) -> None:
    """An operator's invite is listed once, as active and then as revoked."""
    email = _address(run, "invited")
    issued = expect(await operator.call(f"POST {INVITES}", json={"invited_email": email}))
    secret(run, issued.value("/invite_token"))
    invite_id = str(issued.value("/id"))
    run.own(REVOKE, {"invite_id": invite_id})
    for status in ("active", "revoked"):

        def shows(rows: list[dict[str, Any]], wanted: str = status) -> bool:
            states = [(r["id"], r["status"]) for r in rows if r["invited_email"] == email]
            return states == [(invite_id, wanted)]

        rows = await lists.until(operator, LIST, shows, email=email)
        expect.that(f"one invite, {status}", shows(rows), rows)
        expect(await operator.call(REVOKE, invite_id=invite_id))


async def test_requests_and_invites_are_for_operators(member: Actor, expect: Expect) -> None:
    """A member who is not an operator sees neither requests nor invites."""
    for exchange in await together([member.call(REQUESTS), member.call(LIST)]):
        expect(exchange, 403)


@exercises(REGISTER)
async def test_founder_owns_a_tenant(founder: Founder, anonymous: Caller, expect: Expect) -> None:
    """An account that registered owns a tenant, closed until its address is verified."""
    account, session = founder.account, expect(founder.session.exchange)
    # As it registered: another check may have seeded the account since, as an owner.
    claims = jwt.decode(session.value("/access_token"), options={"verify_signature": False})
    session.that("roles of an owner", claims.get("roles") == ["owner"], claims.get("roles"))
    rights = str(claims.get("scope", "")).split()
    session.that("no right of an operator", not OPERATORS.intersection(rights), rights)
    caller = anonymous.bearing(secret(anonymous.client.run, session.value("/access_token")))
    me = expect(await caller.call(ME))
    me.holds("/data/email", account.email).holds("/data/role", "owner")
    me.holds("/data/tenant_id", account.tenant_id)
    opened = session.json["email_verified"] and not founder.is_closed
    expect(await caller.call(ACCOUNT), 200 if opened else 403)


@pytest.mark.beside("account")  # it only names the account's address
@exercises(REGISTER)
async def test_address_registers_once(
    founder: Founder, account: MemberAccount, anonymous: Caller, expect: Expect, run: Run
) -> None:
    """An address that has an account cannot register again."""
    expect(founder.session.exchange)
    # The service limits attempts by address, so one that this run alone uses comes first.
    has_moved = account.email != account.home
    email = account.email if has_moved else founder.account.email
    body = {"email": email, "password": new_password(run), "accept_terms": True}
    again = {**body, "tenant_name": founder.tenant["name"]}
    sent = await anonymous.call(REGISTER, json=again, headers=caller_address(run))
    expect(not_limited(sent), 400, 403, 409)


async def test_short_password_registers_nothing(
    anonymous: Caller, expect: Expect, run: Run
) -> None:
    """A registration with a password that is too short is refused."""
    email = _address(run, "never")
    body = {"email": email, "password": "Sh0rt!", "tenant_name": "Smoke", "accept_terms": True}
    refused = await anonymous.call(REGISTER, json=body, headers=caller_address(run))
    expect(not_limited(refused), 422)


async def test_wrong_passwords_lock_the_account(
    founder: Founder, expect: Expect, options: Mapping[str, Any]
) -> None:
    """After at most the stated number of wrong passwords, even the right one is refused."""
    most = int(options["lockout_after"])
    if not most:
        raise LeftOutError("options.lockout_after is 0: this deployment locks no account")
    account = founder.account
    for number in range(most):
        sent = await account.sign_in(at_once=True, password=f"wrong-password-{number}")
        wrong = expect(sent, 401, *(LOCKED if number else ()))
        if wrong.exchange.status in LOCKED:
            break
    expect(await account.sign_in(at_once=True), *LOCKED)


async def _asked(
    who: str, anonymous: Caller, operator: Actor, slot: Slot, expect: Expect, lists: Lists
) -> dict[str, Any]:
    """Return the row of the slot's request for access, sent now or by an earlier run."""
    must_be_writable(anonymous, "request for access")
    run, email = expect.run, slot.address(who)
    known = await lists.all(operator, REQUESTS) if slot.is_pooled else []
    row = next((row for row in known if row["email"] == email), None)
    if row is None:
        expect(await _ask(email, anonymous, expect))
        run.stays("sign-up request", email)
        row = await lists.row(operator, REQUESTS, {"email": email}, status="pending")
    else:
        run.uses_again(ASK, "sign-up request", email)
    run.own(REJECT, {"request_id": str(row["id"])})
    return row


async def _ask(email: str, anonymous: Caller, expect: Expect) -> Exchange:
    body = {"email": email, "organization": "Smoke", "full_name": "Smoke Run", "accept_terms": True}
    headers = caller_address(expect.run)
    sent = not_limited(await anonymous.call(ASK, json=body, headers=headers))
    if sent.status in (403, 404):
        policy = expect(await anonymous.call(POLICY)).json
        if not policy["request_access_enabled"]:
            raise LeftOutError("the sign-up policy does not let people ask for access")
    return sent


def _decided(sent: Exchange, asked: dict[str, Any], expect: Expect) -> Answer | None:
    """Return the answer to a decision; None where an earlier run decided: that stays so."""
    if asked["status"] == "pending":
        return expect(sent)
    expect.run.uses_again(sent.operation, "sign-up request", asked["email"])
    expect(sent, *DECIDED)
    return None


def _address(run: Run, who: str) -> str:
    """An address in a domain of the run's own: sign-ups are limited by domain too."""
    return f"smoke-{who}@smoke-{run.id}.example.com"
