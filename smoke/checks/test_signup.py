"""Sign-up: people ask to come in or register, and the operator decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio

from smoke import (
    Actor,
    Answer,
    Caller,
    Cleanup,
    Exchange,
    Expect,
    LeftOutError,
    Lists,
    Run,
    exercises,
    together,
)
from smoke.checks.accounts import (
    DEPROVISION,
    RUN_IS_OVER,
    SIGN_IN,
    caller_address,
    must_be_writable,
    new_password,
    not_limited,
    secret,
)

POLICY = "GET /api/v1/auth/signup-policy"
ASK = "POST /api/v1/auth/request-access"
REQUESTS = "GET /api/v1/auth/signup-requests"
APPROVE = "POST /api/v1/auth/signup-requests/{request_id}/approve"
REJECT = "POST /api/v1/auth/signup-requests/{request_id}/reject"
INVITES = "/api/v1/auth/invites"
LIST = f"GET {INVITES}"
REVOKE = f"POST {INVITES}/{{invite_id}}/revoke"
REGISTER = "POST /api/v1/auth/register"
ME = "GET /api/v1/users/me"
ACCOUNT = "GET /api/v1/tenants/account"
# Policies of which it is known whether they need an invite.
NEEDS_INVITE = {"public": False, "invite_only": True}
# What is answered to sign-ins after too many wrong passwords.
LOCKED = (423, 429)


@dataclass(frozen=True)
class Founder:
    """An account that registered with a tenant of its own."""

    email: str
    password: str = field(repr=False)
    session: Answer = field(repr=False)

    @property
    def tenant_id(self) -> str:
        """The tenant that the account founded."""
        return str(self.session.value("/tenant_id"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def founder(
    anonymous: Caller, operator: Actor, expect: Expect, run: Run, session_cleanup: Cleanup
) -> Founder:
    """
    An account of this run that registered, invited where the policy asks for that.

    It cannot be deleted: it stays behind, in a tenant that is deprovisioned at the end.
    """
    must_be_writable(operator, "account")
    founder = _address(run, "founder"), new_password(run)
    body = {"email": founder[0], "password": founder[1], "accept_terms": True}
    body |= {"tenant_name": f"Smoke founded {run.id}", "invite_token": None}
    if expect(await anonymous.call(POLICY)).value("/invite_required"):
        invite = expect(await operator.call(f"POST {INVITES}", json={"invited_email": founder[0]}))
        body["invite_token"] = secret(run, invite.value("/invite_token"))
    sent = await anonymous.call(REGISTER, json=body, headers=caller_address(run))
    session = expect(not_limited(sent))
    path = {"tenant_id": str(session.value("/tenant_id"))}
    session_cleanup(operator, DEPROVISION, json=RUN_IS_OVER, **path)
    run.stays("account", founder[0])
    run.stays("tenant", f"{path['tenant_id']}, deprovisioned")
    return Founder(*founder, session)


@exercises(POLICY)
async def test_policy_is_consistent(anonymous: Caller, expect: Expect) -> None:
    """The policy says who may register: everybody without an invite, or only the invited."""
    policy = expect(await anonymous.call(POLICY))
    if policy.value("/policy") in NEEDS_INVITE:
        policy.holds("/invite_required", NEEDS_INVITE[policy.json["policy"]])


@exercises(ASK, REQUESTS, REJECT)
async def test_rejected_request_is_listed_as_rejected(
    anonymous: Caller, operator: Actor, expect: Expect, run: Run, lists: Lists
) -> None:
    """A request for access is pending until the operator rejects it; then it is not any more."""
    request_id = await _ask(anonymous, operator, expect, run, lists, "stays-out")
    body = {"reason": f"smoke {run.id}"}
    rejected = expect(await operator.call(REJECT, json=body, request_id=request_id))
    rejected.holds("/request/status", "rejected")
    row = {"id": request_id, "status": "rejected"}
    await lists.row(operator, REQUESTS, row, status="rejected")
    await lists.lack(operator, REQUESTS, {"id": request_id}, status="pending")


@exercises(ASK, APPROVE)
async def test_approved_request_makes_an_invite(
    anonymous: Caller, operator: Actor, expect: Expect, run: Run, lists: Lists
) -> None:
    """An approved request is listed as approved; an invite that it gives is then revoked."""
    request_id = await _ask(anonymous, operator, expect, run, lists, "wants-in")
    approved = expect(await operator.call(APPROVE, json={}, request_id=request_id))
    approved.holds("/request/status", "approved")
    row = {"id": request_id, "status": "approved"}
    await lists.row(operator, REQUESTS, row, status="approved")
    if approved.json.get("invite"):  # none is needed where everybody may register
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
    """An account that registers owns a tenant, closed until its address is verified."""
    session = expect(founder.session.exchange)
    caller = anonymous.bearing(secret(anonymous.client.run, session.value("/access_token")))
    me = expect(await caller.call(ME))
    me.holds("/data/email", founder.email).holds("/data/role", "owner")
    me.holds("/data/tenant_id", founder.tenant_id)
    opened = 200 if session.json["email_verified"] else 403
    expect(await caller.call(ACCOUNT), opened)


@exercises(REGISTER)
async def test_address_registers_once(
    founder: Founder, anonymous: Caller, expect: Expect, run: Run
) -> None:
    """An address that has an account cannot register again."""
    expect(founder.session.exchange)
    body = {"email": founder.email, "password": new_password(run), "accept_terms": True}
    again = {**body, "tenant_name": f"Smoke founded {run.id}"}
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
    founder: Founder, anonymous: Caller, expect: Expect, options: Mapping[str, Any]
) -> None:
    """After at most the stated number of wrong passwords, even the right one is refused."""
    most = int(options["lockout_after"])
    if not most:
        raise LeftOutError("options.lockout_after is 0: this deployment locks no account")
    expect(await _sign_in(founder, anonymous, "wrong-password-0"), 401)
    for number in range(1, most):
        wrong = expect(await _sign_in(founder, anonymous, f"wrong-password-{number}"), 401, *LOCKED)
        if wrong.exchange.status in LOCKED:
            break
    expect(await _sign_in(founder, anonymous, founder.password), *LOCKED)


async def _sign_in(founder: Founder, anonymous: Caller, password: str) -> Exchange:
    body = {"email": founder.email, "password": password, "tenant_id": founder.tenant_id}
    return await anonymous.call(SIGN_IN, json=body, at_once=True)


async def _ask(
    anonymous: Caller, operator: Actor, expect: Expect, run: Run, lists: Lists, who: str
) -> str:
    """Ask for access and return the id of the one pending request that the operator finds."""
    must_be_writable(anonymous, "request for access")
    email = _address(run, who)
    body = {"email": email, "organization": "Smoke", "full_name": "Smoke Run", "accept_terms": True}
    sent = not_limited(await anonymous.call(ASK, json=body, headers=caller_address(run)))
    if sent.status in (403, 404):
        policy = expect(await anonymous.call(POLICY)).json
        if not policy["request_access_enabled"]:
            raise LeftOutError("the sign-up policy does not let people ask for access")
    expect(sent)
    run.stays("sign-up request", email)
    row = await lists.row(operator, REQUESTS, {"email": email}, status="pending")
    run.own(REJECT, {"request_id": str(row["id"])})
    return str(row["id"])


def _address(run: Run, who: str) -> str:
    """An address in a domain of the run's own: sign-ups are limited by domain too."""
    return f"smoke-{who}@smoke-{run.id}.example.com"
