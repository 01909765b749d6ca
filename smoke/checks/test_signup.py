"""Can somebody ask to come in, and does the operator decide?"""

from smoke import Actor, Caller, Cleanup, Expect, LeftOutError, Lists, Run, exercises, together
from smoke.checks.accounts import (
    DEPROVISION,
    RUN_IS_OVER,
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
REVOKE = f"POST {INVITES}/{{invite_id}}/revoke"
REGISTER = "POST /api/v1/auth/register"
NEEDS_INVITE = {"public": False, "invite_only": True}
"""Policies of which it is known whether they need an invite."""


@exercises(POLICY)
async def test_policy_is_known(anonymous: Caller, expect: Expect) -> None:
    """The policy says who may register: everybody without an invite, or only the invited."""
    policy = expect(await anonymous.call(POLICY))
    if policy.value("/policy") in NEEDS_INVITE:
        policy.holds("/invite_required", NEEDS_INVITE[policy.json["policy"]])


@exercises(ASK, REQUESTS, REJECT)
async def test_rejected_request_is_listed_as_such(
    anonymous: Caller, operator: Actor, expect: Expect, run: Run, lists: Lists
) -> None:
    """A request for access is listed as pending, and as rejected when the operator says no."""
    email = _address(run, "stays-out")
    request_id = await _asked(anonymous, operator, expect, run, lists, email)
    body = {"reason": f"smoke {run.id}"}
    rejected = expect(await operator.call(REJECT, json=body, request_id=request_id))
    rejected.holds("/request/status", "rejected")
    wanted = {"id": request_id, "status": "rejected"}
    listed = await lists.rows(operator, REQUESTS, wanted, status="rejected")
    expect.that("listed as rejected", bool(listed))


@exercises(ASK, APPROVE)
async def test_approved_request_makes_an_invite(
    anonymous: Caller, operator: Actor, expect: Expect, run: Run, lists: Lists
) -> None:
    """An approved request is listed as such; an invite that it gives is then revoked."""
    email = _address(run, "wants-in")
    request_id = await _asked(anonymous, operator, expect, run, lists, email)
    approved = expect(await operator.call(APPROVE, json={}, request_id=request_id))
    approved.holds("/request/status", "approved")
    wanted = {"id": request_id, "status": "approved"}
    listed = await lists.rows(operator, REQUESTS, wanted, status="approved")
    expect.that("listed as approved", bool(listed))
    if approved.json.get("invite"):  # none is needed where everybody may register
        secret(run, approved.value("/invite/invite_token"))
        invite_id = str(approved.value("/invite/id"))
        run.own(REVOKE, {"invite_id": invite_id})
        expect(await operator.call(REVOKE, invite_id=invite_id)).holds("/status", "revoked")


@exercises(f"POST {INVITES}", f"GET {INVITES}", REVOKE)
async def test_revoked_invite_is_listed_as_such(
    operator: Actor, expect: Expect, run: Run, lists: Lists
) -> None:
    """An operator's invite is listed as active, and as revoked when it was revoked."""
    email = _address(run, "invited")
    issued = expect(await operator.call(f"POST {INVITES}", json={"invited_email": email}))
    secret(run, issued.value("/invite_token"))
    invite_id = str(issued.value("/id"))
    run.own(REVOKE, {"invite_id": invite_id})
    for status in ("active", "revoked"):
        found = {"id": invite_id}
        rows = await lists.rows(operator, f"GET {INVITES}", found, email=email)
        states = [row["status"] for row in rows]
        expect.that(f"listed as {status}, once", states == [status], states)
        expect(await operator.call(REVOKE, invite_id=invite_id))


async def test_requests_and_invites_are_for_operators(member: Actor, expect: Expect) -> None:
    """Somebody who is no operator neither sees requests nor invites."""
    for exchange in await together([member.call(REQUESTS), member.call(f"GET {INVITES}")]):
        expect(exchange, 403)


@exercises(REGISTER)
async def test_founder_owns_a_tenant(
    anonymous: Caller, operator: Actor, expect: Expect, run: Run, cleanup: Cleanup
) -> None:
    """Who registers owns a tenant, which is shut as long as the address is not verified.

    The account cannot be deleted; it stays behind in a tenant that is deprovisioned at the end.
    """
    address = _address(run, "founder")
    body = {"email": address, "password": new_password(run), "accept_terms": True}
    body |= {"tenant_name": f"Smoke founded {run.id}", "invite_token": None}
    if (await anonymous.call(POLICY)).json["invite_required"]:
        invite = expect(await operator.call(f"POST {INVITES}", json={"invited_email": address}))
        body["invite_token"] = secret(run, invite.value("/invite_token"))
    sent = await anonymous.call(REGISTER, json=body, headers=caller_address(run))
    session = expect(not_limited(sent))
    tenant_id = str(session.value("/tenant_id"))
    cleanup(operator, DEPROVISION, json=RUN_IS_OVER, tenant_id=tenant_id)
    founder = anonymous.bearing(secret(run, session.value("/access_token")))
    me = expect(await founder.call("GET /api/v1/users/me"))
    me.holds("/data/email", address).holds("/data/role", "owner").holds(
        "/data/tenant_id", tenant_id
    )
    opened = 200 if session.json["email_verified"] else 403
    expect(await founder.call("GET /api/v1/tenants/account"), opened)


async def test_short_password_registers_nobody(anonymous: Caller, expect: Expect, run: Run) -> None:
    """A registration with a password that is too short is refused."""
    email = _address(run, "never")
    body = {"email": email, "password": "Sh0rt!", "tenant_name": "Smoke", "accept_terms": True}
    refused = await anonymous.call(REGISTER, json=body, headers=caller_address(run))
    expect(not_limited(refused), 422)


async def _asked(
    anonymous: Caller, operator: Actor, expect: Expect, run: Run, lists: Lists, email: str
) -> str:
    """Ask for access and return the id under which the operator finds it pending."""
    must_be_writable(anonymous, "request for access")
    body = {"email": email, "organization": "Smoke", "full_name": "Smoke Run", "accept_terms": True}
    sent = not_limited(await anonymous.call(ASK, json=body, headers=caller_address(run)))
    policy = expect(await anonymous.call(POLICY)).json
    if sent.status in (403, 404) and not policy["request_access_enabled"]:
        raise LeftOutError("nobody can ask for access here: the sign-up policy says so")
    expect(sent)
    wanted = {"email": email}
    found = await lists.rows(operator, REQUESTS, wanted, status="pending")
    expect.that("the request listed as pending, once", len(found) == 1, len(found))
    request_id = str(found[0]["id"])
    run.own(REJECT, {"request_id": request_id})
    return request_id


def _address(run: Run, who: str) -> str:
    """An address in a domain of the run's own: sign-ups are limited by domain too."""
    return f"smoke-{who}@smoke-{run.id}.example.com"
